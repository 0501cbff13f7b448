"""The copy of where versions lie: it may lag, be lost or torn, and the view is the same."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klartext.lake import Lake, curate, layout, places, publish_batch, tables
from klartext.lake.storage import Storage
from klartext.model import Article
from lake.samples import article, batch, moment
from lake.samples_lake import bucket, contents, publish, stage

COPY = layout.places("dwn")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def age(lake: Lake) -> None:
    """As if all that is published were so long ago."""
    assert lake.storage.disk
    young = time.time() - 60
    found = [path for path in (lake.storage.disk / "lake" / "versions").rglob("*") if path.stat().st_mtime > young]
    for number, path in enumerate(found):
        os.utime(path, ns=(0, time.time_ns() - (3600 + number) * 10**9))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four files are as many as a copy is worth."""
    monkeypatch.setattr(places, "_MANY", 4)


def days(lake: Lake, first: int, last: int) -> None:
    for number in range(first, last):
        day = batch("2024-05-01", name=f"dwn-{number:03}")
        stage(lake, day, [article(number), article(number + 1000, published_at=moment("2023-02-01T08:00"))])
        publish_batch(lake, day)


def test_a_small_or_young_source_has_no_copy(lake: Lake) -> None:
    days(lake, 0, 3)
    age(lake)
    assert curate(lake, "dwn", "2024-05") == 3
    days(lake, 3, 6)
    assert curate(lake, "dwn", "2024-05") == 6
    assert not lake.storage.exists(COPY)


def test_what_the_copy_knows_is_not_opened_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    days(lake, 0, 5)
    age(lake)
    curate(lake, "dwn", "2024-05")
    assert lake.storage.exists(COPY)
    assert contents(lake, "lake/articles").keys() == {layout.articles("dwn", "2024-05")}
    publish(lake, batch("2024-06-01"), article(5000, published_at=moment("2024-06-01T08:00")))
    opened = []
    read = Storage.open_input
    monkeypatch.setattr(Storage, "open_input", lambda self, name: opened.append(name) or read(self, name))
    curate(lake, "dwn", "2024-06")
    assert {Path(name).stem for name in opened} == {"dwn-2024-06-01"}


