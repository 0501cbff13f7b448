"""The batches of which a lake has captures or an account, by the names of its files."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pyarrow.compute as pc

from klartext.batch import Batch
from klartext.lake import layout
from klartext.lake.lake import Lake

_INTERVAL = re.compile(r"-(?P<start>\d{8}T\d{6})Z-(?P<end>\d{8}T\d{6})Z$")


def list_batches(lake: Lake, source: str, first: dt.date, until: dt.date) -> list[Batch]:
    """Batches of a source of the days from ``first`` until before ``until``, imported ones included, sorted by day and
    name."""
    names = lake.storage.files(layout.raw_source(source), ".gz")
    names += lake.published_files("fetches", source)
    found = {layout.batch_of_file(name) for name in names}
    return [_batch(lake, source, name, day) for day, name in sorted(found) if first <= day < until]


def find_batch(lake: Lake, source: str, name: str) -> Batch | None:
    """The batch of a source with this name, whichever day it is stored under; None if the lake has nothing of it."""
    names = lake.storage.files(layout.raw_source(source), ".gz")
    names += lake.published_files("fetches", source)
    days = [day for day, found in map(layout.batch_of_file, names) if found == name]
    return _batch(lake, source, name, min(days)) if days else None


def batch_of_raw_file(lake: Lake, name: str) -> Batch | None:
    """The batch that a WARC file belongs to, by its name in the lake; None if the lake has nothing of it."""
    return find_batch(lake, layout.partitions(name)["source"], layout.batch_of_file(name)[1])


def _batch(lake: Lake, source: str, name: str, day: dt.date) -> Batch:
    """The batch of this name. The interval of an imported one is from its first to its last capture."""
    if found := _INTERVAL.search(name):
        start, end = (
            dt.datetime.strptime(found[end], "%Y%m%dT%H%M%S").replace(tzinfo=dt.UTC) for end in found.groupdict()
        )
        return Batch(source=source, name=name, date=day, start=start, end=end)
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    batch = Batch(source=source, name=name, date=day, start=midnight, end=midnight)
    rows = lake.staged(batch, "fetches")
    rows = lake.published(batch, "fetches") if rows is None else rows
    if rows is None or not rows.num_rows:
        return batch
    span = pc.min_max(rows["fetched_at"]).as_py()
    return dataclasses.replace(batch, start=span["min"].astimezone(dt.UTC), end=span["max"].astimezone(dt.UTC))
