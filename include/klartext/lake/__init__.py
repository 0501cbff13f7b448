"""The lake: where files lie, how they are written, and what is in them."""

from klartext.lake.batches import batches
from klartext.lake.lake import Lake, LakeError
from klartext.lake.report import read_month, summary

__all__ = ["Lake", "LakeError", "batches", "read_month", "summary"]
