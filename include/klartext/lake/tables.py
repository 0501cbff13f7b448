"""Tables as Parquet. The same rows always give the same bytes."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from klartext import model, sources
from klartext.urls import site_of

ROW_GROUP = 10_000
"""Rows of a row group, the least that is read for one row."""

_VERSION = b"klartext.schema_version"

ORDER: dict[str, list[str]] = {
    "current": ["published_at", "article_id"],
    "versions": ["published_at", "article_id", "fetched_at", "version_id", "capture.file", "capture.offset"],
    "teasers": ["article_id", "fetched_at", "capture.file", "capture.offset", "position", "target_url", "title"],
    "rejects": ["fetched_at", "url", "capture.file", "capture.offset", "stage", "version_id"],
    "fetches": ["fetched_at", "url", "attempt", "discovered_from", "outcome"],
    "takedowns": ["taken_down_at", "article_id"],
    "batches": ["batch"],
    "shared_text": ["article_id", "other_id"],
    "keep": ["article_id"],
    "shingles": ["article_id"],
}
"""The columns by which the rows of a published table are sorted; rows without a value come last. Those of hosts without
a source file are sorted by their site first, so that a reader of one site reads few row groups."""


def as_table(name: str, rows: Iterable[Any] | pa.Table) -> pa.Table:
    """Rows as an Arrow table with exactly the schema of a table of the lake.

    Raises ValueError for an Arrow table that lacks a column, and ArrowException for values of other types.
    """
    row = model.TABLES[name]
    schema = model.schema(row)
    if not isinstance(rows, pa.Table):
        return model.table(row, rows)
    if missing := set(schema.names) - set(rows.column_names):
        raise ValueError(f"{name} without {', '.join(sorted(missing))}")
    return rows.select(schema.names).cast(schema)


def column(table: pa.Table, path: str) -> pa.ChunkedArray:
    """A column, or a field of one, as ``capture.file``."""
    name, _, field = path.partition(".")
    found = table[name]
    return pc.struct_field(found, field) if field else found


def sort_rows(name: str, table: pa.Table, source: str) -> pa.Table:
    """The rows of a source in the table's order. Rows that are equal in all of those columns keep their order."""
    by_site = source == sources.OTHER.slug and "site" in table.column_names
    order = [*(["site"] if by_site else []), *ORDER[name]]
    keys = pa.table({path: column(table, path) for path in order})
    return table.take(pc.sort_indices(keys, [(path, "ascending", "at_end") for path in order]))


def to_parquet(name: str, table: pa.Table, *, checksums: bool = True) -> pa.Buffer:
    """The Parquet file of a table. It does not contain when or by what it was written.

    ``checksums`` is false for the bytes that files had before their pages had checksums.
    """
    whole = as_table(name, table).combine_chunks()  # chunk boundaries would change the bytes
    whole = whole.replace_schema_metadata({_VERSION: str(model.SCHEMA_VERSION)})
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        whole.schema,
        version="2.6",
        compression="zstd",
        compression_level=3,
        write_page_index=True,
        write_page_checksum=checksums,
        write_statistics=True,
        store_schema=True,
    ) as writer:
        if whole.num_rows:  # a row group without rows is an error in Hugging Face's reader
            writer.write_table(whole, row_group_size=ROW_GROUP)
    return sink.getvalue()


def open_parquet(source: Any) -> pq.ParquetFile:
    """A Parquet file whose pages are compared with their checksums when they are read."""
    return pq.ParquetFile(source, page_checksum_verification=True)


class DamagedFile(OSError):
    """A file of the lake cannot be read; the message is the name of the ``file`` and ``what`` is wrong and to do."""

    def __init__(self, file: str, what: str) -> None:
        super().__init__(f"{file} {what}")
        self.file, self.what = file, what


