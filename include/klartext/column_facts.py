"""How often the columns of a lake have no value, and an example of each: for the data dictionary."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from klartext import model
from klartext.lake import Lake
from klartext.lake.table_files import list_table, read_file

_LONGEST = 40
"""Characters of an example."""
_LOCAL = re.compile(r"127\.0\.0\.\d|localhost|:\d{4,5}\b|:[0-9a-f]{16}\b")
"""An address of this machine, or a hash of one, which another run does not have."""


@dataclasses.dataclass(frozen=True, slots=True)
class ColumnFacts:
    """The rows of a table, how many of them have null or an empty list in a column, and its most frequent value, or of
    equally frequent ones the first; None where no value can be shown."""

    rows: int
    without_value: int
    example: str | None


Facts = Mapping[str, Mapping[str, ColumnFacts]]
"""By table and column."""


def column_facts(lake: Lake) -> Facts:
    """The facts about all published tables of a lake. Reads the whole lake: for a small one."""
    found = {}
    for table, row in model.PUBLISHED.items():
        parts = [read_file(lake, file) for file in list_table(lake, table)]
        rows = pa.concat_tables([model.schema(row).empty_table(), *parts])
        found[table] = {name: _facts(rows[name]) for name in rows.column_names}
    return found


def _facts(values: pa.ChunkedArray) -> ColumnFacts:
    rows, without = len(values), values.null_count
    if pa.types.is_list(values.type):
        without += int(pc.sum(pc.equal(pc.list_value_length(values), 0)).as_py() or 0)
        values = pc.list_flatten(values)
    example = None if pa.types.is_struct(values.type) else _example(values.drop_null().to_pylist())
    return ColumnFacts(rows, without, example)


def _example(values: Iterable[Any]) -> str | None:
    counts = collections.Counter(text for text in map(_text, values) if not _LOCAL.search(text))
    return min(counts, key=lambda text: (-counts[text], text), default=None)


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.3g}"
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
