"""The origins, a module for each, in their order of precedence: of two titles or times of a page the first counts."""

from __future__ import annotations

from klartext.discover.interval import Interval
from klartext.discover.origins.archive import Archive
from klartext.discover.origins.base import Origin
from klartext.discover.origins.cc_news import CcNews
from klartext.discover.origins.dated import Dated
from klartext.discover.origins.recent import Recent
from klartext.discover.origins.teasers import Teasers
from klartext.discover.origins.wayback import Wayback
from klartext.sources import Source

ORIGINS: tuple[Origin, ...] = (Archive(), Recent(), Dated(), CcNews(), Wayback(), Teasers())


def origins_covering(source: Source, interval: Interval) -> list[Origin]:
    """The origins of a source that cover an interval."""
    return [origin for origin in ORIGINS if origin.covers(source, interval)]


__all__ = ["ORIGINS", "Archive", "CcNews", "Dated", "Recent", "Teasers", "Wayback", "speaking"]
