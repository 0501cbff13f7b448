"""Which files an import reads, and which it must not."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from klartext.fetch import import_warc
from klartext.fetch.import_files import ImportNotAllowed, allowed_places, list_files, local_file
from klartext.lake import Lake
from klartext.sources import PROJECT
from support import warc_files
from support.object_store import Bucket


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    for name in ("b.warc.gz", "a.WARC", "c.arc.gz", "notes.txt", "d.warc.zst"):
        warc_files.write(folder / name, [(f"https://www.zeit.de/politik/2016-08/{name}", "<h1>Deich</h1>")])
    return folder


def test_a_file_a_folder_and_a_list(incoming: Path) -> None:
    places = [str(incoming)]
    names = [str(incoming / name) for name in ("a.WARC", "b.warc.gz", "c.arc.gz", "d.warc.zst")]
    assert list_files(str(incoming / "b.warc.gz"), places) == [str(incoming / "b.warc.gz")]
    assert list_files(str(incoming), places) == names
    assert list_files([names[1], str(incoming), names[1]], places) == [names[1], names[0], *names[2:]]
    assert list_files(f"file://{names[1]}", places) == [names[1]]


def test_files_outside_of_the_places_are_not_read(incoming: Path, tmp_path: Path) -> None:
    secret = warc_files.write(tmp_path / "secret.warc.gz", [])
    beside = tmp_path / "incoming-2"
    beside.mkdir()
    (beside / "x.warc.gz").write_bytes(secret.read_bytes())
    (incoming / "link.warc.gz").symlink_to(secret)
    for name in (secret, beside, beside / "x.warc.gz", incoming / ".." / "secret.warc.gz", incoming / "link.warc.gz",
                 incoming, Path("/etc/passwd"), tmp_path):  # fmt: skip
        with pytest.raises(ImportNotAllowed, match="KLARTEXT_IMPORTS"):
            list_files(str(name), [str(incoming)])
    with pytest.raises(ImportNotAllowed):
        list_files("s3://others/x.warc.gz", [str(incoming), "s3://ours/crawls"])


def test_what_is_not_there_says_so(incoming: Path, tmp_path: Path) -> None:
    places = [str(tmp_path)]
    with pytest.raises(FileNotFoundError, match="name a WARC file that exists"):
        list_files(str(incoming / "x.warc.gz"), places)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="has no WARC file"):
        list_files(str(tmp_path / "empty"), places)
    with pytest.raises(ValueError, match="no file is named"):
        list_files([], places)


def test_the_places_are_configured(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    assert allowed_places(lake, {}) == [str(PROJECT), lake.storage.root]
    named = {"KLARTEXT_IMPORTS": "/srv/crawls:s3://ours/crawls:s3://ours/more"}
    assert allowed_places(lake, named) == ["/srv/crawls", "s3://ours/crawls", "s3://ours/more"]


def test_an_address_of_an_object_store(bucket: Bucket, incoming: Path, tmp_path: Path) -> None:
    own = uuid.uuid4().hex
    store = bucket.lake(own).storage
    for name in ("a.warc.gz", "b.warc.gz", "deeper/c.warc.gz", "readme.txt"):
        store.put(f"crawls/{name}", (incoming / "b.warc.gz").read_bytes())
    places, root = [f"s3://klartext/{own}/crawls"], f"s3://klartext/{own}"
    files = [f"{root}/crawls/a.warc.gz", f"{root}/crawls/b.warc.gz"]
    assert list_files(f"{root}/crawls", places, bucket.access) == files
    assert list_files(files[1], places, bucket.access) == [files[1]]
    with pytest.raises(FileNotFoundError, match="is not there"):
        list_files(f"{root}/crawls/x.warc.gz", places, bucket.access)
    for outside in (f"{root}/other/x.warc.gz", f"{root}/crawls-2", f"{root}/crawls/../x.warc.gz"):
        with pytest.raises(ImportNotAllowed):
            list_files(outside, places, bucket.access)
    lake = Lake.open(str(tmp_path / "lake"))
    with local_file(files[0], lake, bucket.access) as copy:
        [batch] = import_warc(lake, copy)
    assert batch.name.startswith("zeit-import-a-")
    assert not copy.exists()
