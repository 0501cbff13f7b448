"""What has changed in a lake since a time: for a copy of it that is to stay up to date without reading everything.

A batch that was published, again or for the first time, replaces all its rows of ``versions``; a take-down removes
those of an article. The order is that in which a copy has to apply them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from klartext.lake import table_files
from klartext.lake.lake import Lake
from klartext.lake.table_files import TableFile

_MARGIN = dt.timedelta(minutes=1)
"""A store may show a file only some time after the time that it gives it; so much is repeated by the next call."""


def changes(lake: Lake, since: dt.datetime, source: str | None = None) -> Iterator[dict[str, Any]]:
    """The changes since a time by the store's clock, each a dictionary whose ``change`` is one of these:

    - ``batch``: the rows of the batch ``batch`` of ``source`` and ``date`` are replaced by the ``rows`` rows behind it
    - ``version``: a row of ``versions``, with ``source``, ``date`` and ``batch``
    - ``take-down``: the rows of ``article_id``, and of all ``names``, are removed; ``taken_down_at`` says when
    - ``until``: the last one; its ``until`` is the ``since`` of the next call

    A change may be repeated by the next call. Batches whose pages were moved to another source are not reported as
    removed: their articles are reported with the other source, under another ``article_id``.

    Raises ValueError for a time without a time zone.
    """
    if since.tzinfo is None:
        raise ValueError(f"{since.isoformat()} has no time zone: give one, as in {since.isoformat()}+00:00")
    versions, taken_down = (table_files.list_table(lake, table, source) for table in ("versions", "takedowns"))
    times = [since + _MARGIN, *(_written(file) for file in [*versions, *taken_down])]
    for file in sorted(_later(versions, since), key=_written):
        rows = table_files.read_file(lake, file)
        place = {"source": file.source, "date": file.partition, "batch": file.label}
        yield {"change": "batch", **place, "rows": rows.num_rows}
        for part in rows.to_batches(1_000):
            for row in part.to_pylist():
                yield {"change": "version", **place, **row}
    for file in sorted(_later(taken_down, since), key=_written):
        for row in table_files.read_file(lake, file, ["article_id", "names", "taken_down_at"]).to_pylist():
            yield {"change": "take-down", "source": file.source, **row}
    yield {"change": "until", "until": max(times) - _MARGIN}


def _written(file: TableFile) -> dt.datetime:
    return dt.datetime.fromtimestamp(file.stat.modified_ns / 1e9, dt.UTC)


def _later(files: list[TableFile], since: dt.datetime) -> list[TableFile]:
    return [file for file in files if _written(file) >= since]
