"""What is written of an exchange: request, response, revisit and metadata, rotation, readable by others."""

from __future__ import annotations

import gzip
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

from klartext.crawler import CrawlRequest, Limits
from klartext.warc import reader
from klartext.warc.exchange import StoredResponse, WarcOutput
from klartext.warc.reader import Page
from support import loopback
from support.crawler_runs import answers, checks, run
from support.http_bodies import BODIES, TEXT, status
from support.loopback import Answer


def test_every_exchange_is_a_record_that_checks(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    body = "<p>Grüße</p>".encode()
    with loopback.serve({
        "/um?q=1": Answer(b"", 301, {"Location": "/ziel"}),
        "/ziel": Answer(gzip.compress(body), headers={"Content-Encoding": "gzip", "X-Name": "J\xfcrgen"}),
        "/st%C3%BCck": Answer(body, chunked=True),
        "/kaputt": [Answer(b"kaputt", 500), Answer(body)],
        "/riesig": Answer(bytes(9000)),
    }) as site:  # fmt: skip
        output = WarcOutput(path=str(path), info={"isPartOf": "test"})
        limits = Limits(size=4000, backoff=0.01)
        run(site, "/um?q=1", "/st%C3%BCck", "/kaputt", "/404", "/riesig", limits=limits, output=output)
    with path.open("rb") as file:
        pages = list(reader.read(file, "x"))
    assert all(isinstance(page, reader.Page) for page in pages)
    base = site.base
    assert {(p.url.removeprefix(base), p.status, p.via, (p.seed or "").removeprefix(base)) for p in pages} == {
        ("/um?q=1", 301, "urn:test", "/um?q=1"),
        ("/ziel", 200, "urn:test", "/um?q=1"),
        ("/st%C3%BCck", 200, "urn:test", "/st%C3%BCck"),
        ("/kaputt", 500, "urn:test", "/kaputt"),
        ("/404", 404, "urn:test", "/404"),
        ("/kaputt", 200, "urn:test", "/kaputt"),
    }  # fmt: skip
    assert [page.body for page in pages if page.status == 200] == [body] * 3
    assert checks(path)


def test_a_file_that_is_full_is_followed_by_another_and_each_is_read_by_others(tmp_path: Path) -> None:
    paths = [f"/{n}" for n in range(5)]
    with loopback.serve({path: Answer(f"<p>Deich {path}</p>".encode()) for path in paths}) as site:
        output = WarcOutput(path=str(tmp_path / "x.warc.gz"), rotate=2000)
        known = StoredResponse(
            url=site.base + "/0", date="2024-05-14T12:00:00.000000Z", digest=reader.payload_digest(b"<p>Deich /0</p>")
        )
        again = CrawlRequest(url=site.base + "/0", via="urn:test", known=known)
        outcomes = answers(site, again, *paths[1:], output=output)
    files = sorted(tmp_path.iterdir())
    assert len(files) > 1
    assert [file.name for file in files] == sorted(
        dict.fromkeys(a.location.file for a in outcomes.values() if a.location)
    )
    kinds = []
    for path in files:
        assert checks(path)
        with path.open("rb") as file:
            records = list(ArchiveIterator(file, verify_digests=True))
        kinds += [output.record_type for output in records]
        assert records[0].record_type == WarcRecordType.warcinfo
    assert (kinds.count(WarcRecordType.response), kinds.count(WarcRecordType.revisit)) == (4, 1)
    for answer in outcomes.values():
        assert answer.location
        with (tmp_path / answer.location.file).open("rb") as file:
            file.seek(answer.location.offset)
            head = reader.head(file)
            assert head and head.url == answer.final_url


def test_the_crawler_takes_what_the_decoder_takes_and_the_reader_reads_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    pages = {f"/{name}": Answer(body.payload, status(body), dict(body.headers)) for name, body in BODIES.items()}
    with loopback.serve(pages) as site:  # type: ignore[arg-type]
        outcomes = run(site, *pages, limits=Limits(backoff=0.01, retries=0), output=WarcOutput(path=str(path)))
        [accepted, *_] = [asked.headers["accept-encoding"] for asked in site.log if asked.path in pages]
    assert accepted == "gzip, deflate, br, zstd"
    assert outcomes == {
        f"/{name}": ("failed", body.reason) if body.reason else ("captured", None) for name, body in BODIES.items()
    }
    with path.open("rb") as file:
        found = {
            item.url.removeprefix(site.base): item.body for item in reader.read(file, "x") if isinstance(item, Page)
        }
    assert found == {f"/{name}": TEXT for name, body in BODIES.items() if body.reason is None}
