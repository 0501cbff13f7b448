"""Pages of a batch of which there is no good capture, so that they can be requested again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from klartext.batch import Batch
from klartext.fetch_log import FetchLog, is_origin
from klartext.model import PLACEHOLDERS
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake

Position = tuple[str, int]


def pages_without_good_capture(lake: Lake, batch: Batch, source: Source, *, rejected: bool = False) -> dict[str, str]:
    """The pages in whose place another was served at every attempt, with the address of each; by the source's
    ``page_key``. With ``rejected`` also those of which every capture was rejected, for whatever reason.

    The rejects of the batch decide, staged or published. Without them, the outcomes in its log do.
    """
    log = FetchLog.open(lake, batch, source)
    reasons = _reject_reasons(lake, batch)
    found: dict[str, str] = {}
    good: set[str] = set()
    for row in log.rows:
        if row.capture is None or is_origin(row) or row.outcome not in ("captured", "placeholder"):
            continue
        key = source.page_key(row.url)
        codes = reasons.get((row.capture.file, row.capture.offset), set())
        is_placeholder = row.outcome == "placeholder" or bool(codes & PLACEHOLDERS)
        if is_placeholder or (rejected and codes):
            found[key] = row.url
        elif not codes:
            good.add(key)
    return {key: url for key, url in found.items() if key not in good}


def _reject_reasons(lake: Lake, batch: Batch) -> Mapping[Position, set[str]]:
    rows = lake.staged(batch, "rejects")
    rows = lake.published(batch, "rejects") if rows is None else rows
    return {
        (row["capture"]["file"], row["capture"]["offset"]): set(row["reasons"])
        for row in (rows.select(["capture", "reasons"]).to_pylist() if rows is not None else [])
        if row["capture"]
    }
