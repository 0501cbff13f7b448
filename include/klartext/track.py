"""How a function lets its caller show progress."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Track(Protocol):
    """Returns the items it is given and shows how many of them are done; ``label`` says what is done with them."""

    def __call__(self, items: Iterable[T], label: str = ..., total: int | None = ..., /) -> Iterable[T]:
        """The items, each done when the next one is asked for."""


def untracked(items: Iterable[T], label: str = "", total: int | None = None, /) -> Iterable[T]:
    """A :class:`Track` that shows nothing."""
    return items
