"""The origin of the lake itself: what earlier runs of the batch found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin, OriginResult
from klartext.fetch_log import FetchLog, candidate_of, is_origin
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake


class Archive(Origin):
    """Covers any interval. A replay uses no other origin."""

    name = "archive"

    def covers(self, source: Source, interval: Interval) -> bool:
        """True if the source has this origin, and it covers the interval."""
        return True

    def gather(self, lake: Lake, batch: Batch, source: Source, interval: Interval) -> OriginResult:
        """The staged candidates, and where staging was cleared the pages in the batch's log."""
        log = FetchLog.open(lake, batch, source)
        pages = {key: row for key, row in log.latest().items() if row.url.startswith(("http://", "https://"))}
        others = [candidate_of(row) for key, row in pages.items() if key not in log.staged and not is_origin(row)]
        return OriginResult([*log.staged.values(), *others])
