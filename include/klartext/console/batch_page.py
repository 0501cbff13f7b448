"""The page of a batch: its account, the verdict and what to do, its rejected pages and what else became of pages."""

from __future__ import annotations

import collections
import datetime as dt
from typing import Any

from klartext.batch import Batch
from klartext.console import commands
from klartext.console.advice import advice, verdict_sentence
from klartext.console.lake_cache import LakeCache, batch_of
from klartext.console.view import NotFound, View
from klartext.lake.table_files import read_staged
from klartext.model import OUTCOMES

_LISTED = 200
"""Rows of each list."""
_NOISIEST, _CHUNKS = 10, 200
"""Pages with most noise that are listed, and chunks of a batch in which they are looked for."""
QUALITY_PAGE = "index.html"
"""Great Expectations' page among the results of validation."""


def content(cache: LakeCache, view: View, slug: str, name: str) -> dict[str, Any]:
    """What the page shows. Raises NotAllowed and NotFound."""
    view.require(slug)
    row = next((row for row in cache.accounts(view.may_read, slug) if row["batch"] == name), None)
    if row is None:
        raise NotFound(f"{slug} has no validated batch {name}. A batch that was not validated yet has no account.")
    batch = batch_of(row)
    whole = cache.lake.published(batch, "batches")
    account = whole.to_pylist()[0] if whole is not None and whole.num_rows else {**row, "skipped": []}
    refused = row["verdict"] == "refused"
    rejects = _rows(cache, batch, "rejects", [*_PAGE_COLUMNS, "stage", "reasons", "detail"], refused)
    fetches = _rows(cache, batch, "fetches", _FETCH_COLUMNS, refused)
    not_captured = [each for each in fetches if each["outcome"] not in ("captured", "unchanged")]
    withheld = _withheld(cache, batch, rejects) if refused else []
    published = _published(cache, batch)
    return {
        "batch": batch,
        "account": account,
        "sentence": verdict_sentence(row),
        "advice": advice(account),
        "findings": account.get("findings") or [],
        "parts": [(outcome, account[outcome]) for outcome in OUTCOMES if account[outcome]],
        "rejects": rejects[:_LISTED],
        "rejects_count": len(rejects),
        "reasons": collections.Counter(code for each in rejects for code in each["reasons"]).most_common(),
        "withheld": withheld,
        "published": published,
        "published_count": account["published"],
        "noisiest": _noisiest(cache, batch, [*published, *withheld]),
        "fetch_outcomes": collections.Counter((f["outcome"], f["reason"] or "") for f in not_captured).most_common(30),
        "not_captured": not_captured[:_LISTED],
        "not_captured_count": len(not_captured),
        "skipped": sorted(account["skipped"], key=lambda e: -e["count"])[:_LISTED],
        "raw_files": cache.lake.raw_files(batch),
        "has_quality_page": cache.lake.quality_file(slug, batch.date, name, QUALITY_PAGE) is not None,
        "run_address": view.run_address(slug, (batch.start, batch.end)),
        "actions": _actions(batch),
        "listed": _LISTED,
    }


_PAGE_COLUMNS = ["url", "title", "site", "fetched_at", "capture"]
_FETCH_COLUMNS = ["url", "outcome", "reason", "status", "discovered_from", "capture"]


def _rows(cache: LakeCache, batch: Batch, table: str, columns: list[str], refused: bool) -> list[dict[str, Any]]:
    """The published rows of a batch; of a refused one those that it has staged."""
    rows = None if refused else cache.lake.published(batch, table)
    if rows is None and refused:
        rows = read_staged(cache.lake, batch, table, columns)
    return [] if rows is None else list(rows.select(columns).to_pylist())


def _withheld(cache: LakeCache, batch: Batch, rejects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pages of a refused batch whose article passed the row checks."""
    rows = read_staged(cache.lake, batch, "articles", _PAGE_COLUMNS)
    if rows is None:
        return []
    rejected = {(each["capture"]["file"], each["capture"]["offset"]) for each in rejects if each["capture"]}
    found = [each for each in rows.to_pylist() if (each["capture"]["file"], each["capture"]["offset"]) not in rejected]
    return found[:_LISTED]


def _published(cache: LakeCache, batch: Batch) -> list[dict[str, Any]]:
    rows = cache.lake.published(batch, "versions")
    columns = [*_PAGE_COLUMNS, "published_at", "word_count"]
    return [] if rows is None else list(rows.select(columns).slice(0, _LISTED).to_pylist())


def _noisiest(cache: LakeCache, batch: Batch, pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pages of which the noise rules removed most, each with the number of ``characters``."""
    first = cache.lake.chunk_result(batch, 0)
    count = first["chunk"]["count"] if first else 0
    results = [first, *(cache.lake.chunk_result(batch, number) for number in range(1, min(count, _CHUNKS)))]
    removed = [tuple(each) for result in filter(None, results) for each in result.get("noisiest", ())]
    by_place = {(page["capture"]["file"], page["capture"]["offset"]): page for page in pages if page["capture"]}
    known = [by_place[file, offset] | {"characters": n} for file, offset, n in removed if (file, offset) in by_place]
    return sorted(known, key=lambda page: -page["characters"])[:_NOISIEST]


def _actions(batch: Batch) -> list[tuple[str, str]]:
    after = batch.date + dt.timedelta(days=1)
    found = [("Extract it again from its captures, after a change of the source file",
              commands.replay(batch.source, batch.date, after))]  # fmt: skip
    if not batch.imported:
        found.append(("Ask again for its pages whose captures are not the page",
                      commands.fetch_again(batch.source, batch.date, after)))  # fmt: skip
        found.append(
            ("Run the interval again if its run failed", commands.backfill(batch.source, batch.start, batch.start))
        )
    found.append(("List its rejects in a terminal", commands.rejects(batch.source, batch.date)))
    return found
