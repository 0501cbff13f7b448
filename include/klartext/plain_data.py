"""Dataclasses as plain data."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any


def as_dict(row: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, dataclasses in them and in their lists as dicts too.

    As :func:`dataclasses.asdict`, but other values are not copied, which takes most of its time: the result is to be
    written and not to be changed.
    """
    kind: Any = type(row)
    return {name: _plain(getattr(row, name)) for name in _names(kind)}


@functools.cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return as_dict(value) if hasattr(type(value), "__dataclass_fields__") else value
