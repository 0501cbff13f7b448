"""Which month a time belongs to, by the publisher's time zone, and the names of the partitions of ``articles``."""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path
from zoneinfo import ZoneInfo

from klartext import sources


@functools.cache
def _zones(folders: tuple[Path, ...]) -> dict[str, ZoneInfo]:
    return {slug: source.zone for slug, source in sources.load_usable(folders)[0].items()}


def zone_of(source: str) -> ZoneInfo:
    """The time zone of a source's months: that of its file, UTC for :data:`klartext.sources.OTHER`; of any other source
    without a file that of its domain's country."""
    if source == sources.OTHER.slug:
        return sources.OTHER.zone
    return _zones(tuple(sources.directories())).get(source) or ZoneInfo(sources.zone_of_domain(source))


def month_of(moment: dt.datetime, zone: ZoneInfo) -> str:
    """The month of a time in a time zone, as ``YYYY-MM``."""
    return f"{moment.astimezone(zone):%Y-%m}"


def month_bounds(month: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Begin and end of a month in a time zone, both in UTC; the end is not part of it."""
    first = dt.date.fromisoformat(f"{month}-01")
    following = (first + dt.timedelta(days=31)).replace(day=1)
    begin, end = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (first, following))
    return begin, end


def partition_key(source: str, month: str) -> str:
    """The name of a partition of ``articles`` in asset events, as ``dwn|2016-08``."""
    return f"{source}|{month}"
