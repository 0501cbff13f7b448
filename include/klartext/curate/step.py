"""The current view: one row an article, rebuilt from ``versions`` month by month.

An article is at home in the month of its first publication, at the publisher's place, as the first capture that
names one says; in the month of its first capture while none does. The home does not move when a later capture names
another time. The current version is the one captured last.

A rebuild reads what it needs and no more; two at once of one month end in the view of what is published last.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import pyarrow as pa

from klartext import model
from klartext.lake import layout, schema, version_index
from klartext.lake.lake import Lake
from klartext.lake.months import month_of, zone_of
from klartext.lake.storage import Mark

SKETCH = ["article_id", "version_id", "published_at", "fetched_at", "capture", "extractor"]
"""The columns of ``versions`` on which an article's place in the view depends."""


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
    extractor: str = dataclasses.field(compare=False)

    @property
    def moment(self) -> dt.datetime:
        return self.published_at or self.fetched_at


def home(seen: Iterable[Seen], zone: ZoneInfo) -> str:
    """The month in which an article is at home, given all of its versions."""
    captures = sorted(seen)
    return month_of(next((s for s in captures if s.published_at), captures[0]).moment, zone)


def sightings(rows: pa.Table) -> dict[str, list[Seen]]:
    """Every article in a table of versions with its rows."""
    found: dict[str, list[Seen]] = {}
    for number, row in enumerate(rows.select(SKETCH).to_pylist()):
        found.setdefault(row["article_id"], []).append(
            Seen(
                row["fetched_at"],
                row["version_id"],
                row["capture"]["file"],
                row["capture"]["offset"],
                number,
                row["published_at"],
                row["extractor"],
            )
        )
    return found


def of_articles(lake: Lake, source: str, ids: Iterable[str]) -> pa.Table:
    """The :data:`SKETCH` of all versions of some articles."""
    wanted = sorted(set(ids))
    while True:
        try:
            return version_index.read(lake, version_index.of(lake, source).of_articles(wanted).groups(), wanted, SKETCH)
        except version_index.Moved:
            continue


def edits(captures: Iterable[Seen]) -> list[Seen]:
    """The captures, in their order, that show another content than the one before.

    What another extractor read may be told otherwise and still be the same.
    """
    return [
        after
        for before, after in itertools.pairwise(sorted(captures))
        if after.version_id != before.version_id and after.extractor == before.extractor
    ]


def _bounds(month: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    first = dt.date.fromisoformat(f"{month}-01")
    following = (first + dt.timedelta(days=31)).replace(day=1)
    midnight = [dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (first, following)]
    return midnight[0], midnight[1]


def near(lake: Lake, source: str, month: str) -> version_index.Places:
    """Where all versions lie that a month may be made from."""
    return version_index.of(lake, source).of_month(*_bounds(month, zone_of(source)))


def _is_past(lake: Lake, source: str, month: str, found: version_index.Places) -> bool:
    """Whether a month would be made from other files now."""
    if version_index.listing(lake, source, found.resting) == found.listed:
        return False
    return near(lake, source, month).groups() != found.groups()


def view(lake: Lake, source: str, month: str) -> tuple[pa.Table, version_index.Places]:
    """The current rows of a month as ``versions`` has them now, in no order, and what they were made from."""
    while True:
        found = near(lake, source, month)
        try:
            return _view(lake, found.groups(), zone_of(source), month), found
        except version_index.Moved:
            continue  # another run has published meanwhile


def _view(lake: Lake, groups: dict[tuple[str, Mark], list[int]], zone: ZoneInfo, month: str) -> pa.Table:
    sketch = version_index.read(lake, groups, None, SKETCH)
    ids = [name for name, captures in sightings(sketch).items() if home(captures, zone) == month]
    rows = version_index.read(lake, groups, ids, model.schema(model.Article).names)
    latest: list[int] = []
    told: list[tuple[int, dt.datetime, dt.datetime | None]] = []
    for captures in sightings(rows).values():
        changes = edits(captures)
        latest.append(max(captures).row)
        told.append((1 + len(changes), min(captures).fetched_at, changes[-1].fetched_at if changes else None))
    columns = zip(*told, strict=True) if told else ([], [], [])
    current = rows.take(pa.array(latest, pa.int64()))
    more = [field for field in model.schema(model.Current) if field.name not in current.column_names]
    for field, values in zip(more, columns, strict=True):
        current = current.append_column(field, pa.array(values, field.type))
    return current


def curate(lake: Lake, source: str, month: str) -> int:
    """Rebuilds ``articles/source=…/month=…`` and gives the number of its rows; a month without any has no file.

    A pure function of what is published: it may be run at any time, again, and twice at once. What was read before
    another batch was published is not put in place of what was read after. On a disk whoever publishes or rebuilds
    keeps the others out meanwhile. An object store takes the file only in place of the one that was there before the
    versions were read, and whoever put it looks again whether it was overtaken: so the last to write has seen all that
    was published, or goes on. The first rebuild under a new schema brings the source's other files to it too.
    """
    made = _rebuilt(lake, source, month)
    schema.settle(lake, source, functools.partial(_rebuilt, lake, source))
    lake.storage.sweep()
    return made


def _rebuilt(lake: Lake, source: str, month: str) -> int:
    name = layout.articles(source, month)
    while True:
        before = lake.storage.mark(name)
        rows, made_from = view(lake, source, month)
        with lake.storage.alone(layout.index(source)):
            if _is_past(lake, source, month, made_from) or not lake.swap("current", name, before, rows):
                continue
        if lake.storage.disk or not _is_past(lake, source, month, made_from):
            return int(rows.num_rows)
