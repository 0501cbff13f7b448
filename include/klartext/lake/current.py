"""The current view: one row an article, rebuilt from ``versions`` month by month.

An article is at home in the month of its first publication, at the publisher's place, as the first capture that
names one says; in the month of its first capture while none does. The home does not move when a later capture names
another time. The current version is the one captured last.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from klartext import model, sources
from klartext.lake import layout
from klartext.lake.lake import Lake

ZONE = "Europe/Berlin"
"""Where publishers without a source file are taken to be."""

_SKETCH = ["article_id", "version_id", "published_at", "fetched_at", "capture"]


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Seen:
    """One row of ``versions``, as far as its place in the view depends on it; ordered by time of capture.

    Captures of one moment stand in an order that does not depend on which batch came first. ``row`` is the row's
    number among all that were read.
    """

    fetched_at: dt.datetime
    version_id: str
    file: str
    offset: int
    row: int = dataclasses.field(compare=False)
    published_at: dt.datetime | None = dataclasses.field(compare=False)

    @property
    def moment(self) -> dt.datetime:
        return self.published_at or self.fetched_at


@functools.cache
def _zones(folders: tuple[Path, ...]) -> dict[str, ZoneInfo]:
    return {slug: source.zone for slug, source in sources.load_usable(folders)[0].items()}


def zone_of(source: str) -> ZoneInfo:
    """The time zone that a source's months are in."""
    return _zones(tuple(sources.directories())).get(source) or ZoneInfo(ZONE)


def month_of(moment: dt.datetime, zone: ZoneInfo) -> str:
    """The month of a moment at a place, as ``YYYY-MM``."""
    return f"{moment.astimezone(zone):%Y-%m}"


def home(seen: Iterable[Seen], zone: ZoneInfo) -> str:
    """The month in which an article is at home, given all of its versions."""
    captures = sorted(seen)
    return month_of(next((s for s in captures if s.published_at), captures[0]).moment, zone)


def versions(lake: Lake, source: str) -> Any:
    """All that is published of a source's versions, as a dataset to be read with a filter."""
    import pyarrow.dataset as ds  # takes pandas with it, which no DAG file may load

    names = lake.storage.files(layout.table("versions", source), ".parquet")
    return ds.dataset(
        [lake.storage.path(name) for name in names],
        schema=model.schema(model.TABLES["versions"]),
        format="parquet",
        filesystem=lake.storage.filesystem,
    )


def sightings(rows: pa.Table) -> dict[str, list[Seen]]:
    """Every article in a table of versions with its rows."""
    found: dict[str, list[Seen]] = {}
    for number, row in enumerate(rows.select(_SKETCH).to_pylist()):
        found.setdefault(row["article_id"], []).append(
            Seen(
                row["fetched_at"],
                row["version_id"],
                row["capture"]["file"],
                row["capture"]["offset"],
                number,
                row["published_at"],
            )
        )
    return found


def of_articles(all_versions: Any, ids: Iterable[str], columns: list[str] = _SKETCH) -> pa.Table:
    """The versions of some articles."""
    wanted = pa.array(sorted(set(ids)), pa.string())
    return all_versions.to_table(columns=columns, filter=pc.field("article_id").isin(wanted))


def _bounds(month: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    first = dt.date.fromisoformat(f"{month}-01")
    following = (first + dt.timedelta(days=31)).replace(day=1)
    midnight = [dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (first, following)]
    return midnight[0], midnight[1]


def _in_month(month: str, zone: ZoneInfo) -> pc.Expression:
    """Versions whose own time lies in the month: every article at home there has one."""
    start, end = (pa.scalar(bound, pa.timestamp("us", tz="UTC")) for bound in _bounds(month, zone))
    published, fetched = pc.field("published_at"), pc.field("fetched_at")
    dated = (published >= start) & (published < end)
    return dated | (published.is_null() & (fetched >= start) & (fetched < end))


def view(lake: Lake, source: str, month: str) -> pa.Table:
    """The current rows of a month as ``versions`` has them now, in no order."""
    zone = zone_of(source)
    published = versions(lake, source)
    near = published.to_table(columns=["article_id"], filter=_in_month(month, zone))
    rows = of_articles(published, near["article_id"].unique().to_pylist(), published.schema.names)
    latest = [max(seen).row for seen in sightings(rows).values() if home(seen, zone) == month]
    return rows.take(pa.array(latest, pa.int64()))


def curate(lake: Lake, source: str, month: str) -> int:
    """Rebuilds ``articles/source=…/month=…`` and gives the number of its rows; a month without any has no file.

    A pure function of what is published: it may be run at any time and again. Only one run at a time may rebuild a
    month.
    """
    rows = view(lake, source, month)
    lake.replace("articles", layout.articles(source, month), rows)
    return cast(int, rows.num_rows)