@contextlib.contextmanager
def reading(name: str) -> Iterator[None]:
    """Raises :class:`DamagedFile` for the errors with which damaged files, and only those, are read; other errors, as
    those of an object store, stay as they are."""
    try:
        yield
    except (FileNotFoundError, DamagedFile):
        raise
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the file system
        what = (str(error).splitlines() or [type(error).__name__])[0]
        raise DamagedFile(
            name,
            f"cannot be read, it may be damaged: {what}. `klartext lake check` lists all damaged files; replay the "
            "batch of a file, or run `klartext lake rebuild` for one of `articles`",
        ) from error


def from_parquet(name: str, data: bytes) -> pa.Table:
    """The rows of a Parquet file, with the table's present schema. Raises ArrowException for a broken file."""
    return to_current_schema(name, open_parquet(pa.BufferReader(data)).read())


def read_columns(name: str, stream: BinaryIO, columns: list[str]) -> pa.Table:
    """Some columns of a Parquet file, with the table's present types. Raises ArrowException for a broken file."""
    file = pq.ParquetFile(stream)
    missing = [name for name in columns if name not in file.schema_arrow.names]
    needed = {name for column in missing for name in _DERIVED_FROM.get(column, ())} - set(columns)
    return to_current_schema(name, file.read(columns=[*columns, *sorted(needed)]), columns)


def to_current_schema(name: str, rows: pa.Table, columns: list[str] | None = None) -> pa.Table:
    """Rows of an earlier or later schema with the present one: a missing ``site`` is that of ``url``, a missing
    ``published_date`` the day of ``published_at`` in the publisher's time zone, an outcome that batches did not have is
    0, any other missing column is null, or an empty list where it is a list; a column that is unknown here is left out.
    """
    schema = model.schema(model.TABLES[name])
    fields = [schema.field(column) for column in columns] if columns else list(schema)
    for field in fields:
        if field.name in rows.column_names:
            continue
        derived_from = _DERIVED_FROM.get(field.name, ())
        if derived_from and set(derived_from) <= set(rows.column_names):
            rows = rows.append_column(field, _DERIVED[field.name](*(rows[column] for column in derived_from)))
        else:
            is_outcome = name == "batches" and field.name in model.OUTCOMES
            nothing = pa.scalar([] if pa.types.is_list(field.type) else 0 if is_outcome else None, field.type)
            rows = rows.append_column(field, pa.repeat(nothing, rows.num_rows))
    return rows.select([field.name for field in fields]).cast(pa.schema(fields))


def _sites(addresses: pa.ChunkedArray) -> pa.Array:
    return pa.array([site_of(url) for url in addresses.to_pylist()], pa.string())


def _days(ids: pa.ChunkedArray, moments: pa.ChunkedArray, precisions: pa.ChunkedArray) -> pa.Array:
    """The days of times at the publishers' places. Of publishers without a source file the stated offset is not known
    any more: a time is in the zone of the domain's country, else in UTC."""
    known = sources.load_usable()[0]

    @functools.cache
    def zone(publisher: str, is_day: bool) -> ZoneInfo:
        if publisher in known:
            return known[publisher].zone
        country = sources.zone_of_country(publisher) or ("" if is_day else "UTC")
        return ZoneInfo(country or sources.zone_of_domain(publisher))

    rows = zip(ids.to_pylist(), moments.to_pylist(), precisions.to_pylist(), strict=True)
    return pa.array(
        [
            at and at.astimezone(zone((name or "").partition(":")[0], precision == "day")).date()
            for name, at, precision in rows
        ],
        pa.date32(),
    )


_DERIVED_FROM = {"site": ("url",), "published_date": ("article_id", "published_at", "published_precision")}
"""Columns that an earlier schema does not have, each with those that it is computed from."""
_DERIVED: dict[str, Callable[..., pa.Array]] = {"site": _sites, "published_date": _days}


def schema_version(metadata: dict[bytes, bytes] | None) -> str:
    """The schema version in a file's footer; ``none`` if there is none."""
    return (metadata or {}).get(_VERSION, b"none").decode()
