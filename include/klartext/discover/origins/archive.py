"""Our own archive: what a batch has found before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin, Said
from klartext.fetch_log import FetchLog, candidate_of, is_origin
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
        """What is staged as candidates and, where staging was cleared, the pages in the batch's log."""
        log = FetchLog.open(lake, batch)
        pages = {key: row for key, row in log.latest().items() if row.url.startswith(("http://", "https://"))}
        others = [candidate_of(row) for key, row in pages.items() if key not in log.staged and not is_origin(row)]
        return Said([*log.staged.values(), *others])
