"""What is kept of files: only new and replaced ones are read."""

from __future__ import annotations

import dataclasses
import time

import pytest

from klartext.console.file_cache import FileCache
from klartext.lake import Lake
from klartext.lake.storage import FileStat
from klartext.lake.table_files import TableFile

OLD = time.time_ns() - 3600 * 10**9


def file(name: str, size: int = 1, at: int = OLD, etag: str = "") -> TableFile:
    return TableFile("batches", name, "dwn", "2024-05-14", name, FileStat(size, at, etag))


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake.open(str(tmp_path_factory.mktemp("lake")))


@pytest.fixture
def reads() -> list[str]:
    return []


@pytest.fixture
def cache(reads: list[str]) -> FileCache[str]:
    def read(lake: Lake, found: TableFile) -> str:
        reads.append(found.name)
        return f"{found.name} {found.stat.size}"

    return FileCache(read, 3)


def test_a_file_is_read_once(cache: FileCache[str], lake: Lake, reads: list[str]) -> None:
    for _ in range(3):
        assert cache.values(lake, [file("a"), file("b")]) == ["a 1", "b 1"]
    assert sorted(reads) == ["a", "b"]


def test_a_replaced_file_is_read_again_and_the_others_are_not(
    cache: FileCache[str], lake: Lake, reads: list[str]
) -> None:
    cache.values(lake, [file("a"), file("b")])
    assert cache.values(lake, [file("a", 2), file("b")]) == ["a 2", "b 1"]
    assert sorted(reads) == ["a", "a", "b"]


def test_a_file_that_may_change_without_a_trace_is_read_each_time(
    cache: FileCache[str], lake: Lake, reads: list[str]
) -> None:
    young, tagged = file("a", at=time.time_ns()), file("b", at=time.time_ns(), etag="1")
    for _ in range(2):
        cache.values(lake, [young, tagged])
    assert sorted(reads) == ["a", "a", "b"]
    assert cache.values(lake, [dataclasses.replace(tagged, stat=FileStat(1, 1, "2"))]) == ["b 1"]
    assert sorted(reads) == ["a", "a", "b", "b"]


def test_those_that_were_used_longest_ago_are_dropped(cache: FileCache[str], lake: Lake, reads: list[str]) -> None:
    cache.values(lake, [file("a"), file("b"), file("c")])
    cache.values(lake, [file("a")])
    cache.values(lake, [file("d")])
    reads.clear()
    cache.values(lake, [file("a"), file("c"), file("d")])
    assert reads == []
    assert cache.values(lake, [file("b")]) == ["b 1"]
    assert reads == ["b"]


def test_more_files_than_are_kept_are_all_read(cache: FileCache[str], lake: Lake) -> None:
    names = [f"f{n}" for n in range(10)]
    assert cache.values(lake, [file(name) for name in names]) == [f"{name} 1" for name in names]
