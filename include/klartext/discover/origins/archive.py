"""Our own archive: what a batch has found before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klartext import fetch_log
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin, Said
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake


class Archive(Origin):
    """Speaks for any batch that ever ran. A replay asks no other."""

    name = "archive"

    def speaks(self, source: Source, interval: Interval) -> bool:
        return True

    def gather(self, lake: Lake, batch: Batch, source: Source, interval: Interval) -> Said:
        """What is staged as candidates and, where staging was cleared, what the account tells of."""
        pages = [row for row in fetch_log.rows(lake, batch) if row.url.startswith(("http://", "https://"))]
        told = fetch_log.latest(row for row in pages if not row.discovered_from.startswith(fetch_log.ORIGIN))
        staged = fetch_log.candidates(lake, batch)
        known = {fetch_log.key(candidate.url) for candidate in staged}
        return Said([*staged, *(fetch_log.candidate(row) for key, row in told.items() if key not in known)])
