"""Published versions become the current view of each month: the sixth step."""

from klartext.curate.step import curate

__all__ = ["curate"]
