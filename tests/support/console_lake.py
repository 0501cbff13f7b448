"""A small lake for the console: real captures, an edit, a refused batch, and content that attacks the page it is on."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
from pathlib import Path
from typing import Any

import pytest

from klartext import sources
from klartext.batch import Batch
from klartext.curate import curate
from klartext.extract import extract_batch, pool, worker
from klartext.fetch.capture_rows import row_of_record
from klartext.lake import Lake
from klartext.link.step import link_pending
from klartext.publish import publish_batch
from klartext.warc import reader
from support import sample_pages, warc_files
from support.sample_rows import account, reject

NOW = dt.datetime(2024, 5, 23, 12, tzinfo=dt.UTC)
"""The time at which tests look."""
ATTACK = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
"""Would change the title of a page that shows it as it is."""
HOST = "https://deutsche-wirtschafts-nachrichten.de"
EDITED = f"{HOST}/500001/deich"
HOSTILE = f"{HOST}/500002/\"><script>document.title='run'</script>/x"
TITLE = "Nordkrog baut seinen Deich <b>höher</b>"


TEASER = '<p><strong>Lesen Sie auch:</strong> <a href="/500077/faehre">Fähre nach Süderoog fährt wieder</a></p>'


def page(title: str, story: list[str], author: str = "Gesa Thomsen") -> str:
    """A page with everything escaped as a publisher would."""
    head = f'<meta name="author" content="{html.escape(author)}">'
    made = sample_pages.page(sample_pages.lines(story, inside=TEASER), head=head)
    return made.replace(sample_pages.TITLE, html.escape(title))


def batch_of(slug: str, day: int) -> Batch:
    start = dt.datetime(2024, 5, day, 2, tzinfo=dt.UTC)
    return Batch.of_interval(sources.of_slug(slug), start, start + dt.timedelta(days=1))


def land(lake: Lake, batch: Batch, pages: list[tuple[str, str]], folder: Path, **changes: Any) -> None:
    """Captures, extracts and publishes pages; a refused batch stays staged. ``changes`` are of the account."""
    at = batch.end.strftime("%Y-%m-%dT%H:%M:%SZ")
    name = lake.add_raw_file(batch, warc_files.write(folder / f"{batch.name}.warc.gz", pages, at))
    with lake.open_raw(name) as stream:
        rows = [row_of_record(record, f"{HOST}/feed", batch.start) for record in reader.read(stream, name)]
    lake.stage(batch, "fetches", rows)
    extract_batch(lake, batch, sources.of_slug(batch.source))
    articles = lake.staged(batch, "articles")
    assert articles is not None and articles.num_rows == len(pages)
    refused = changes.get("verdict") == "refused"
    rejects = changes.pop("rejects", [])
    lake.stage(batch, "rejects", rejects)
    counts: dict[str, int] = {"published": 0 if refused else len(pages), "withheld": len(pages) if refused else 0}
    counts |= {"discovered": len(pages) + len(rejects), "rejected": len(rejects), "captures": len(pages)}
    row = dataclasses.replace(account(batch), **counts, **changes)
    lake.stage(batch, "batches", [row])
    if refused:
        lake.publish(batch, "batches", lake.staged(batch, "batches"))
        return
    lake.stage(batch, "versions", articles)
    for key in publish_batch(lake, batch)["partitions"]:
        curate(lake, *key.split("|"))


def build(root: Path) -> Lake:
    """Three days of one source, of which the last is refused, and a day of another."""
    lake = Lake.open(str(root / "data"))
    story = list(sample_pages.STORY)
    later = [story[0].replace("zwei Meter", "drei Meter"), *story[1:]]
    pages = [(EDITED, page(TITLE, story)), (HOSTILE, page(f"Deich {ATTACK}", story[::-1], f"Gesa {ATTACK}"))]
    bad = reject(9, url=f"{HOST}/500009/weg", reasons=["no-text"], detail=ATTACK)
    land(lake, batch_of("dwn", 20), pages, root, rejects=[bad])
    land(lake, batch_of("dwn", 21), [(EDITED, page(TITLE, later))], root, verdict="warned", warnings=["past-leads"])
    why = [f"batch-rejects: too many pages were rejected {ATTACK}"]
    mole = [(f"{HOST}/500003/mole", page("Die Mole von Nordkrog wird neu gebaut", story))]
    land(lake, batch_of("dwn", 22), mole, root,
         verdict="refused", reasons=why, rejects=[bad])  # fmt: skip
    watt = [("https://www.zeit.de/wissen/2024-05/watt", page("Das Watt vor Nordkrog wächst", story))]
    land(lake, batch_of("zeit", 21), watt, root)
    link_pending(lake)
    lake.save_quality_file(batch_of("dwn", 20), "index.html", "<h1>all checks</h1>")
    lake.save_quality_file(batch_of("dwn", 20), "verdict.json", {"verdict": "passed"})
    return lake


@pytest.fixture(scope="session")
def console_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the lake. Pages are extracted in this process."""

    def in_process(tasks: Any, **_: object) -> Any:
        yield from ((index, worker.work(*task)) for index, task in enumerate(tasks))

    root = tmp_path_factory.mktemp("console")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "extract_all", in_process)
        patch.delenv("KLARTEXT_SOURCES", raising=False)
        build(root)
    return root / "data"
