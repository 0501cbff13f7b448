"""The only module that knows where files lie in a lake. Paths are relative to the lake's root, with forward slashes.

The folders of tables hold Parquet files and nothing else, because plain readers read every file that they find there.
The partition columns (``source``, and ``date`` or ``month``) are in the path only.
"""

from __future__ import annotations

import datetime as dt
import zlib
from urllib.parse import quote

from klartext import model
from klartext.batch import Batch

STAGING = "staging"
WRITING = f"{STAGING}/.writing"
"""Files that are being written. No batch can have this name."""
LOCKS = f"{STAGING}/.locks"
"""Files that are locked on a disk. No batch can have this name."""
LEASES = f"{STAGING}/.leases"
"""A file for each publisher and archive. No batch can have this name."""


def lease_file(name: str) -> str:
    """The lease with this name, see :mod:`klartext.lake.lease`."""
    return f"{LEASES}/{quote(name, safe='')}.json"


def lock_file(folder: str) -> str:
    """The file that is locked on a disk to exclude others from a folder or a lease.

    Lock files stay, and there are ever more batches, so their staging folders share 256 of them, and the leases others.
    A process that holds the lock of one batch must not ask for that of another.
    """
    number = f"{zlib.crc32(folder.encode()) % 256:02x}"
    if folder.startswith(f"{LEASES}/"):
        return f"{LOCKS}/leases-{number}"
    if folder.startswith(f"{STAGING}/"):
        return f"{LOCKS}/{STAGING}-{number}"
    return f"{LOCKS}/{quote(folder, safe='')}"


IMPORTS = ".imports"
"""Folder in staging for copies of files that are imported. No batch can have this name."""


def raw_source(source: str) -> str:
    """The folder of all captures of a source."""
    return f"raw/source={source}"


def raw_root() -> str:
    """The folder of all captures."""
    return "raw"


def raw_folder(batch: Batch) -> str:
    """The folder of the WARC files of all batches of this source and day."""
    return f"{raw_source(batch.source)}/date={batch.date}"


def raw_file(batch: Batch, number: int) -> str:
    """The batch's WARC file with this number, counted from 0."""
    return f"{raw_folder(batch)}/{batch.name}--{number}.warc.gz"


def raw_number(batch: Batch, path: str) -> int | None:
    """The number of a WARC file, or None if it is not one of this batch's files."""
    name = path.rpartition("/")[2]
    number = name.removeprefix(f"{batch.name}--").removesuffix(".warc.gz")
    return int(number) if number.isdecimal() and path == raw_file(batch, int(number)) else None


def staging_folder(batch: Batch) -> str:
    """The folder of the rows that the batch's steps pass on."""
    return f"{STAGING}/{batch.name}"


def chunk_folder(batch: Batch, chunk: int) -> str:
    """The folder of the rows that were extracted from one chunk of the batch's captures, by its number."""
    return f"{staging_folder(batch)}/chunks/{chunk:05d}"


def chunk_result(batch: Batch, chunk: int) -> str:
    """The JSON file that is written when all rows of a chunk are staged."""
    return f"{chunk_folder(batch, chunk)}/extracted.json"


def staged_file(batch: Batch, table: str, chunk: int | None = None) -> str:
    """The file of the rows that the batch, or one chunk of it, has staged of a table."""
    folder = staging_folder(batch) if chunk is None else chunk_folder(batch, chunk)
    return f"{folder}/{table}.parquet"


def touched_months(batch: Batch) -> str:
    """The JSON file with the months whose current view may hold rows that this batch has ever published."""
    return f"{staging_folder(batch)}/touched.json"


def tables_folder(major: int | None = None) -> str:
    """The folder of all tables of a major version, by default the present one. Each major version has its own."""
    major = model.MAJOR_VERSION if major is None else major
    return "lake" if major == 1 else f"lake-v{major}"


def table_folder(name: str, source: str | None = None, major: int | None = None) -> str:
    """The folder of a table, or of one source in it."""
    return f"{tables_folder(major)}/{name}" if source is None else f"{tables_folder(major)}/{name}/source={source}"


def published_file(batch: Batch, name: str) -> str:
    """The file that this batch owns in a table."""
    return f"{table_folder(name, batch.source)}/date={batch.date}/{batch.name}.parquet"


def takedown_file(source: str, day: dt.date, label: str) -> str:
    """The record of one take-down. ``label`` is a hash of the article's id."""
    return f"{table_folder('takedowns', source)}/date={day}/{label}.parquet"


