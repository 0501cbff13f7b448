"""Discovery: what of a source was published or changed in an interval, as far as its feeds and sitemaps say.

A scheduled run and a backfill differ in nothing but the interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from klartext.discover.step import Discovery, discover, discover_batch

__all__ = ["Discovery", "discover", "discover_batch"]


def __getattr__(name: str) -> Any:
    """Imported when asked for: the crawler's process needs the readers of this package and not Arrow."""
    if name in __all__:
        from klartext.discover import step

        return getattr(step, name)
    raise AttributeError(name)
