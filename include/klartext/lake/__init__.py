"""The lake: where files lie, how they are written, and what is in them."""

from klartext.lake.batches import list_batches
from klartext.lake.lake import Lake, LakeError
from klartext.lake.layout import (
    CROISSANT,
    DATASET_CARD,
    files_pattern,
    partition_columns,
    table_folder,
    tables_folder,
)
from klartext.lake.report import read_month, summary

__all__ = [
    "CROISSANT",
    "DATASET_CARD",
    "Lake",
    "LakeError",
    "files_pattern",
    "list_batches",
    "partition_columns",
    "read_month",
    "summary",
    "table_folder",
    "tables_folder",
]
