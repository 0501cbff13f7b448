"""Columns of tables as fields of dataclasses, and the Arrow schema of such a class."""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Iterable
from typing import Any, Literal

import pyarrow as pa

from klartext.plain_data import as_dict


def column(
    meaning: str,
    *,
    required: bool = False,
    unit: str | None = None,
    since: int = 1,
    default: Any = dataclasses.MISSING,
) -> Any:
    """A column: its meaning, its unit, whether every row must have a value, and the schema version that introduced it.
    A Literal type gives allowed values."""
    about = {"meaning": meaning, "required": required, "unit": unit, "since": since}
    return dataclasses.field(default=default, metadata=about)


def _arrow(hint: Any) -> pa.DataType:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _arrow(next(a for a in args if a is not type(None)))
    if origin is Literal:
        return pa.string()
    if origin is list:
        return pa.list_(pa.field("element", _arrow(args[0])))  # the name that a Parquet file is read back with
    if dataclasses.is_dataclass(hint):
        return pa.struct([pa.field(k, _arrow(v)) for k, v in typing.get_type_hints(hint).items()])
    return {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        dt.datetime: pa.timestamp("us", tz="UTC"),
        dt.date: pa.date32(),
    }[hint]


_SCHEMAS: dict[type[Any], pa.Schema] = {}


def schema(row: type[Any]) -> pa.Schema:
    """The Arrow schema of a table. Every column is nullable; required values are checked before publishing."""
    if row not in _SCHEMAS:
        hints = typing.get_type_hints(row)
        _SCHEMAS[row] = pa.schema([pa.field(f.name, _arrow(hints[f.name])) for f in dataclasses.fields(row)])
    return _SCHEMAS[row]


def required(row: type[Any]) -> list[str]:
    """Names of the columns that must have a value in every row."""
    return [f.name for f in dataclasses.fields(row) if f.metadata["required"]]


def allowed(row: type[Any]) -> dict[str, list[str]]:
    """Columns with a fixed set of values, with the values."""
    found = {}
    for name, hint in typing.get_type_hints(row).items():
        kinds = [hint, *typing.get_args(hint)]
        words = next((typing.get_args(k) for k in kinds if typing.get_origin(k) is Literal), None)
        if words:
            found[name] = list(words)
    return found


def table(row: type[Any], rows: Iterable[Any]) -> pa.Table:
    """Rows, instances or dicts, as an Arrow table of the class's schema, in the order given. Raises ArrowException."""
    return pa.Table.from_pylist([r if isinstance(r, dict) else as_dict(r) for r in rows], schema(row))