@pytest.mark.parametrize("harm", ["lost", "torn", "empty", "another version", "of another lake", "older"])
def test_a_copy_that_is_lost_torn_or_stale_heals(lake: Lake, tmp_path: Path, harm: str) -> None:
    days(lake, 0, 5)
    age(lake)
    curate(lake, "dwn", "2024-05")
    old = lake.storage.read(COPY)
    assert old
    for number in range(4):  # the same names, other rows
        publish(lake, batch("2024-05-01", name=f"dwn-{number:03}"), article(number, title=f"Neu {number}"))
    age(lake)
    curate(lake, "dwn", "2024-05")
    expected = contents(lake, "lake")
    other = Lake.open(str(tmp_path / "other"))
    days(other, 3, 8)
    age(other)
    curate(other, "dwn", "2024-05")
    harmed = {
        "torn": old[: len(old) // 2], "empty": b"",
        "another version": old.replace(b"klartext.places", b"klartext.plates"),
        "of another lake": other.storage.read(COPY), "older": old,
    }.get(harm)  # fmt: skip
    lake.storage.remove(COPY) if harmed is None else lake.storage.put(COPY, harmed)
    for month in ("2024-05", "2023-02"):
        curate(lake, "dwn", month)
    assert contents(lake, "lake") == expected
    assert lake.storage.read(COPY) != harmed


def test_folders_at_rest_are_not_listed_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(1, 10):
        publish(lake, batch(f"2024-05-0{day}"), article(day))
    age(lake)
    places.of(lake, "dwn")
    publish(lake, batch("2024-05-03"), article(3, title="Neu"), article(10))
    listed = []
    marks = Storage.marks
    monkeypatch.setattr(Storage, "marks", lambda self, *names: listed.append(names[0]) or marks(self, *names))
    found = places.of(lake, "dwn")
    assert listed == ["lake/versions/source=dwn/date=2024-05-03"]
    assert found.listed == marks(lake.storage, "lake/versions/source=dwn", ".parquet")
    assert found.rows.num_rows == 10


def test_only_the_row_groups_of_a_month_are_read(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROW_GROUP", 10)
    rows = [article(n, published_at=moment(f"20{10 + n // 12}-{n % 12 + 1:02}-10T08:00")) for n in range(120)]
    stage(lake, batch(), rows)
    publish_batch(lake, batch())
    found = places.of(lake, "dwn").of_month(moment("2013-04-01T00:00"), moment("2013-05-01T00:00"))
    assert list(found.groups().values()) == [[3]]
    assert curate(lake, "dwn", "2013-04") == 1


def test_numbers_that_share_a_short_hash_keep_apart(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_short", lambda name: len(name))
    rows = [article(n, published_at=moment(f"2024-0{n % 3 + 4}-10T08:00")) for n in range(9)]
    publish(lake, batch(), *rows)
    assert [curate(lake, "dwn", f"2024-0{month}") for month in (4, 5, 6)] == [3, 3, 3]


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_with_any_copy_the_view_is_that_of_a_lake_without(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    """Publishing, emptying, ageing, losing and putting back old copies, in any order."""
    folder = tmp_path_factory.mktemp("lakes")
    wild, plain = Lake.open(str(folder / "wild")), Lake.open(str(folder / "plain"))
    copies: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        for _ in range(6):
            day = batch(name=f"dwn-{chance.randrange(5)}")
            rows = [_any(chance) for _ in range(chance.randrange(4))]
            patch.setattr(places, "_MANY", 1)
            touched = publish(wild, day, *rows)
            patch.setattr(places, "_MANY", 10**9)
            publish(plain, day, *rows)
            if chance.random() < 0.5:
                age(wild)
                patch.setattr(places, "_MANY", 1)
                places.of(wild, "dwn")
                copies += filter(None, [wild.storage.read(COPY)])
            if copies and chance.random() < 0.3:
                wild.storage.put(COPY, chance.choice(copies))
            for key in touched:
                curate(wild, *key.split("|"))
    assert copies or not contents(wild)
    assert contents(wild) == contents(plain)


def _any(chance: random.Random) -> Article:
    day = chance.randrange(1, 28)
    return article(
        chance.randrange(5), published_at=moment(f"2024-0{chance.randrange(3, 7)}-{day:02}T08:00"),
        fetched_at=moment(f"2024-07-{chance.randrange(1, 28):02}T04:00"), title=f"Titel {chance.randrange(3)}",
    )  # fmt: skip


# Two at once


@pytest.mark.parametrize("place", ["disk", "objects"])
def test_a_rebuild_that_was_overtaken_puts_no_older_view_in_place(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another batch is published and curated after this rebuild has read, just before it writes."""
    lake = Lake.open(str(tmp_path)) if place == "disk" else Lake(bucket())
    publish(lake, batch(), article(1, title="Erst"))
    stage(lake, batch("2024-05-03"), [article(1, title="Dann", fetched_at=moment("2024-05-04T04:00")), article(2)])
    replace, todo, written = Lake.replace, ["once"], []

    def overtaken(self: Lake, table: str, name: str, rows: object) -> None:
        if table == "current" and todo and place == "objects":  # nobody can be kept out there
            todo.clear()
            monkeypatch.setattr(Lake, "replace", replace)
            publish_batch(lake, batch("2024-05-03"))
            curate(lake, "dwn", "2024-05")
            monkeypatch.setattr(Lake, "replace", overtaken)
        if table == "current":
            written.append(rows.num_rows)
        replace(self, table, name, rows)

    alone = type(lake.storage).alone

    def just_before(self, folder):  # type: ignore[no-untyped-def]
        if todo and place == "disk":
            todo.clear()
            publish_batch(lake, batch("2024-05-03"))
            curate(lake, "dwn", "2024-05")
        return alone(self, folder)

    monkeypatch.setattr(Lake, "replace", overtaken)
    monkeypatch.setattr(type(lake.storage), "alone", just_before)
    assert curate(lake, "dwn", "2024-05") == 2
    view = tables.decode("current", lake.storage.read(layout.articles("dwn", "2024-05")) or b"")
    assert view["title"].to_pylist()[0] == "Dann"
    assert written == ([2, 2] if place == "disk" else [1, 2])
