"""The copy of where versions lie: it may lag, be lost or torn, and the view is the same."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klartext.curate import curate
from klartext.lake import Lake, layout, tables, version_index
from klartext.lake.disk_storage import DiskStorage
from klartext.model import Article
from klartext.publish import publish_batch
from support.lakes import Place
from support.sample_lake import contents, publish, stage
from support.sample_rows import article, batch, moment

COPY = layout.version_index("dwn")


def age(lake: Lake) -> None:
    """As if all that is published were so long ago."""
    if lake.storage.disk is None:
        version_index._FRESH = -(10**13)  # an object's time cannot be set
        return
    young = time.time() - 60
    found = [path for path in (lake.storage.disk / "lake" / "versions").rglob("*") if path.stat().st_mtime > young]
    for number, path in enumerate(found):
        os.utime(path, ns=(0, time.time_ns() - (3600 + number) * 10**9))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four files are as many as a copy is worth."""
    monkeypatch.setattr(version_index, "_STALE_FILES", 4)
    monkeypatch.setattr(version_index, "_FRESH", version_index._FRESH)  # so that it is put back after :func:`age`


def days(lake: Lake, first: int, last: int) -> None:
    for number in range(first, last):
        day = batch("2024-05-01", name=f"dwn-{number:03}")
        stage(lake, day, [article(number), article(number + 1000, published_at=moment("2023-02-01T08:00"))])
        publish_batch(lake, day)


def test_a_small_or_young_source_has_no_copy(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
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
    assert contents(lake, "lake/articles").keys() == {layout.month_file("dwn", "2024-05")}
    publish(lake, batch("2024-06-01"), article(5000, published_at=moment("2024-06-01T08:00")))
    opened = []
    storage = type(lake.storage)
    read = storage.open_input
    monkeypatch.setattr(storage, "open_input", lambda self, name: opened.append(name) or read(self, name))
    curate(lake, "dwn", "2024-06")
    assert {name for name in opened if name.startswith("lake/")} == {
        layout.published_file(batch("2024-06-01"), "versions")
    }


def test_a_copy_that_is_lost_torn_or_stale_heals(lake: Lake, place: Place) -> None:
    days(lake, 0, 5)
    age(lake)
    curate(lake, "dwn", "2024-05")
    old = lake.storage.read(COPY)
    assert old
    for number in range(4):  # the same names, other rows
        stage(lake, day := batch("2024-05-01", name=f"dwn-{number:03}"), [article(number, title=f"Neu {number}")])
        publish_batch(lake, day)
    age(lake)
    for month in ("2024-05", "2023-02"):
        curate(lake, "dwn", month)
    expected = contents(lake, "lake")
    other = place("other")
    days(other, 3, 8)
    curate(other, "dwn", "2024-05")
    harms = {
        "lost": None, "torn": old[: len(old) // 2], "empty": b"",
        "another version": old.replace(b"klartext.version_index", b"klartext.version_indices"),
        "of another lake": other.storage.read(COPY), "older": old,
    }  # fmt: skip
    for harm, copy in harms.items():
        lake.storage.remove(COPY) if copy is None else lake.storage.put(COPY, copy)
        for month in ("2024-05", "2023-02"):
            curate(lake, "dwn", month)
        assert contents(lake, "lake") == expected, harm
        assert lake.storage.read(COPY) != copy, harm


def test_folders_at_rest_are_not_listed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(str(tmp_path))
    for day in range(1, 10):
        publish(lake, batch(f"2024-05-0{day}"), article(day))
    age(lake)
    version_index.load(lake, "dwn")
    publish(lake, batch("2024-05-03"), article(3, title="Neu"), article(10))
    listed = []
    stats = DiskStorage.stats
    monkeypatch.setattr(DiskStorage, "stats", lambda self, *names: listed.append(names[0]) or stats(self, *names))
    found = version_index.load(lake, "dwn")
    assert listed == ["lake/versions/source=dwn/date=2024-05-03"]
    everything = stats(lake.storage, "lake/versions/source=dwn", ".parquet")
    assert set(found.files["name"].to_pylist()) == everything.keys()
    assert found.listing.files.keys() == {name for name in everything if "date=2024-05-03" in name}
    assert found.rows.num_rows == 10


def test_only_the_row_groups_of_a_month_are_read(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROW_GROUP", 10)
    rows = [article(n, published_at=moment(f"20{10 + n // 12}-{n % 12 + 1:02}-10T08:00")) for n in range(120)]
    stage(lake, batch(), rows)
    publish_batch(lake, batch())
    found = version_index.load(lake, "dwn").of_month(moment("2013-04-01T00:00"), moment("2013-05-01T00:00"))
    assert list(found.row_groups().values()) == [[3]]
    assert curate(lake, "dwn", "2013-04") == 1


def test_numbers_that_share_a_short_hash_keep_apart(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_index, "_hash", lambda name: len(name))
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
            patch.setattr(version_index, "_STALE_FILES", 1)
            touched = publish(wild, day, *rows)
            patch.setattr(version_index, "_STALE_FILES", 10**9)
            publish(plain, day, *rows)
            if chance.random() < 0.5:
                age(wild)
                patch.setattr(version_index, "_STALE_FILES", 1)
                version_index.load(wild, "dwn")
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
