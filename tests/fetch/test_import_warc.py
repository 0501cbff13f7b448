"""WARC files from elsewhere, whole and broken, become batches."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from klartext.batch import Batch
from klartext.fetch import ImportFailed, import_warc
from klartext.lake import Lake
from klartext.warc import reader
from klartext.warc.copying import write_record
from klartext.warc.files import read_file

PAGES = [
    ("https://www.zeit.de/politik/2016-08/deich", "2016-08-12T10:00:00Z", 200),
    ("https://www.zeit.de/politik/2016-08/sturm", "2016-08-14T22:30:00Z", 200),
    ("https://www.zeit.de/weg", "2016-08-15T10:00:00Z", 404),
    ("https://blog.beispiel.co.uk/1", "2017-01-01T00:00:00Z", 200),
    ("https://www.beispiel.co.uk/2", "2016-12-31T00:00:00Z", 301),
    ("https://xn--mnchen-3ya.de/1", "2017-01-02T00:00:00Z", 200),
]


def records(pages: list[tuple[str, str, int]], *, packed: bool = True) -> list[bytes]:
    """A warcinfo record, then request and response for each page; each by itself."""
    made: list[bytes] = []

    def write(url: str, kind: str, body: bytes, date: str, head: StatusAndHeaders | None = None) -> None:
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=packed)
        dated = {"WARC-Date": date}
        made_of: dict[str, Any] = {"payload": io.BytesIO(body), "length": len(body), "http_headers": head}
        writer.write_record(writer.create_warc_record(url, kind, warc_headers_dict=dated, **made_of))
        made.append(out.getvalue())

    write("", "warcinfo", b"software: anderswo\r\n", "2016-08-01T00:00:00Z")
    for url, date, status in pages:
        write(url, "request", b"", date, StatusAndHeaders("GET / HTTP/1.1", [], is_http_request=True))
        html = [("Content-Type", "text/html")]
        body = f"<h1>{url}</h1>".encode()
        write(url, "response", body, date, StatusAndHeaders(f"{status} X", html, protocol="HTTP/1.1"))
    return made


def outcomes(lake: Lake, batches: list[Batch]) -> dict[str, list[tuple[str, str, str | None]]]:
    found = {}
    for batch in batches:
        table = lake.staged(batch, "fetches")
        assert table is not None
        found[batch.source] = [(row["url"], row["outcome"], row["reason"]) for row in table.to_pylist()]
    return found


def written(tmp_path: Path, data: bytes, name: str = "Archiv 2016.warc.gz") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_is_split_by_source(lake: Lake, tmp_path: Path, packed: bool) -> None:
    path = written(tmp_path, b"".join(records(PAGES, packed=packed)))
    batches = import_warc(lake, path)
    assert outcomes(lake, batches) == {
        "other": [
            (PAGES[3][0], "captured", None),
            (PAGES[4][0], "failed", "http-301"),
            (PAGES[5][0], "captured", None),
        ],
        "zeit": [
            (PAGES[0][0], "captured", None),
            (PAGES[1][0], "captured", None),
            (PAGES[2][0], "gone", "http-404"),
        ],
    }
    zeit = batches[-1]
    assert zeit.name.startswith("zeit-import-Archiv-2016-")
    assert zeit.date == dt.date(2016, 8, 12)
    assert (zeit.start.isoformat(), zeit.end.isoformat()) == ("2016-08-12T10:00:00+00:00", "2016-08-15T10:00:00+00:00")
    [raw] = lake.raw_files(zeit)
    with lake.open_raw(raw) as file:
        pages = list(reader.read(file, raw))
    assert [page.url for page in pages] == [url for url, _, _ in PAGES[:3]]
    table = lake.staged(zeit, "fetches")
    assert table is not None
    assert [row["capture"]["offset"] for row in table.to_pylist()] == [page.capture.offset for page in pages]
    assert {row["discovered_from"] for row in table.to_pylist()} == {"urn:klartext:Archiv 2016.warc.gz"}


def test_records_are_copied_as_they_are(lake: Lake, tmp_path: Path) -> None:
    made = records(PAGES)
    zeit = import_warc(lake, written(tmp_path, b"".join(made)))[-1]
    with lake.open_raw(lake.raw_files(zeit)[0]) as file:
        assert file.read().endswith(b"".join(made[1:7]))  # after a record that says what file it is from


def test_the_same_file_again_is_nothing_new(lake: Lake, tmp_path: Path) -> None:
    path = written(tmp_path, b"".join(records(PAGES)))

    def files() -> dict[str, bytes]:
        root = tmp_path / "lake"
        return {str(f.relative_to(root)): f.read_bytes() for f in sorted(root.rglob("*")) if f.is_file()}

    first, before = import_warc(lake, path), files()
    assert import_warc(lake, str(path)) == first
    assert files() == before
    again = import_warc(Lake.open(str(tmp_path / "anderer")), path)
    assert again == first


def test_a_page_that_is_there_twice_is_two_attempts(lake: Lake, tmp_path: Path) -> None:
    later = (PAGES[0][0] + "?utm_source=x", "2016-08-13T10:00:00Z", 200)
    [batch] = import_warc(lake, written(tmp_path, b"".join(records([PAGES[0], later]))))
    table = lake.staged(batch, "fetches")
    assert table is not None
    assert [(row["url"], row["attempt"]) for row in table.to_pylist()] == [(PAGES[0][0], 1), (later[0], 2)]


def test_hosts_without_a_file_are_one_batch(lake: Lake, tmp_path: Path) -> None:
    pages = [(f"https://haus{n % 150}.de/{n}", "2016-08-12T10:00:00Z", 200) for n in range(300)]
    batches = import_warc(lake, written(tmp_path, b"".join(records(pages))))
    assert [len(rows) for rows in outcomes(lake, batches).values()] == [300]
    assert len(lake.raw_files(batches[0])) == 1


def test_a_file_that_breaks_off_keeps_what_it_has(lake: Lake, tmp_path: Path) -> None:
    made = records(PAGES[:2])
    batches = import_warc(lake, written(tmp_path, b"".join(made)[:-40]))
    assert outcomes(lake, batches) == {
        "zeit": [(PAGES[0][0], "captured", None), (PAGES[1][0], "failed", "record-truncated")]
    }


def test_a_broken_place_is_told_and_what_follows_is_read(lake: Lake, tmp_path: Path) -> None:
    made = records(PAGES[:3])
    made[4] = made[4][:40] + bytes(30) + made[4][70:]
    found = outcomes(lake, import_warc(lake, written(tmp_path, b"".join(made))))
    offset = sum(map(len, made[:4]))
    assert found["other"] == [(f"urn:klartext:Archiv 2016.warc.gz#{offset}", "failed", "warc-damaged")]
    assert found["zeit"] == [(PAGES[0][0], "captured", None), (PAGES[2][0], "gone", "http-404")]


def skipped(lake: Lake, batches: list[Batch]) -> dict[str, dict[str, int]]:
    """What was passed over, by source and reason."""
    tables = {batch.source: lake.staged(batch, "skipped_by_fetch") for batch in batches}
    return {
        slug: {row["reason"]: row["count"] for row in table.to_pylist()}
        for slug, table in tables.items()
        if table is not None
    }


def record(kind: str, url: str, content: bytes, *fields: tuple[str, str], media_type: str = "") -> bytes:
    """A record by itself, as a gzip member."""
    default = "application/http; msgtype=response" if content.startswith(b"HTTP/") else "text/plain"
    named = [("WARC-Type", kind), ("WARC-Target-URI", url), ("WARC-Date", PAGES[0][1])]
    return write_record([*named, ("Content-Type", media_type or default), *fields], content, url + kind)


def page(url: str, html: bytes = b"<h1>Deich</h1>", *fields: tuple[str, str], media_type: str = "text/html") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n".encode()
    return record("response", url, head + html, *fields)


DEICH, STURM = PAGES[0][0], PAGES[1][0]
DIGEST, HEXADECIMAL = "TE2BRMKAG2KUT6B5OF6PHETYY5MPW4BY", "993418b140369549f83d717cf39278c758fb7038"
"""The SHA-1 of the page that :func:`page` makes."""


@pytest.mark.parametrize(
    ("name", "stored"), [(b"alt\xff.warc", "alt\ufffd.warc"), (b"a\nb\x1b.warc", "a\ufffdb\ufffd.warc")]
)
def test_a_name_that_is_no_text_is_stored_as_text(lake: Lake, tmp_path: Path, name: bytes, stored: str) -> None:
    path = written(tmp_path, page(DEICH), os.fsdecode(name))
    [batch] = import_warc(lake, path)
    table = lake.staged(batch, "fetches")
    assert table is not None
    assert table["discovered_from"].to_pylist() == [f"urn:klartext:{stored}"]
    [found] = read_file(path, Counter())
    assert found.capture.file == stored


def test_records_that_are_no_pages_are_counted(lake: Lake, tmp_path: Path) -> None:
    data = [
        record("response", "dns:www.zeit.de", b"20240514100000\r\nwww.zeit.de. 60 IN A 192.0.2.1"),
        record("resource", "urn:pageinfo:https://www.zeit.de/", b"{}", media_type="application/json"),
        record("conversion", DEICH, b"Deich"),
        record("resource", DEICH, b"\x89PNG", media_type="image/png"),
        page("https://www.zeit.de/logo.svg", b"<svg/>", media_type="image/svg+xml"),
        record("request", "https://bilder.beispiel.net/1.jpg", b"GET /1.jpg HTTP/1.1\r\n\r\n"),
        page("https://bilder.beispiel.net/1.jpg", b"\xff\xd8\xff", media_type="image/jpeg"),
        record("resource", STURM, b"<h1>Sturm</h1>", media_type="text/html"),
        page(DEICH),
    ]
    batches = import_warc(lake, written(tmp_path, b"".join(data)))
    assert outcomes(lake, batches) == {"zeit": [(DEICH, "captured", None), (STURM, "captured", None)]}
    assert skipped(lake, batches) == {"zeit": {"not-html": 3, "not-http": 2, "text-of-a-page": 1}}


@pytest.mark.parametrize("form", ["gzip", "zstd", "frames"])
def test_a_file_that_is_compressed_otherwise_is_read(lake: Lake, tmp_path: Path, form: str) -> None:
    plain = b"".join(records(PAGES, packed=False))
    frames = b"".join(map(zstd.compress, records(PAGES, packed=False)))
    data = {"gzip": gzip.compress(plain), "zstd": zstd.compress(plain), "frames": frames}[form]
    batches = import_warc(lake, written(tmp_path, data, "Archiv 2016.warc.zst"))
    assert [len(rows) for rows in outcomes(lake, batches).values()] == [3, 3]
    assert batches[-1].name.startswith("zeit-import-Archiv-2016-")
    with lake.open_raw(lake.raw_files(batches[-1])[0]) as file:
        urls = [item.rec_headers.get_header("WARC-Target-URI") for item in ArchiveIterator(file)]
    assert urls == [None, *(url for url, _, _ in PAGES[:3] for _ in range(2))]


def test_an_arc_file_is_read(lake: Lake, tmp_path: Path) -> None:
    content = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>Deich</h1>"
    lines = b"filedesc://x.arc 0.0.0.0 20160812100000 text/plain 2\n1 \n\n"
    lines += b"%s 192.0.2.1 20160812100000 text/html %d\n%s\n" % (DEICH.encode(), len(content), content)
    [batch] = import_warc(lake, written(tmp_path, lines, "alt.arc"))
    assert outcomes(lake, [batch]) == {"zeit": [(DEICH, "captured", None)]}
    assert batch.start == dt.datetime(2016, 8, 12, 10, tzinfo=dt.UTC)
    with lake.open_raw(lake.raw_files(batch)[0]) as file:
        read_by_others = [(item.rec_type, item.rec_headers.get_header("WARC-Date")) for item in ArchiveIterator(file)]
    assert read_by_others == [("warcinfo", "1970-01-01T00:00:00Z"), ("response", "2016-08-12T10:00:00Z")]


@pytest.mark.parametrize(
    ("original", "revisit"),
    [
        ([("WARC-Payload-Digest", "sha-1:" + DIGEST)], [("WARC-Payload-Digest", "SHA1:" + DIGEST.lower())]),
        ([("WARC-Payload-Digest", "sha1:" + DIGEST)], [("WARC-Payload-Digest", "sha1:" + HEXADECIMAL)]),
        ([], [("WARC-Payload-Digest", "sha1:" + DIGEST)]),
    ],
)
def test_a_revisit_is_resolved_by_a_digest_in_any_form(
    lake: Lake, tmp_path: Path, original: list[tuple[str, str]], revisit: list[tuple[str, str]]
) -> None:
    data = page(DEICH, b"<h1>Deich</h1>", *original)
    data += record("revisit", STURM, b"HTTP/1.1 200 OK\r\n\r\n", *revisit)
    batches = import_warc(lake, written(tmp_path, data))
    assert outcomes(lake, batches) == {"zeit": [(DEICH, "captured", None), (STURM, "captured", None)]}


def test_a_revisit_without_any_reference_is_of_the_same_address(lake: Lake, tmp_path: Path) -> None:
    data = page(DEICH, b"<h1>Deich</h1>") + record("revisit", DEICH, b"HTTP/1.1 200 OK\r\n\r\n")
    batches = import_warc(lake, written(tmp_path, data))
    assert outcomes(lake, batches) == {"zeit": [(DEICH, "captured", None), (DEICH, "unchanged", "identical")]}


def test_the_digest_of_nothing_refers_to_no_response(lake: Lake, tmp_path: Path) -> None:
    """Older crawlers write it into the record of each page that did not change."""
    nothing = ("WARC-Payload-Digest", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")
    profile = ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/server-not-modified")
    data = page(DEICH, b"", nothing) + record("revisit", STURM, b"", nothing, profile)
    batches = import_warc(lake, written(tmp_path, data))
    assert outcomes(lake, batches) == {"zeit": [(DEICH, "captured", None), (STURM, "failed", "revisit-unresolved")]}


def test_revisits_are_resolved_within_the_file(lake: Lake, tmp_path: Path) -> None:
    digest = ("WARC-Payload-Digest", "sha1:ABC")
    refers = [("WARC-Refers-To-Target-URI", DEICH), ("WARC-Refers-To-Date", PAGES[0][1])]
    later = ("WARC-Date", "2016-08-13T10:00:00Z")
    not_modified = ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified")
    data = [
        record("revisit", DEICH, b"HTTP/1.1 304 Not Modified\r\n\r\n", not_modified),  # before its response
        page(DEICH, b"<h1>Deich</h1>", digest),
        record("revisit", DEICH, b"HTTP/1.1 200 OK\r\n\r\n", digest),
        record("revisit", DEICH + "-amp", b"HTTP/1.1 200 OK\r\n\r\n", *refers),
        record("revisit", STURM, b"HTTP/1.1 200 OK\r\n\r\n", ("WARC-Payload-Digest", "sha1:XYZ"), later),
    ]
    batches = import_warc(lake, written(tmp_path, b"".join(data)))
    assert outcomes(lake, batches) == {
        "zeit": [
            (DEICH, "captured", None),
            (DEICH, "unchanged", "identical"),
            (DEICH, "unchanged", "identical"),
            (DEICH + "-amp", "captured", None),
            (STURM, "failed", "revisit-unresolved"),
        ]
    }
    with lake.open_raw(lake.raw_files(batches[0])[0]) as file:
        bodies = {item.url: item.body for item in reader.read(file, "x") if isinstance(item, reader.Page)}
    assert bodies == {DEICH: b"<h1>Deich</h1>", DEICH + "-amp": b"<h1>Deich</h1>"}


def test_one_bad_record_stops_nothing(lake: Lake, tmp_path: Path) -> None:
    data = [
        page(f"https://{'a' * 60}.{'b' * 260}.de/1"),
        page("https://[kaputt/1"),
        page("https://www.zeit.de/cut", b"<h1>Deich</h1>", ("WARC-Truncated", "length")),
        record("response", "https://www.zeit.de/x", b"kein HTTP"),
        page(DEICH),
    ]
    found = outcomes(lake, import_warc(lake, written(tmp_path, b"".join(data))))
    assert found.pop("zeit") == [
        ("https://www.zeit.de/cut", "failed", "record-truncated"),
        (DEICH, "captured", None),
        ("https://www.zeit.de/x", "failed", "not-a-response"),
    ]
    others = sorted((url[:12], outcome, reason) for rows in found.values() for url, outcome, reason in rows)
    assert others == [("https://[kap", "failed", "not-a-response"), ("https://aaaa", "captured", None)]


def test_a_wet_file_says_what_to_import(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match=r"WET file.*WARC file that it was made from"):
        import_warc(lake, written(tmp_path, record("conversion", DEICH, b"Deich"), "x.warc.wet.gz"))


def test_a_wat_file_says_what_to_import(lake: Lake, tmp_path: Path) -> None:
    data = record("metadata", DEICH, b"{}", media_type="application/json")
    with pytest.raises(ImportFailed, match=r"WAT file.*WARC file that it was made from"):
        import_warc(lake, written(tmp_path, data, "x.warc.wat.gz"))


def test_a_pipe_is_no_file(lake: Lake, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.warc.gz")
    with pytest.raises(OSError, match="a pipe; name a regular file"):
        import_warc(lake, tmp_path / "x.warc.gz")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"<html></html>", "no WARC file"),
        (gzip.compress(b"<html></html>", mtime=0), "no WARC file"),
        (b"\x1f\x8b\x08 kein gzip", "damaged"),
        (records([])[0], "nothing to import"),
    ],
)
def test_what_is_no_warc_file_says_so(lake: Lake, tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        import_warc(lake, written(tmp_path, data))


def test_a_file_that_is_not_there_or_is_a_folder(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="name a WARC file that exists"):
        import_warc(lake, tmp_path / "fehlt.warc.gz")
    with pytest.raises(OSError, match="cannot be read"):
        import_warc(lake, tmp_path)
