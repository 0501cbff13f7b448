"""A file appears whole or not at all, on a disk and in an object store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from klartext.lake import Lake, layout
from klartext.lake.storage import Storage


@pytest.fixture
def storage(lake: Lake) -> Storage:
    return lake.storage


def test_what_is_put_is_there_whole(storage: Storage) -> None:
    assert storage.read("a/b.parquet") is None
    storage.put("a/b.parquet", b"one")
    storage.put("a/b.parquet", b"other")
    assert storage.read("a/b.parquet") == b"other"
    assert storage.files("", "") == ["a/b.parquet"]
    assert storage.files("a", ".json") == []
    assert storage.files("nowhere", "") == []
    with storage.open_input("a/b.parquet") as stream:
        assert stream.read(2) == b"ot"
        stream.seek(0)
        assert stream.read() == b"other"


def test_removing_is_the_same_once_and_twice(storage: Storage) -> None:
    storage.put("t/source=a/x", b"1")
    storage.put("t/source=b/x", b"1")
    storage.remove("t/source=a/x")
    storage.remove("t/source=a/x")
    assert storage.files("t", "") == ["t/source=b/x"]


def test_taking_in_never_replaces(storage: Storage, tmp_path: Path) -> None:
    local = tmp_path / "new.warc.gz"
    local.write_bytes(b"new")
    storage.put("raw/x--0.warc.gz", b"old")
    with pytest.raises(FileExistsError):
        storage.take_in(local, "raw/x--0.warc.gz")
    assert local.read_bytes() == b"new"
    storage.take_in(local, "raw/x--1.warc.gz")
    assert not local.exists()
    assert [storage.read(f"raw/x--{n}.warc.gz") for n in (0, 1)] == [b"old", b"new"]


def test_a_write_that_fails_leaves_the_file_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage.open(str(tmp_path))
    storage.put("table/x.parquet", b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        storage.put("table/x.parquet", b"after")
    assert storage.read("table/x.parquet") == b"before"
    assert storage.files("", "") == ["table/x.parquet"]


def test_empty_folders_go_with_their_last_file(tmp_path: Path) -> None:
    storage = Storage.open(str(tmp_path))
    storage.put("lake/articles/source=a/month=2024-05/articles.parquet", b"1")
    storage.put("lake/versions/source=a/x.parquet", b"1")
    storage.remove("lake/articles/source=a/month=2024-05/articles.parquet")
    assert sorted(path.name for path in (tmp_path / "lake").iterdir()) == ["versions"]


def test_sweeping_takes_only_what_was_abandoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage.open(str(tmp_path))
    storage.put(f"{layout.WRITING}/dead", b"half")
    sync, swept = os.fsync, []

    def meanwhile(descriptor: int) -> None:
        storage.sweep()  # by another run, in the middle of the write
        swept.append(storage.files(layout.WRITING, ""))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    storage.put("table/x.parquet", b"whole")
    assert len(swept[0]) == 1
    assert storage.files("", "") == ["table/x.parquet"]


def test_a_file_address_is_a_disk(tmp_path: Path) -> None:
    assert Storage.open(f"file://{tmp_path}").disk == tmp_path
    assert Storage.open("s3://bucket/lake?region=eu-central-1").disk is None
