"""Dataclasses as plain data."""

from __future__ import annotations

import dataclasses
import json

import pytest

from klartext.plain_data import as_dict
from support.sample_rows import article, fetch, teaser


@dataclasses.dataclass(frozen=True, slots=True)
class Inner:
    names: list[str]


@dataclasses.dataclass
class Outer:
    inner: Inner | None
    several: list[Inner]
    pair: tuple[Inner, int]
    free: dict[str, list[int]]


OUTER = Outer(Inner(["a"]), [Inner([]), Inner(["b", "c"])], (Inner(["d"]), 1), {"x": [1]})


@pytest.mark.parametrize("row", [OUTER, Outer(None, [], (Inner([]), 2), {}), article(1), fetch(2), teaser(3)])
def test_it_is_what_the_standard_library_makes_of_it(row: object) -> None:
    made = as_dict(row)
    assert json.dumps(made, default=str) == json.dumps(dataclasses.asdict(row), default=str)  # type: ignore[call-overload]
