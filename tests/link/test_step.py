"""The tables follow from the articles, whatever happened in between."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klartext.lake import Lake, layout, lease, linked_files, linked_state, tables
from klartext.link import link, link_pending, step
from klartext.model import Article
from support.lakes import Place
from support.sample_lake import Killed, contents, dying
from support.sample_view import page, prose, write

STORY = prose("story", 90)
MONTHS = ("2024-03", "2024-04", "2024-05")


def rows(lake: Lake, table: str, month: str) -> list[dict[str, Any]]:
    data = lake.storage.read(layout.linked_file(table, month))
    assert data is not None
    found: list[dict[str, Any]] = tables.from_parquet(table, data).to_pylist()
    return found


def linked(lake: Lake) -> dict[str, str]:
    return {
        name: digest
        for folder in (*(layout.table_folder(table) for table in linked_files.TABLES), layout.SHINGLES)
        for name, digest in contents(lake, folder).items()
    }


def test_the_tables_of_a_month_and_the_next(lake: Lake) -> None:
    write(lake, "dwn", "2024-04", page(1, STORY, "2024-04-20"))
    write(lake, "zeit", "2024-05", page(2, STORY, "2024-05-02", "zeit"), page(3, prose(3, 80), "2024-05-03", "zeit"))
    done = link(lake, [("dwn", "2024-04"), ("zeit", "2024-05")])
    assert (done.pairs, done.failed) == ({"2024-04": 0, "2024-05": 1}, {})
    assert [row["kind"] for row in rows(lake, "shared_text", "2024-05")] == ["copy"]
    assert rows(lake, "shared_text", "2024-04") == []
    assert [(row["article_id"], row["because_of"]) for row in rows(lake, "keep", "2024-05")] == [
        ("zeit:2", "dwn:1"), ("zeit:3", None)
    ]  # fmt: skip
    assert link(lake, [("dwn", "2024-04"), ("zeit", "2024-05")]).pairs == {}, "nothing has changed"
    write(lake, "dwn", "2024-04", page(1, prose("other", 90), "2024-04-20", version_id="edited"))
    assert link(lake, [("dwn", "2024-04")]).pairs == {"2024-04": 0, "2024-05": 0}
    write(lake, "dwn", "2024-04")
    write(lake, "zeit", "2024-05")
    assert link_pending(lake).failed == {}
    assert linked(lake) == {}, "without articles there are no files"


def test_a_view_that_is_written_again_with_the_same_rows_costs_nothing(lake: Lake) -> None:
    write(lake, "dwn", "2024-05", page(1, STORY))
    link_pending(lake)
    lake.storage.put(layout.month_file("dwn", "2024-05"), lake.storage.read(layout.month_file("dwn", "2024-05")) or b"")
    assert linked_state.pending_shingles(lake) or not lake.storage.disk, "a store may count whole seconds"
    assert link_pending(lake).pairs == {}
    assert linked_state.pending_shingles(lake) == []


def test_only_new_versions_are_split_into_words(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext.link import shingles

    split: list[str] = []
    made = shingles.of_text
    monkeypatch.setattr(shingles, "of_text", lambda text: (split.append(text), made(text))[1])
    write(lake, "dwn", "2024-05", page(1, STORY), page(2, prose(2, 80)))
    link_pending(lake)
    assert len(split) == 2
    write(lake, "dwn", "2024-05", page(1, STORY), page(2, prose(2, 80)), page(3, prose(3, 80)))
    link_pending(lake)
    assert [text.split() for text in split[2:]] == [prose(3, 80)]


def test_a_month_that_fails_does_not_hold_up_the_others(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    for month in MONTHS:
        write(lake, "dwn", month, page(int(month[-1]), STORY, f"{month}-05"))
    compute = step.compute_month

    def broken(lake: Lake, month: str, keys: Any) -> Any:
        if month == "2024-04":
            raise OSError("the disk has a bad sector")
        return compute(lake, month, keys)

    monkeypatch.setattr(step, "compute_month", broken)
    done = link_pending(lake)
    assert done.pairs.keys() == {"2024-03", "2024-05"}
    assert list(done.failed) == ["2024-04"]
    assert "bad sector" in done.failed["2024-04"]
    monkeypatch.undo()
    assert link(lake, [], ["2024-04"]).pairs.keys() == {"2024-04"}


def test_a_lease_keeps_two_processes_from_computing_a_month(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write(lake, "dwn", "2024-05", page(1, STORY))
    monkeypatch.setattr(step, "PATIENCE", 0.0)
    with lease.hold(lake.storage, "shared-text-2024-05"):
        assert list(link_pending(lake).failed) == ["2024-05"]
    assert link_pending(lake).pairs == {"2024-05": 0}


def test_a_lost_record_only_costs_time(lake: Lake) -> None:
    write(lake, "dwn", "2024-05", page(1, STORY), page(2, STORY))
    link_pending(lake)
    before = linked(lake)
    for name in (layout.LINKED_STATE, layout.shingles_state("dwn")):
        lake.storage.put(name, b"torn")
    assert link_pending(lake).pairs == {"2024-05": 1}
    assert linked(lake) == before


def test_what_was_published_just_now_is_left_to_the_run_under_way(lake: Lake) -> None:
    write(lake, "dwn", "2024-05", page(1, STORY))
    assert link_pending(lake, older_than=900).pairs == {}
    assert link_pending(lake).pairs == {"2024-05": 0}


ARTICLES: dict[tuple[str, str], list[list[Article]]] = {
    (source, month): [
        [],
        [page(10 * n + m, STORY if m % 2 else prose((n, m), 80), f"{month}-{20 - 5 * n + m:02}", source)],
        [page(10 * n + m, [*STORY[:60], *prose((n, m), 40)], f"{month}-{20 - 5 * n + m:02}", source, version_id="b"),
         page(100 + 10 * n + m, [*prose("all", 50), *STORY[30:]], f"{month}-01", source)],
    ]
    for n, source in enumerate(("dwn", "zeit", "other")) for m, month in enumerate(MONTHS)
}  # fmt: skip
KEYS = sorted(ARTICLES)
OPS = st.lists(
    st.tuples(
        st.sampled_from(KEYS),
        st.integers(0, 2),
        st.none() | st.integers(0, 5),
        st.sampled_from(["", "key", "all"]),
    ),
    min_size=1,
    max_size=7,
)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    known: dict[tuple[int, ...], dict[str, str]] = {}

    def of(state: tuple[int, ...]) -> dict[str, str]:
        if state not in known:
            lake = Lake.open(str(tmp_path_factory.mktemp("clean")))
            for key, choice in zip(KEYS, state, strict=True):
                write(lake, *key, *ARTICLES[key][choice])
            link_pending(lake)
            known[state] = linked(lake)
        return known[state]

    yield of


@pytest.mark.parametrize(("kind", "examples"), [("disk", 12), ("s3", 3)])
def test_any_order_of_months_runs_and_kills_gives_the_same_bytes(
    kind: str, examples: int, expected: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    numbers = itertools.count()
    bucket = request.getfixturevalue("bucket") if kind == "s3" else None

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(OPS)
    def same(ops: list[tuple[tuple[str, str], int, int | None, str]]) -> None:
        name = f"{kind}-{next(numbers)}"
        lake = bucket.lake(f"linked/{tmp_path.name}/{name}") if bucket else Lake.open(str(tmp_path / name))
        state = dict.fromkeys(KEYS, 0)
        for key, choice, dies, how in ops:
            write(lake, *key, *ARTICLES[key][choice])
            state[key] = choice
            try:
                if how == "key":
                    link(dying(lake, dies), [key])
                elif how == "all":
                    link_pending(dying(lake, dies))
            except Killed:
                continue
        assert link_pending(lake).failed == {}
        assert linked(lake) == expected(tuple(state[key] for key in KEYS))
        assert linked_state.pending_months(lake) == linked_state.pending_shingles(lake) == []
        if lake.storage.disk:
            shutil.rmtree(lake.storage.disk, ignore_errors=True)

    same()


def test_two_at_once_and_articles_that_change_meanwhile(place: Place, expected: Any) -> None:
    lake = place("at-once")
    stop = threading.Event()
    failures: list[dict[str, str]] = []

    def work() -> None:
        own = place("at-once")
        while not stop.is_set():
            failures.append(link_pending(own).failed)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for choice in (1, 2, 0, 1):
            for key in KEYS:
                write(lake, *key, *ARTICLES[key][choice])
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not any(failures)
    link_pending(lake)
    assert linked(lake) == expected((1,) * len(KEYS))
