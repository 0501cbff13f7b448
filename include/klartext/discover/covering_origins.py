"""Which origins of a source can list what it published in an interval, and what is missing for the others."""

from __future__ import annotations

from typing import NamedTuple

from klartext.discover.interval import Interval
from klartext.discover.origins import ORIGINS, Archive, Teasers
from klartext.errors import PermanentError
from klartext.sources import Source


class NothingCovers(PermanentError):
    """No origin of the source can list what it published in an interval; the message says what to set."""


class CoveringOrigin(NamedTuple):
    """An origin that covers an interval, or would with ``missing``, a setting as ``VARIABLE=example``."""

    name: str
    missing: str | None


def covering_origins(source: Source, interval: Interval) -> list[CoveringOrigin]:
    """The origins that list pages which no run has found before: all but the lake itself and teasers on pages that were
    captured."""
    found = []
    for origin in ORIGINS:
        if isinstance(origin, Archive | Teasers):
            continue
        if origin.lacks_setting(source, interval):
            found.append(CoveringOrigin(origin.name, origin.setting))
        elif origin.covers(source, interval) and (origin.name != "recent" or _has_recent(source)):
            found.append(CoveringOrigin(origin.name, None))
    return found


def _has_recent(source: Source) -> bool:
    return bool(source.discover.feeds or source.discover.news_sitemaps)


def require_origins(source: Source, interval: Interval) -> None:
    """Raises :class:`NothingCovers` for an interval that no origin covers."""
    found = covering_origins(source, interval)
    if any(origin.missing is None for origin in found):
        return
    days = f"{interval.start:%Y-%m-%d %H:%M} to {interval.end:%Y-%m-%d %H:%M} UTC"
    if found:
        names = " and ".join(origin.name for origin in found)
        settings = " or ".join(str(origin.missing) for origin in found)
        raise NothingCovers(
            f"nothing lists what {source.slug} published from {days}: its file names {names}, whose address is not "
            f"set. Set {settings}, and run it again"
        )
    reach = f"its feeds and news sitemaps reach {source.discover.recent_days} days back"
    reason = reach if _has_recent(source) else "it has no feed"
    raise NothingCovers(
        f"nothing lists what {source.slug} published from {days}: {reason}, and no "
        "other origin covers that time. Add dated_sitemaps, cc_news or wayback to its file"
    )
