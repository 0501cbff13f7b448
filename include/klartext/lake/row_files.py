"""Reading and writing rows as Parquet or as JSON lines."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from klartext import model
from klartext.lake import tables
from klartext.terminal import json_line


class RowFileError(ValueError):
    """A file that cannot be written or read as rows; the message says what to do."""


def write(table: str, rows: Iterable[Any], path: Path) -> None:
    """Writes rows of a table, by the file's ending as Parquet or as JSON lines (times as ISO 8601 in UTC).

    Raises RowFileError.
    """
    whole = tables.as_table(table, rows)
    if path.suffix == ".parquet":
        data = tables.to_parquet(table, whole).to_pybytes()
    else:
        data = "".join(f"{line(row)}\n" for row in whole.to_pylist()).encode()
    try:
        path.write_bytes(data)
    except OSError as error:
        raise RowFileError(
            f"{path}: cannot be written: {error.strerror}; give a file in a folder that you may write to"
        ) from error


def line(row: dict[str, Any]) -> str:
    """A row as JSON on one line, with days and times as ISO 8601, times in UTC."""
    return json_line(row, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, dt.date):  # a datetime too
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value)}")


def read(table: str, path: Path) -> list[Any]:
    """The rows of a file of :func:`write`, as instances of the table's class. Raises RowFileError."""
    row = model.TABLES[table]
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RowFileError(f"{path}: cannot be read: {error.strerror}") from error
    if path.suffix == ".parquet":
        return [row(**values) for values in tables.from_parquet(table, data).to_pylist()]
    schema = model.schema(row)
    times = [f.name for f in schema if pa.types.is_timestamp(f.type)]
    days = [f.name for f in schema if pa.types.is_date(f.type)]
    found = []
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            values = json.loads(line)
            values |= {name: dt.datetime.fromisoformat(values[name]) for name in times if values.get(name)}
            values |= {name: dt.date.fromisoformat(values[name]) for name in days if values.get(name)}
            found.append(row(**values))
        except (ValueError, TypeError, AttributeError) as error:
            raise RowFileError(f"{path}, line {number}: no row of {table}: {error}") from error
    return found
