"""The lake: where files lie, how they are written, and how a batch gets from staging to what consumers read."""

from klartext.lake.batches import batches
from klartext.lake.current import curate
from klartext.lake.lake import Lake, LakeError
from klartext.lake.publish import publish_batch
from klartext.lake.report import read_month, summary

__all__ = ["Lake", "LakeError", "batches", "curate", "publish_batch", "read_month", "summary"]
