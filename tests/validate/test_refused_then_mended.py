"""A rejected page is not gone: after the rule was mended, a replay of its batch lets it in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from klartext.batch import Batch
from klartext.curate import curate
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch
from klartext.lake import Lake, tables
from klartext.maintenance.check import check
from klartext.publish import publish_batch
from klartext.sources import Source
from klartext.validate import BatchRefused, validate_batch
from support import sample_pages, warc_files
from support.command_line import rows, run
from support.sample_lake import contents

DAY = dt.datetime(2024, 5, 20, tzinfo=sample_pages.SOURCE.zone)
BATCH = Batch.of_interval(sample_pages.SOURCE, DAY, DAY + dt.timedelta(days=1))


def source(**layout: Any) -> Source:
    return Source.model_validate(
        {**sample_pages.SOURCE.model_dump(), "rules": [{"valid_from": "2016-08-01", **layout}]}
    )


WRONG, MENDED = source(title=".rubrik"), source(title="h1")


def made(lake: Lake, by: Source) -> list[str]:
    """A replay of the batch, from its captures to the months that it touches; the addresses that are then current."""
    fetch_batch(lake, BATCH, by, replay=True)
    extract_batch(lake, BATCH, by)
    validate_batch(lake, BATCH, by)
    for key in publish_batch(lake, BATCH)["partitions"]:
        curate(lake, *key.split("|"))
    views = [lake.storage.read(name) or b"" for name in lake.published_files("articles")]
    return sorted(url for view in views for url in tables.from_parquet("current", view)["url"].to_pylist())


def captured(root: Path, pages: int, odd: int) -> tuple[Lake, list[str]]:
    """A lake with captures of a batch, of which some show a short word where the wrong rule looks for the headline."""
    lake = Lake.open(str(root))
    urls = [sample_pages.URL.replace("4711", str(4711 + n)) for n in range(pages)]
    head = sample_pages.ld(datePublished="2024-05-20T09:00:00+02:00")
    html = [sample_pages.page(head=head, top='<p class="rubrik">Ja</p>' if n < odd else "") for n in range(pages)]
    html = [page.replace("Nordkrog", f"Nordkrog-{n}") for n, page in enumerate(html)]
    lake.add_raw_file(BATCH, warc_files.write(lake.scratch_folder(BATCH) / "x.warc.gz", zip(urls, html, strict=True)))
    return lake, urls


def test_a_mended_rule_lets_in_what_it_had_rejected(tmp_path: Path) -> None:
    lake, urls = captured(tmp_path, pages=3, odd=1)
    assert made(lake, WRONG) == urls[1:]
    output = run("rejects", "--data", tmp_path, "--out", tmp_path / "rejects.jsonl")
    assert "1 rejects" in output.stderr
    (reject,) = rows(tmp_path / "rejects.jsonl")
    assert (reject["url"], reject["reasons"], reject["title"]) == (urls[0], ["title-too-short"], "Ja")
    assert made(lake, MENDED) == urls
    assert "0 rejects" in run("rejects", "--data", tmp_path).stderr
    assert list(check(lake)) == []


def test_a_refused_batch_shows_its_rejects_and_is_let_in_when_the_rule_is_mended(tmp_path: Path) -> None:
    lake, urls = captured(tmp_path, pages=6, odd=6)
    with pytest.raises(BatchRefused, match=r"batch-rejects: .* 100% where 50% may be; rejects: title-too-short 6"):
        made(lake, WRONG)
    assert list(contents(lake)) == [f"lake/batches/source=hafenkurier/date=2024-05-20/{BATCH.name}.parquet"]
    assert "6 rejects" in run("rejects", "--data", tmp_path, "--reason", "title-too-short").stderr
    assert "1 batches: 1 refused" in run("batches", "--data", tmp_path).stderr
    assert made(lake, MENDED) == urls
    assert "0 rejects" in run("rejects", "--data", tmp_path).stderr
    output = run(
        "batches", "--data", tmp_path, "--source", "hafenkurier", "--date", "2024-05-20", "--verdict", "warned"
    )
    assert "1 batches: 1 warned" in output.stderr
    assert list(check(lake)) == []
