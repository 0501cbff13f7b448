"""A file appears whole or not at all, on a disk and in an object store."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path
from typing import Any

import pytest

from klartext.curate import curate
from klartext.lake import Lake, layout, object_storage
from klartext.lake.lake import open_storage
from klartext.lake.storage import Storage
from klartext.publish import publish_batch
from support.object_store import Bucket
from support.sample_lake import publish, stage
from support.sample_rows import article, batch


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
        storage.add_file(local, "raw/x--0.warc.gz")
    assert local.read_bytes() == b"new"
    storage.add_file(local, "raw/x--1.warc.gz")
    assert not local.exists()
    assert [storage.read(f"raw/x--{n}.warc.gz") for n in (0, 1)] == [b"old", b"new"]


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "No space left on device; free space there and run it again"),
        (errno.EROFS, "Read-only file system; mount the file system for writing"),
        (errno.EACCES, "Permission denied; give the user who runs Klartext the right"),
        (errno.EIO, "Input/output error; the disk fails: .* `klartext lake check`"),
    ],
)
def test_a_write_that_fails_leaves_the_file_before_and_says_what_to_do(
    number: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = open_storage(str(tmp_path))
    storage.put("table/x.parquet", b"before")

    def fails(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match=advice) as raised:
        storage.put("table/x.parquet", b"after")
    assert (raised.value.errno, raised.value.filename) == (number, storage.root)
    assert storage.read("table/x.parquet") == b"before"
    assert storage.files("", "") == ["table/x.parquet"]


def test_empty_folders_go_with_their_last_file(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    storage.put("lake/articles/source=a/month=2024-05/articles.parquet", b"1")
    storage.put("lake/versions/source=a/x.parquet", b"1")
    storage.remove("lake/articles/source=a/month=2024-05/articles.parquet")
    assert sorted(path.name for path in (tmp_path / "lake").iterdir()) == ["versions"]


def test_sweeping_takes_only_what_was_abandoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = open_storage(str(tmp_path))
    storage.put(f"{layout.WRITING}/dead", b"half")
    sync, swept = os.fsync, []

    def meanwhile(descriptor: int) -> None:
        storage.remove_unfinished()  # by another run, in the middle of the write
        swept.append(storage.files(layout.WRITING, ""))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    storage.put("table/x.parquet", b"whole")
    assert len(swept[0]) == 1
    assert storage.files("", "") == ["table/x.parquet"]


def test_a_file_address_is_a_disk(tmp_path: Path) -> None:
    assert open_storage(f"file://{tmp_path}").disk == tmp_path
    assert open_storage("s3://bucket/lake?region=eu-central-1").disk is None


def test_what_is_large_goes_up_in_parts_and_is_read_by_ranges(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = bucket.lake("large").storage
    monkeypatch.setattr(object_storage, "_PARTS", 6 << 20)
    monkeypatch.setattr(object_storage, "_WHOLE", 1 << 10)
    content = random.Random(1).randbytes(7 << 20)
    local = tmp_path / "x.warc.gz"
    local.write_bytes(content)
    storage.put("a", content)
    assert storage.has_content_of("a", local)
    storage.add_file(local, "b")
    local.write_bytes(content[:-1] + b"x")
    assert not storage.has_content_of("b", local)
    with pytest.raises(FileExistsError):
        storage.add_file(local, "b")
    with storage.open_input("b") as stream:
        stream.seek(-10, os.SEEK_END)
        assert stream.read() == content[-10:]
        stream.seek(3 << 20)
        assert stream.read(10) == content[3 << 20 : (3 << 20) + 10]
        storage.put("b", content[::-1])
        stream.seek(0)
        with pytest.raises(FileNotFoundError, match="replaced while it was read"):
            stream.read(10)


def test_a_table_replaced_while_it_is_read_is_read_again(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """A footer of one content and rows of another would be nobody's."""
    monkeypatch.setattr(object_storage, "_WHOLE", 1 << 10)
    monkeypatch.setattr(object_storage, "_RANGE", 1 << 10)
    lake = bucket.lake("replaced")
    publish(lake, batch(), *map(article, range(5)))
    stage(lake, batch(), [article(n, title=f"Ein anderer Titel {n * 1000}") for n in range(3, 9)])
    part, asked = object_storage.ObjectStorage.read_range, []

    def overtaken(self: object_storage.ObjectStorage, name: str, *where: Any) -> memoryview:
        asked.append(name)
        if len(asked) == 3:
            publish_batch(lake, batch())
        return part(self, name, *where)

    monkeypatch.setattr(object_storage.ObjectStorage, "read_range", overtaken)
    assert curate(lake, "dwn", "2024-05") == 6
    assert asked[2] == layout.published_file(batch(), "versions")
