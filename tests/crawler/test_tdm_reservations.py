"""Reservations of text and data mining: recorded, read back, and obeyed where the source says so."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from klartext import tdm
from klartext.warc import reader
from klartext.warc.exchange import WarcOutput
from support import loopback
from support.crawler_runs import run
from support.loopback import Answer


def test_reservations_are_recorded_or_obeyed(tmp_path: Path) -> None:
    meta = b'<html><head><meta content="0" name="tdm-reservation"></head><p>frei</p>'
    rules = [{"location": "/archiv/*", "tdm-reservation": 1, "tdm-policy": "https://beispiel.de/tdm.json"},
             {"location": "/archiv/frei", "tdm-reservation": 0}, {"location": 7}, "Unfug"]  # fmt: skip
    pages: dict[str, loopback.Page] = {
        "/.well-known/tdmrep.json": Answer(json.dumps(rules).encode(), type="application/json"),
        "/offen": Answer(),
        "/kopf": Answer(headers={"tdm-reservation": "1"}),
        "/archiviert": Answer(headers={"x-archive-orig-tdm-reservation": "1"}),
        "/meta": Answer(meta, headers={"tdm-reservation": "1"}),
        "/archiv/1": Answer(),
        "/archiv/frei": Answer(),
    }
    paths = [path for path in pages if "well-known" not in path]
    with loopback.serve(pages) as site:
        output = WarcOutput(path=str(tmp_path / "x.warc.gz"))
        assert set(run(site, *paths, output=output, tdm="record").values()) == {("captured", None)}
        assert site.paths().count("/.well-known/tdmrep.json") == 1
        site.log.clear()
        obeyed = run(site, *paths, output=WarcOutput(path=str(tmp_path / "y.warc.gz")), tdm="obey")
        asked = site.paths()
    reserved = ("disallowed", "tdm-reservation")
    assert {path for path, outcome in obeyed.items() if outcome == reserved} == {"/kopf", "/archiviert", "/archiv/1"}
    assert "/archiv/1" not in asked
    with (tmp_path / "x.warc.gz").open("rb") as file:
        pages = {page.url: page for page in reader.read(file, "x") if isinstance(page, reader.Page)}
    assert {path: (pages[site.base + path].reserved, pages[site.base + path].policy) for path in paths} == {
        "/offen": (None, None),
        "/kopf": (True, None),
        "/archiviert": (True, None),
        "/meta": (False, None),
        "/archiv/1": (True, "https://beispiel.de/tdm.json"),
        "/archiv/frei": (False, None),
    }
    with (tmp_path / "y.warc.gz").open("rb") as file:
        assert {r.headers["WARC-Target-URI"] for r in ArchiveIterator(file, record_types=WarcRecordType.response)} == {
            site.base + path for path in ("/offen", "/meta", "/archiv/frei")}  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[[[", b'[{"location": "/"}]', b"[" * 200_000])
def test_a_file_of_reservations_that_is_none_reserves_nothing(body: bytes) -> None:
    assert tdm.of_path(tdm.rules_of_file(body), "/1") is None


def test_a_policy_cannot_write_fields_of_its_own() -> None:
    page = b'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="x\r\nvia: urn:boese">'
    found = tdm.of_page(page)
    assert found is not None
    assert (found.reserved, found.policy) == (True, "x via: urn:boese")


def test_stars_without_end_take_linear_time() -> None:
    rules = tdm.rules_of_file(json.dumps([{"location": "*a" * 900 + "$", "tdm-reservation": 1}] * 250).encode())
    assert rules
    begin = time.process_time()
    assert tdm.of_path(rules, "/" + "a" * 8000 + "b") is None
    for page in (b"<meta " * 12_000, b"<meta name" + b" " * 60_000, b"<meta name= tdm-" + b"name=  " * 9_000 + b">",
                 b"<meta content='" * 4_000):  # fmt: skip
        assert tdm.of_page(page + b"tdm-") is None
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "body",
    [
        '[{"location": "/a/*", "tdm-reservation": 1,},]',
        '{"location": "/a/*", "tdm-reservation": 1}',
        '\ufeff[{"location": "/a/*", "tdm-reservation": "1"}]',
        '[{"location": "https://b.de/a/*", "tdm-reservation": true}]',
        '[{"location": " a/*", "tdm-reservation": 1.0}]',
        '// ours\n[{"location": "/a/*", "tdm-reservation": "True"}]',
        '[{"location": "/a/*", "tdm-reservation": 1}',
        '[{"location": "//b.de/%61/", "tdm-reservation": 1}]',
        '[{"location": ["/c", "/a/*"], "tdm-reservation": 1}]',
        '[{"Location": "/a/*", "TDM_Reservation": 1}]',
        '{"version": 1, "rules": [{"location": "/a/*", "tdm-reservation": 1}]}',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_file_of_reservations_with_mistakes_is_obeyed(body: str, encoding: str) -> None:
    rules = tdm.rules_of_file(body.encode(encoding))
    assert tdm.of_path(rules, "/a/1") == tdm.Reservation(True)
    assert tdm.of_path(rules, "/b") is None


@pytest.mark.parametrize("path", ["/%C3%BCber", "/%c3%bcber", "/über"])
def test_a_location_fits_a_path_in_any_spelling(path: str) -> None:
    rules = tdm.rules_of_file('[{"location": "/über", "tdm-reservation": 1}]'.encode())
    assert tdm.of_path(rules, path) == tdm.Reservation(True)


@pytest.mark.parametrize(
    "element",
    [b'<meta property="tdm-reservation" content="1">', b'<meta http-equiv="TDM-Reservation" content=" 1 ">',
     b"<meta name=tdm-reservation content=1/>"],
)  # fmt: skip
def test_an_element_as_pages_have_it(element: bytes) -> None:
    assert tdm.of_page(element) == tdm.Reservation(True)


@pytest.mark.parametrize("value", ["1, 1", '"1"', " 1 "])
def test_a_header_as_servers_send_it(value: str) -> None:
    assert tdm.of_headers(value, None) == tdm.Reservation(True)


def test_an_entry_without_a_location_is_of_the_whole_host() -> None:
    assert tdm.of_path(tdm.rules_of_file(b'[{"location": null, "tdm-reservation": 1}]'), "/b") == tdm.Reservation(True)
    assert tdm.of_path(tdm.rules_of_file(b'[{"tdm-reservation": 1}]'), "/b") == tdm.Reservation(True)


def test_a_file_that_is_still_gzipped_is_read() -> None:
    body = gzip.compress(b'[{"location": "/", "tdm-reservation": 1}]')
    assert tdm.of_path(tdm.rules_of_file(body), "/b") == tdm.Reservation(True)
    assert tdm.rules_of_file(body[:30]) == []


@pytest.mark.parametrize("value", [2, -1, None, "ja", [], {}, 1.5, 10**400, "²"])
def test_another_value_reserves_nothing(value: object) -> None:
    assert tdm.rules_of_file(json.dumps([{"location": "/", "tdm-reservation": value}]).encode()) == []