def month_file(source: str, month: str) -> str:
    """The current view of one month, given as ``YYYY-MM``. Raises ValueError for what is no month."""
    dt.date.fromisoformat(f"{month}-01")
    return f"{table_folder('articles', source)}/month={month}/articles.parquet"


def linked_file(table: str, month: str) -> str:
    """The file of ``shared_text`` or ``keep`` of one month, given as ``YYYY-MM``, of all sources."""
    return f"{table_folder(table)}/month={month}/{table}.parquet"


def partition_columns(table: str) -> list[str]:
    """The partition columns of a published table, which are folders: ``source`` (unless the table is of all sources)
    and ``month`` or ``date``."""
    if table in ("shared_text", "keep"):
        return ["month"]
    return ["source", "month" if table == "articles" else "date"]


def files_pattern(table: str) -> str:
    """A pattern for all files of a published table."""
    return f"{table_folder(table)}{'/*' * len(partition_columns(table))}/*.parquet"


DATASET_CARD = "README.md"
CROISSANT = "croissant.json"
"""The description of the tables for people and for machines, in the lake's root."""

_EMPTY = "empty.parquet"
_EMPTY_FOLDERS = {"source": "other", "month": "1970-01", "date": "1970-01-01"}
"""Values as of any other file. Hive's name for null (``__HIVE_DEFAULT_PARTITION__``) fails in pandas and pyarrow, and a
file outside of the folders fails in DuckDB and hides the partition columns from polars."""


def empty_file(table: str) -> str:
    """The file of a published table that has its schema and no rows, so that readers find the table while it has no
    other file. No batch can have its name."""
    folders = "/".join(f"{name}={_EMPTY_FOLDERS[name]}" for name in partition_columns(table))
    return f"{table_folder(table)}/{folders}/{_EMPTY}"


def is_empty_file(name: str) -> bool:
    """True for the names that :func:`empty_file` gives."""
    return name.endswith(f"/{_EMPTY}")


TABLES_MARKER = "index/tables.json"
"""A file with the schema version of the files that :func:`empty_file` names."""


def index_folder(source: str) -> str:
    """Files that are derived from a source's tables and can be rebuilt. It is also what :meth:`Lake.lock_source`
    locks."""
    return f"index/source={source}"


def version_index(source: str) -> str:
    """The cached index of a source's versions, see :mod:`klartext.lake.version_index`."""
    return f"{index_folder(source)}/versions.arrow"


def curated_state(source: str) -> str:
    """A JSON file that says from which files each month of the current view was computed."""
    return f"{index_folder(source)}/curated.json"


SHINGLES = "index/shingles"
"""The folder of the shingles of all sources and months."""


def shingles_folder(source: str) -> str:
    """The folder of the shingles of a source."""
    return f"{SHINGLES}/source={source}"


def shingles_file(source: str, month: str) -> str:
    """The shingles of the articles of a source and month, which ``shared_text`` is computed from."""
    return f"{shingles_folder(source)}/month={month}/shingles.parquet"


LINKED_STATE = "index/shared_text.json"
"""Says from which files ``shared_text`` and ``keep`` of each month were computed."""


def shingles_state(source: str) -> str:
    """A JSON file that says from which file of ``articles`` the shingles of each month were computed."""
    return f"{index_folder(source)}/shingles.json"


def schema_marker(source: str) -> str:
    """A file with the schema version that all files of a source are known to have."""
    return f"{index_folder(source)}/schema.json"


def quality_source(source: str) -> str:
    """The folder of the validation results of all batches of a source."""
    return f"quality/source={source}"


def quality_folder(source: str, date: dt.date, batch: str) -> str:
    """The folder of the validation results of one batch, by its name."""
    return f"{quality_source(source)}/date={date}/{batch}"


def batch_of_file(path: str) -> tuple[dt.date, str]:
    """Day and name of the batch that owns a WARC file or a published file."""
    name = path.rpartition("/")[2]
    name = name.rpartition("--")[0] if name.endswith(".gz") else name.removesuffix(".parquet")
    return dt.date.fromisoformat(partitions(path)["date"]), name


def partitions(path: str) -> dict[str, str]:
    """The partition columns in a path, as ``{"source": "dwn", "month": "2016-08"}``."""
    return dict(part.split("=", 1) for part in path.split("/") if "=" in part)
