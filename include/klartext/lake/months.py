"""Which month a moment belongs to: by the publisher's time zone."""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path
from zoneinfo import ZoneInfo

from klartext import sources

ZONE = "Europe/Berlin"
"""The time zone assumed for publishers without a source file."""


@functools.cache
def _zones(folders: tuple[Path, ...]) -> dict[str, ZoneInfo]:
    return {slug: source.zone for slug, source in sources.load_usable(folders)[0].items()}


def zone_of(source: str) -> ZoneInfo:
    """The time zone of a source's months; :data:`ZONE` for a source without a file."""
    return _zones(tuple(sources.directories())).get(source) or ZoneInfo(ZONE)


def month_of(moment: dt.datetime, zone: ZoneInfo) -> str:
    """The month of a moment in a time zone, as ``YYYY-MM``."""
    return f"{moment.astimezone(zone):%Y-%m}"
