"""Published versions become the current view of each month: the sixth step."""

from klartext.curate.step import Curated, curate, curate_months

__all__ = ["Curated", "curate", "curate_months"]
