"""The step discover: lists what a source published or changed in an interval. Start at :mod:`step`.

A scheduled run and a backfill differ only in the interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from klartext.discover.step import Discovery, discover, discover_batch

__all__ = ["Discovery", "discover", "discover_batch"]


def __getattr__(name: str) -> Any:
    """Imports the step when it is used: the crawler's process needs the readers of this package without Arrow.

    Raises AttributeError for other names.
    """
    if name in __all__:
        from klartext.discover import step

        return getattr(step, name)
    raise AttributeError(name)
