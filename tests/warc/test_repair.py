from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klartext.warc import reader
from klartext.warc.exchange import WarcOutput
from klartext.warc.repair import repair_file
from klartext.warc.writer import Exchange, WarcFile


def exchange(n: int) -> Exchange:
    return Exchange(
        url=f"https://beispiel.de/{n}",
        at=dt.datetime(2024, 5, 14, 12, tzinfo=dt.UTC),
        request=[("Host", "beispiel.de")],
        status=200,
        phrase="OK",
        protocol="HTTP/1.1",
        response=[("Content-Type", "text/html")],
        body=b"<p>Deich</p>" * n,
        ip="192.0.2.1",
        metadata={"via": "https://beispiel.de/feed", "seed": f"https://beispiel.de/{n}"},
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("warc") / "x.warc.gz"
    file = WarcFile(WarcOutput(path=str(path), info={"isPartOf": "test"}))
    for n in range(4):
        file.write(exchange(n))
    file.close()
    return path.read_bytes()


def pages(path: Path) -> list[reader.Page | reader.UnusableRecord]:
    with path.open("rb") as file:
        return list(reader.read(file, path.name))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_file_cut_anywhere_keeps_its_whole_records(whole: bytes, tmp_path: Path, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(whole)))
    path = tmp_path / "x.warc.gz"
    path.write_bytes(whole[:cut])
    responses = repair_file(path)
    found = pages(path)
    assert all(isinstance(page, reader.Page) for page in found)
    assert [page.url for page in found] == [f"https://beispiel.de/{n}" for n in range(responses)]
    assert whole.startswith(path.read_bytes())
    assert repair_file(path) == responses
    if cut == len(whole):
        assert path.read_bytes() == whole
        assert responses == 4


def test_rubbish_at_the_end_goes(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(whole + b"\x1f\x8b\x08" + bytes(100))
    assert repair_file(path) == 4
    assert path.read_bytes() == whole


def test_a_large_record_is_one_record(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    file = WarcFile(WarcOutput(path=str(path)))
    file.write(exchange(300_000))
    file.close()
    before = path.read_bytes()
    assert repair_file(path) == 1
    assert path.read_bytes() == before


def test_what_is_no_warc_file_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"<html>")
    assert repair_file(path) == 0
    assert path.read_bytes() == b""
