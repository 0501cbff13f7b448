"""An import that is interrupted goes on where it stopped, and gives what one without an interruption gives."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from klartext.fetch import import_checkpoint, import_record, import_warc
from klartext.lake import Lake
from support import warc_files

PAGES = [
    (f"https://www.{('zeit', 'ort', 'land')[n % 3]}.de/politik/2016-08/seite-{n}", f"<h1>{n}</h1>") for n in range(60)
]


class Killed(BaseException):
    """The process ends."""


def files(lake: Lake) -> dict[str, bytes]:
    assert lake.storage.disk
    found = (path for path in lake.storage.disk.rglob("*") if path.is_file())
    return {str(path.relative_to(lake.storage.disk)): path.read_bytes() for path in found}


@pytest.mark.parametrize("end", [0, 1, 17, 44, 59])
def test_an_interrupted_import_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: int) -> None:
    monkeypatch.setattr(import_checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(import_checkpoint, "_SHARE", 0)
    path = warc_files.write(tmp_path / "x.warc.gz", PAGES)
    whole, lake = Lake.open(str(tmp_path / "whole")), Lake.open(str(tmp_path / "lake"))
    expected = import_warc(whole, path)
    taken: list[int] = []
    take = import_record.RecordImporter._take

    def die(self: import_record.RecordImporter, record: import_record.Record) -> None:
        taken.append(record.offset)
        if len(taken) == end + 1:
            raise Killed
        take(self, record)

    with monkeypatch.context() as patch:
        patch.setattr(import_record.RecordImporter, "_take", die)
        with pytest.raises(Killed):
            import_warc(lake, path)
        assert import_warc(lake, path) == expected
    assert len(taken) == len(PAGES) + 1, "no record is read twice but the one that was being read"
    assert files(lake) == files(whole)


def test_a_state_without_its_parts_is_of_no_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_checkpoint, "SECONDS", 0.0)
    path = warc_files.write(tmp_path / "x.warc.gz", PAGES)
    lake = Lake.open(str(tmp_path / "lake"))

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["klartext.fetch.import_warc"]._Importer, "store", die)
        with pytest.raises(Killed):
            import_warc(lake, path)
    for part in (tmp_path / "lake" / "staging").rglob("import.warc.gz"):
        part.unlink()
    assert import_warc(lake, path) == import_warc(Lake.open(str(tmp_path / "whole")), path)
