"""Revisit records, on both ways in: ``import_warc`` and ``read_file``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from klartext.fetch import import_warc
from klartext.lake import Lake
from klartext.warc.copying import write_record
from klartext.warc.files import read_file
from klartext.warc.reader import Page

DEICH, STURM = "https://www.zeit.de/2016/deich", "https://www.zeit.de/2016/sturm"
DIGEST = ("WARC-Payload-Digest", "sha1:ABC")
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
PICTURE = b"HTTP/1.1 200 OK\r\nContent-Type: image/webp\r\n\r\n"


def record(kind: str, url: str, content: bytes, *fields: tuple[str, str], type: str = "application/http") -> bytes:
    named = [("WARC-Type", kind), ("WARC-Target-URI", url), ("WARC-Date", "2016-08-12T10:00:00Z")]
    return write_record([*named, ("Content-Type", type), *fields], content, url + kind)


def both_ways(lake: Lake, path: Path, data: bytes) -> tuple[dict[str, tuple[str, str | None]], dict[str, int]]:
    """Outcome and reason by address, and what was skipped, of an import; an extraction has to read the same."""
    path.write_bytes(data)
    [batch] = import_warc(lake, path)
    table, counts = lake.staged(batch, "fetches"), lake.staged(batch, "skipped_by_fetch")
    assert table is not None
    found = {row["url"]: (row["outcome"], row["reason"]) for row in table.to_pylist()}
    skipped = {row["reason"]: row["count"] for row in counts.to_pylist()} if counts else {}
    passed = Counter[str]()
    pages = {item.url for item in read_file(path, passed) if isinstance(item, Page)}
    assert pages == {url for url, (outcome, _) in found.items() if outcome == "captured"}
    assert {reason: n for reason, n in passed.items() if reason != "revisit-unchanged"} == skipped
    return found, skipped


@pytest.mark.parametrize("url", ["dns:www.zeit.de", "urn:text:https://www.zeit.de/", "screenshot:https://www.zeit.de/"])
def test_a_revisit_of_no_address_of_the_web_is_skipped(lake: Lake, tmp_path: Path, url: str) -> None:
    data = record("response", DEICH, HTML + b"<h1>Deich</h1>", DIGEST) + record("revisit", url, b"", DIGEST)
    assert both_ways(lake, tmp_path / "a.warc.gz", data) == ({DEICH: ("captured", None)}, {"not-http": 1})


def test_a_revisit_of_a_picture_is_skipped(lake: Lake, tmp_path: Path) -> None:
    data = record("response", DEICH, HTML + b"<h1>Deich</h1>") + record("revisit", DEICH + ".webp", PICTURE, DIGEST)
    assert both_ways(lake, tmp_path / "a.warc.gz", data) == ({DEICH: ("captured", None)}, {"not-html": 1})


def test_a_revisit_of_a_page_that_was_cut_gives_no_page(lake: Lake, tmp_path: Path) -> None:
    data = record("response", DEICH, HTML + b"<h1>Deich</h1>", DIGEST, ("WARC-Truncated", "length"))
    data += record("revisit", STURM, HTML, DIGEST)
    found, _ = both_ways(lake, tmp_path / "a.warc.gz", data)
    assert found == {DEICH: ("failed", "record-truncated"), STURM: ("failed", "record-truncated")}


def test_a_revisit_may_refer_to_a_file_without_http_headers(lake: Lake, tmp_path: Path) -> None:
    data = record("resource", DEICH, b"<h1>Deich</h1>", DIGEST, type="text/html") + record(
        "revisit", STURM, b"", DIGEST
    )
    found, _ = both_ways(lake, tmp_path / "a.warc.gz", data)
    assert found == {DEICH: ("captured", None), STURM: ("captured", None)}


@pytest.mark.parametrize("form", ["<urn:uuid:1>", "urn:uuid:1"])
def test_a_record_id_is_the_same_with_and_without_brackets(lake: Lake, tmp_path: Path, form: str) -> None:
    data = record("response", DEICH, HTML + b"<h1>Deich</h1>", ("WARC-Record-ID", "<urn:uuid:1>"))
    data += record("revisit", STURM, HTML, ("WARC-Refers-To", form))
    found, _ = both_ways(lake, tmp_path / "a.warc.gz", data)
    assert found == {DEICH: ("captured", None), STURM: ("captured", None)}
