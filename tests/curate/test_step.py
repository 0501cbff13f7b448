"""The current view: one row an article, at home in one month, whoever published what in which order."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klartext.curate import curate
from klartext.lake import Lake, summary, tables
from klartext.lake.months import month_of, zone_of
from klartext.model import Article
from klartext.publish import publish_batch
from support.lakes import Place
from support.sample_lake import contents, publish, stage
from support.sample_rows import article, batch, capture, moment, reject, teaser


def view(lake: Lake) -> dict[str, list[dict[str, Any]]]:
    """The rows of the current view by month."""
    names = lake.storage.files("lake/articles", ".parquet")
    rows = {name: tables.from_parquet("current", lake.storage.read(name) or b"").to_pylist() for name in names}
    return {name.split("month=")[1][:7]: rows[name] for name in names}


def test_a_month_ends_at_midnight_at_the_publishers_place(lake: Lake) -> None:
    rows = [
        article(1, published_at=moment("2024-04-30T21:59")),
        article(2, published_at=moment("2024-04-30T22:00")),
        article(3, published_at=moment("2024-04-30T22:30")),
        article(4, published_at=moment("2024-12-31T22:59")),
        article(5, published_at=moment("2024-12-31T23:00")),
    ]
    assert publish(lake, batch(), *rows) == ["dwn|2024-04", "dwn|2024-05", "dwn|2024-12", "dwn|2025-01"]
    found = {month: [row["article_id"] for row in rows] for month, rows in view(lake).items()}
    assert found == {"2024-04": ["dwn:1"], "2024-05": ["dwn:2", "dwn:3"], "2024-12": ["dwn:4"], "2025-01": ["dwn:5"]}


def test_the_place_is_the_sources(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nippon.yaml").write_text("slug: nippon\nname: Nippon\nhosts: [nippon.test]\ntime_zone: Asia/Tokyo\n")
    monkeypatch.setenv("KLARTEXT_SOURCES", str(tmp_path))
    row = article(1, published_at=moment("2024-04-30T15:00"))
    assert publish(lake, batch(source="nippon"), row) == ["nippon|2024-05"]
    assert publish(lake, batch(source="faz.net"), row) == ["faz.net|2024-04"]


def test_an_article_that_is_redated_stays_where_it_is(lake: Lake) -> None:
    first = article(1, fetched_at=moment("2024-05-02T04:00"))
    later = article(
        1, fetched_at=moment("2024-06-03T04:00"), published_at=moment("2024-06-02T09:00"), title="Neu datiert"
    )
    publish(lake, batch(), first)
    assert publish(lake, batch("2024-06-03"), later) == ["dwn|2024-05", "dwn|2024-06"]
    assert {month: [row["title"] for row in rows] for month, rows in view(lake).items()} == {"2024-05": ["Neu datiert"]}


def test_an_earlier_capture_found_later_brings_the_article_home(lake: Lake) -> None:
    publish(lake, batch("2024-06-03"), article(1, fetched_at=moment("2024-06-03T04:00"),
                                              published_at=moment("2024-06-02T09:00")))  # fmt: skip
    publish(lake, batch(), article(1))
    assert {month: len(rows) for month, rows in view(lake).items()} == {"2024-05": 1}


def test_without_a_date_the_first_capture_counts_until_a_date_is_known(lake: Lake) -> None:
    publish(lake, batch(), article(1, published_at=None, fetched_at=moment("2024-05-31T22:10")))
    assert list(view(lake)) == ["2024-06"]
    publish(lake, batch("2024-07-01"), article(1, fetched_at=moment("2024-07-01T04:00")))
    assert list(view(lake)) == ["2024-05"]


def test_the_version_captured_last_is_the_current_one_whoever_published_it_first(place: Place) -> None:
    early = article(1, title="Erst", fetched_at=moment("2024-05-02T04:00"))
    late = article(1, title="Zuletzt", fetched_at=moment("2024-05-03T04:00"))
    for name, order in {"a": (early, late), "b": (late, early)}.items():
        lake = place(name)
        for row in order:
            publish(lake, batch(name=f"dwn-{row.title}"), row)
        assert [row["title"] for row in view(lake)["2024-05"]] == ["Zuletzt"]
    assert contents(place("a"), "lake/articles") == contents(place("b"), "lake/articles") != {}


def test_rows_are_sorted_by_time_then_number(lake: Lake) -> None:
    publish(
        lake,
        batch(),
        article(3, published_at=None, fetched_at=moment("2024-05-02T04:00")),
        article(2),
        article(1),
        article(9, published_at=moment("2024-05-01T00:00")),
    )
    assert [row["article_id"] for row in view(lake)["2024-05"]] == ["dwn:9", "dwn:1", "dwn:2", "dwn:3"]


def test_a_month_that_is_none_is_refused(lake: Lake) -> None:
    with pytest.raises(ValueError, match="isoformat"):
        curate(lake, "dwn", "2024-5")
    with pytest.raises(ValueError, match="month"):
        curate(lake, "dwn", "2024-13")


def test_curating_a_month_of_nothing_leaves_nothing(lake: Lake) -> None:
    assert curate(lake, "dwn", "2024-05") == 0
    assert contents(lake) == {}


def test_the_summary_counts_teasers_where_their_article_is(lake: Lake) -> None:
    day = batch("2026-01-01")  # imported long after
    stage(lake, day, [article(1), article(2)], [teaser(1), teaser(1, 2), teaser(99)],
          [reject(5), reject(6, published_at=moment("2024-04-30T22:30"))], [])  # fmt: skip
    for key in publish_batch(lake, day)["partitions"]:
        curate(lake, *key.split("|"))
    assert summary(lake) == [
        {"source": "dwn", "month": "2024-05", "articles": 2, "teasers": 2, "rejects": 1},
        {"source": "dwn", "month": "2026-01", "articles": 0, "teasers": 1, "rejects": 1},
    ]


# Whatever is published in whatever order

DAYS = st.integers(0, 75).map(lambda days: moment("2024-04-15T00:00") + dt.timedelta(days=days, hours=days % 24))


@st.composite
def versions(draw: st.DrawFn) -> Article:
    number = draw(st.integers(1, 4))
    fetched = draw(DAYS)
    published = draw(st.none() | DAYS.filter(lambda at: at <= fetched))
    title = draw(st.sampled_from(["Erst", "Dann", "Zuletzt"]))
    place = capture(fetched, draw(st.integers(0, 2)))
    return article(number, fetched_at=fetched, published_at=published, title=title, capture=place)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(versions(), max_size=4), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_any_order_of_runs_and_reruns_ends_in_the_view_of_one_clean_pass(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Article]], chance: random.Random
) -> None:
    """Batches published in any order, some first with other rows, some twice, curated now or much later."""
    folder = tmp_path_factory.mktemp("lakes")
    clean, wild = Lake.open(str(folder / "clean")), Lake.open(str(folder / "wild"))
    for number, rows in enumerate(batches):
        publish(clean, batch(name=f"dwn-{number}"), *rows)

    order = [*range(len(batches)), *chance.choices(range(len(batches)), k=2)]
    chance.shuffle(order)
    pending: set[str] = set()
    for number in order:
        if chance.random() < 0.3:  # an earlier run of the batch saw other pages
            stage(wild, batch(name=f"dwn-{number}"), chance.choice(batches))
            pending |= set(publish_batch(wild, batch(name=f"dwn-{number}"))["partitions"])
        stage(wild, batch(name=f"dwn-{number}"), batches[number])
        pending |= set(publish_batch(wild, batch(name=f"dwn-{number}"))["partitions"])
        for key in sorted(pending):
            if chance.random() < 0.5:
                curate(wild, *key.split("|"))
                pending.discard(key)
    for key in sorted(pending):
        curate(wild, *key.split("|"))

    assert contents(wild) == contents(clean)
    _one_row_each(clean, [row for rows in batches for row in rows])


def _one_row_each(lake: Lake, published: list[Article]) -> None:
    """Every article once, at home where its first date says, with its last capture: worked out another way."""
    zone = zone_of("dwn")
    expected = {}
    for name in {row.article_id for row in published}:
        own = [row for row in published if row.article_id == name]
        first = min(row.fetched_at for row in own)
        dated = [row for row in own if row.published_at]
        earliest = min((row.fetched_at for row in dated), default=None)
        homes = {month_of(row.published_at, zone) for row in dated if row.fetched_at == earliest and row.published_at}
        expected[name] = homes or {month_of(first, zone)}
    found = [(row["article_id"], month, row) for month, rows in view(lake).items() for row in rows]
    assert sorted(name for name, *_ in found) == sorted(expected)
    for name, month, _row in found:
        assert month in expected[name]
