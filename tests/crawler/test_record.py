"""What is written of an exchange: rotation, reservations, revisits, readable by others; and names that turn private."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

import loopback
from klartext import warc
from klartext.crawler import Answer as Answered
from klartext.crawler import Ask, Job, Known, Limits, Record, crawl, tdm
from loopback import Answer

QUICK = Limits(timeout=2, backoff=0.02, patience=2, retries=0)


def run(site: loopback.Site, *paths: str, **rest: Any) -> dict[str, Answered]:
    asks = [path if isinstance(path, Ask) else Ask(url=site.base + path, via="urn:test") for path in paths]
    fields: dict[str, Any] = {"hosts": [site.host], "delay": 0, "limits": QUICK, "allow": [site.host]}
    return {a.ask.url.removeprefix(site.base): a for a in crawl(Job(asks=asks, **{**fields, **rest}))}


def told(answers: dict[str, Answered]) -> dict[str, tuple[str, str | None]]:
    return {path: (answer.outcome, answer.reason) for path, answer in answers.items()}


def checks(path: Path) -> bool:
    from warcio.checker import Checker

    class Options:
        verbose, inputs = False, [str(path)]

    return Checker(Options()).process_all() in (None, 0)


def test_a_file_that_is_full_is_followed_by_another_and_each_is_read_by_others(tmp_path: Path) -> None:
    paths = [f"/{n}" for n in range(5)]
    with loopback.serve({path: Answer(f"<p>Deich {path}</p>".encode()) for path in paths}) as site:
        record = Record(path=str(tmp_path / "x.warc.gz"), rotate=2000)
        known = Known(
            url=site.base + "/0", date="2024-05-14T12:00:00.000000Z", digest=warc.payload_digest(b"<p>Deich /0</p>")
        )
        again = Ask(url=site.base + "/0", via="urn:test", known=known)
        answers = run(site, again, *paths[1:], record=record)  # type: ignore[arg-type]
    files = sorted(tmp_path.iterdir())
    assert len(files) > 1
    assert [file.name for file in files] == sorted(dict.fromkeys(a.place.file for a in answers.values() if a.place))
    kinds = []
    for path in files:
        assert checks(path)
        with path.open("rb") as file:
            records = list(ArchiveIterator(file, verify_digests=True))
        kinds += [record.record_type for record in records]
        assert records[0].record_type == WarcRecordType.warcinfo
    assert (kinds.count(WarcRecordType.response), kinds.count(WarcRecordType.revisit)) == (4, 1)
    for answer in answers.values():
        assert answer.place
        with (tmp_path / answer.place.file).open("rb") as file:
            file.seek(answer.place.offset)
            head = warc.head(file)
            assert head and head.url == answer.final_url


def test_reservations_are_recorded_or_obeyed(tmp_path: Path) -> None:
    meta = b'<html><head><meta content="0" name="tdm-reservation"></head><p>frei</p>'
    rules = [{"location": "/archiv/*", "tdm-reservation": 1, "tdm-policy": "https://beispiel.de/tdm.json"},
             {"location": "/archiv/frei", "tdm-reservation": 0}, {"location": 7}, "Unfug"]  # fmt: skip
    pages: dict[str, loopback.Page] = {
        "/.well-known/tdmrep.json": Answer(json.dumps(rules).encode(), type="application/json"),
        "/offen": Answer(),
        "/kopf": Answer(headers={"tdm-reservation": "1"}),
        "/meta": Answer(meta, headers={"tdm-reservation": "1"}),
        "/archiv/1": Answer(),
        "/archiv/frei": Answer(),
    }
    paths = [path for path in pages if "well-known" not in path]
    with loopback.serve(pages) as site:
        record = Record(path=str(tmp_path / "x.warc.gz"))
        assert {a.outcome for a in run(site, *paths, record=record, tdm="record").values()} == {"captured"}
        assert site.paths().count("/.well-known/tdmrep.json") == 1
        site.log.clear()
        obeyed = run(site, *paths, record=Record(path=str(tmp_path / "y.warc.gz")), tdm="obey")
        asked = site.paths()
    reserved = ("disallowed", "tdm-reservation")
    assert {path for path, outcome in told(obeyed).items() if outcome == reserved} == {"/kopf", "/archiv/1"}
    assert "/archiv/1" not in asked
    with (tmp_path / "x.warc.gz").open("rb") as file:
        pages = {page.url: page for page in warc.read(file, "x") if isinstance(page, warc.Page)}
    assert {path: (pages[site.base + path].reserved, pages[site.base + path].policy) for path in paths} == {
        "/offen": (None, None),
        "/kopf": (True, None),
        "/meta": (False, None),
        "/archiv/1": (True, "https://beispiel.de/tdm.json"),
        "/archiv/frei": (False, None),
    }
    with (tmp_path / "y.warc.gz").open("rb") as file:
        assert {r.headers["WARC-Target-URI"] for r in ArchiveIterator(file, record_types=WarcRecordType.response)} == {
            site.base + path for path in ("/offen", "/meta", "/archiv/frei")}  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[[[", b'[{"location": "/"}]', b"[" * 200_000])
def test_a_file_of_reservations_that_is_none_reserves_nothing(body: bytes) -> None:
    assert tdm.of_file(body, "/1") is None


def test_a_policy_cannot_write_fields_of_its_own() -> None:
    page = b'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="x\r\nvia: urn:boese">'
    found = tdm.of_page(page)
    assert found is not None
    assert (found.reserved, found.policy) == (True, "x via: urn:boese")


def test_a_name_that_turns_private_between_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    with loopback.serve({"/1": Answer()}, "127.0.0.2") as site:
        host = f"umzug.example:{site.server.server_port}"
        asks = [Ask(url=f"http://{host}/1", via="urn:test")]
        [answer] = crawl(Job(hosts=[host], asks=asks, delay=0, limits=QUICK, handler="crawler.handlers:Rebinds"))
    assert (answer.outcome, answer.reason) == ("failed", "robots-unreachable")
    assert site.log == [], "the connection is made to the address that was looked at"


def test_after_the_deadline_nothing_is_asked() -> None:
    def slow(handler: loopback.Handler) -> None:
        time.sleep(1.2)
        handler.send(Answer())

    with loopback.serve({"/1": slow, "/2": Answer(), "/3": Answer()}) as site:
        answers = told(run(site, "/1", "/2", "/3", limits=Limits(timeout=5, deadline=1.0)))
        assert answers == {"/1": ("captured", None), "/2": ("deadline", "deadline"), "/3": ("deadline", "deadline")}
        assert "/2" not in site.paths()


def _zeros(handler: loopback.Handler) -> None:
    """Ten thousand megabytes of zeros, packed while they are sent."""
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    packer, block = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(2**20)
    with contextlib.suppress(OSError):
        for _ in range(10_000):
            handler.wfile.write(packer.compress(block))
    handler.close_connection = True


def _stall_in_the_head(handler: loopback.Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-")
    handler.wfile.flush()
    time.sleep(4)


def _more_than_said(handler: loopback.Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHalbeine ganze Seite")
    handler.close_connection = True


def _no_http(handler: loopback.Handler) -> None:
    handler.wfile.write(b"220 beispiel.de ESMTP\r\n")
    handler.close_connection = True


def _negative(handler: loopback.Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")
    handler.close_connection = True


def test_servers_that_lie_stall_and_flood_are_outcomes(tmp_path: Path) -> None:
    pages: dict[str, loopback.Page] = {
        "/zeros": _zeros,
        "/head": _stall_in_the_head,
        "/more": _more_than_said,
        "/no-http": _no_http,
        "/negative": _negative,
        "/soft-404": Answer(b"<html><h1>Seite nicht gefunden</h1></html>"),
        "/nested": Answer(gzip.compress(gzip.compress(bytes(10**6))), headers={"Content-Encoding": "gzip, gzip"}),
        "/last": Answer(),
    }
    record = Record(path=str(tmp_path / "x.warc.gz"))
    with loopback.serve(pages) as site:
        answers = run(site, *pages, limits=Limits(timeout=1.5, retries=0, size=100_000), record=record)
    outcomes = told(answers)
    assert outcomes.pop("/negative")[0] == "failed"
    assert outcomes == {
        "/zeros": ("failed", "too-large"),
        "/head": ("failed", "timeout"),
        "/more": ("captured", None),
        "/no-http": ("failed", "connection"),
        "/soft-404": ("captured", None),  # a page as any other: that it is no article is for quality to say
        "/nested": ("failed", "too-large"),
        "/last": ("captured", None),
    }
    assert checks(tmp_path / "x.warc.gz")
    assert answers["/more"].bytes == 4
