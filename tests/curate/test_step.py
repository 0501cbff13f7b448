"""The current view: one row an article, at home in one month, whoever published what in which order."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klartext.curate import curate, curate_months
from klartext.lake import Lake, current_view, layout, summary, tables, version_index
from klartext.lake.curated_state import pending_months
from klartext.lake.months import month_of, zone_of
from klartext.model import Article
from klartext.publish import publish_batch
from support.lakes import Place
from support.sample_lake import contents, publish, stage
from support.sample_rows import article, batch, capture, moment, reject, teaser


def view(lake: Lake) -> dict[str, list[dict[str, Any]]]:
    """The rows of the current view by month."""
    names = lake.published_files("articles")
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


def test_several_months_are_rebuilt_in_one_pass_and_equal_those_rebuilt_one_by_one(place: Place) -> None:
    one, other = place("one"), place("other")
    moments = [f"2024-{month:02}-15T08:00" for month in range(1, 13)]
    for lake in (one, other):
        rows = [article(n, published_at=moment(at)) for n, at in enumerate(moments)]
        stage(lake, batch("2024-12-31"), rows)
        publish_batch(lake, batch("2024-12-31"))
    months = [at[:7] for at in moments]
    done = curate_months(one, "dwn", [*months, *months, "1999-01"])
    assert done.rows == dict.fromkeys(months, 1) | {"1999-01": 0}
    assert done.versions == done.rows
    assert done.failed == {}
    for month in months:
        curate(other, "dwn", month)
    assert contents(one, "lake") == contents(other, "lake")


def test_each_row_group_is_read_once_for_all_months(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [f"2024-{month:02}-15T08:00" for month in range(1, 13)]
    stage(lake, batch("2024-12-31"), [article(n, published_at=moment(at)) for n, at in enumerate(moments)])
    publish_batch(lake, batch("2024-12-31"))
    read: list[int] = []
    reading = version_index.read_versions

    def counted(lake: Lake, groups: Any, ids: Any, columns: Any) -> Any:
        read.append(len(groups))
        return reading(lake, groups, ids, columns)

    monkeypatch.setattr(version_index, "read_versions", counted)
    curate_months(lake, "dwn", [at[:7] for at in moments])
    assert read == [1, 1], "once for the history of the articles, once for their content"


def test_a_month_that_fails_is_named_and_the_others_are_rebuilt(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [article(1, published_at=moment("2024-04-15T08:00")), article(2, published_at=moment("2024-05-15T08:00"))]
    stage(lake, batch(), rows)
    publish_batch(lake, batch())
    replace = lake.replace_month_if_unchanged

    def full(source: str, month: str, *more: Any) -> bool:
        if month == "2024-04":
            raise OSError("no space left on the device")
        return replace(source, month, *more)

    monkeypatch.setattr(lake, "replace_month_if_unchanged", full)
    done = curate_months(lake, "dwn", ["2024-04", "2024-05"])
    assert done.failed == {"2024-04": "OSError: no space left on the device"}
    assert done.rows == {"2024-05": 1}
    assert view(lake).keys() == {"2024-05"}
    assert pending_months(lake, "dwn") == ["2024-04"]


def test_a_batch_that_is_published_while_months_are_rebuilt_is_in_them(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [article(1, published_at=moment("2024-04-15T08:00")), article(2, published_at=moment("2024-05-15T08:00"))]
    stage(lake, batch(), rows)
    publish_batch(lake, batch())
    reading = current_view.read_months
    reads: list[list[str]] = []

    def meanwhile(lake: Lake, source: str, months: Any) -> Any:
        found = reading(lake, source, months)
        reads.append(list(months))
        if len(reads) == 1:
            stage(lake, batch("2024-05-16"), [article(3, published_at=moment("2024-05-16T08:00"))])
            publish_batch(lake, batch("2024-05-16"))
        return found

    monkeypatch.setattr(current_view, "read_months", meanwhile)
    assert curate_months(lake, "dwn", ["2024-04", "2024-05"]).rows == {"2024-04": 1, "2024-05": 2}
    assert reads == [["2024-04", "2024-05"], ["2024-05"]], "only the month that has changed is read again"


def test_what_lacks_a_published_batch_is_pending(lake: Lake) -> None:
    assert pending_months(lake, "dwn") == []
    publish(lake, batch(), article(1))
    assert pending_months(lake, "dwn") == []
    stage(lake, batch("2024-05-02"), [article(2, published_at=moment("2024-06-01T08:00"))])
    publish_batch(lake, batch("2024-05-02"))
    assert pending_months(lake, "dwn") == ["2024-06"]
    assert pending_months(lake, "dwn", older_than=3600) == [], "its run may be under way"
    curate(lake, "dwn", "2024-06")
    assert pending_months(lake, "dwn") == []
    stage(lake, batch("2024-05-02"), [])
    publish_batch(lake, batch("2024-05-02"))
    assert pending_months(lake, "dwn") == ["2024-06"], "its article is not published any more"
    curate(lake, "dwn", "2024-06")
    assert pending_months(lake, "dwn") == []
    lake.storage.remove(layout.month_file("dwn", "2024-05"))
    assert pending_months(lake, "dwn") == ["2024-05"]
    lake.storage.put(layout.curated_state("dwn"), b"broken")
    assert pending_months(lake, "dwn") == ["2024-05"]
    curate(lake, "dwn", "2024-05")
    assert pending_months(lake, "dwn") == []


def test_rows_of_the_source_of_all_other_hosts_are_sorted_by_site(lake: Lake) -> None:
    def of_site(site: str, number: int, day: int) -> Article:
        return article(number, site=site, article_id=f"{site}:{number}", published_at=moment(f"2024-05-{day:02}T08:00"))

    rows = [of_site("zwei.de", 1, 1), of_site("eins.de", 2, 9), of_site("zwei.de", 3, 3), of_site("eins.de", 4, 8)]
    publish(lake, batch(source="other"), *rows)
    (found,) = view(lake).values()
    assert [row["article_id"] for row in found] == ["eins.de:4", "eins.de:2", "zwei.de:1", "zwei.de:3"]


def test_a_row_names_its_source_and_month_for_readers_that_do_not_see_folders(lake: Lake) -> None:
    publish(
        lake,
        batch(),
        article(1),
        article(2, published_at=moment("2024-04-30T22:30")),
    )
    publish(lake, batch(source="other"), article(3, article_id="zeitung.de:3", published_at=moment("2024-04-30T22:30")))
    found = {}
    for name in lake.published_files("articles"):
        place = layout.partitions(name)
        for row in tables.from_parquet("current", lake.storage.read(name) or b"").to_pylist():
            found[row["article_id"]] = row["in_source"], row["in_month"]
            assert found[row["article_id"]] == (place["source"], place["month"])
    assert found == {"dwn:1": ("dwn", "2024-05"), "dwn:2": ("dwn", "2024-05"), "zeitung.de:3": ("other", "2024-04")}
