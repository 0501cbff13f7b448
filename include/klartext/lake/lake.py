"""The lake as the steps use it: captures, staged rows, published files."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from klartext import model
from klartext.batch import Batch
from klartext.lake import empty_files, layout, tables
from klartext.lake.storage import FileStat, Storage
from klartext.lake.takedown_filter import TakedownFilter, TakedownRegister
from klartext.model import Row


class LakeError(RuntimeError):
    """The lake is not in the state that a step needs; the message says what to do."""


def open_storage(root: str, access: Mapping[str, str] | None = None) -> Storage:
    """The files below a root.

    Args:
        root: a local path or an address such as ``s3://bucket/folder``.
        access: options of an object store, see :mod:`klartext.lake.object_storage`; else those of the environment.

    Raises:
        ValueError: an address or an option that is not supported.
    """
    if "://" in root and not root.startswith("file://"):
        from klartext.lake.object_storage import ObjectStorage  # not imported for a lake on a disk

        return ObjectStorage.at(root, access)
    from klartext.lake.disk_storage import DiskStorage

    return DiskStorage(Path(root.removeprefix("file://")))


def _make_own_folder(folder: Path) -> None:
    """Creates a folder that only this user can use. Raises LakeError if it belongs to another user: all users share the
    temporary folder, and what lies in this one is read as written by Klartext."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise LakeError(f"{folder} is no folder of yours; remove it, or set TMPDIR to a folder of yours")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


class Lake:
    """Everything that is stored, below one root. Names of files are relative to it.

    Any number of processes may use a lake at once, but only one at a time works on a batch, and only one on a month
    of the current view. Articles that were taken down are left out of all rows, both when writing and when reading.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._takedowns = TakedownRegister(storage)
        self._created: tuple[int, int] | None = None

    @classmethod
    def open(cls, root: str | None = None, access: Mapping[str, str] | None = None) -> Lake:
        """The lake at ``root``, else at ``KLARTEXT_DATA``, else at ``./data``; arguments as of :func:`open_storage`.

        Nothing is created until something is written. Raises ValueError for an address that is not supported.
        """
        return cls(open_storage(root or os.environ.get("KLARTEXT_DATA") or "data", access))

    def has_tables(self) -> bool:
        """True if anything was published."""
        return not all(map(layout.is_empty_file, self.storage.files(layout.tables_folder(), ".parquet")))

    def create_tables(self) -> None:
        """Creates every published table that does not exist, as a file without rows. Everything that writes tables or
        stages rows does so first."""
        wanted = (model.MAJOR_VERSION, model.SCHEMA_VERSION)
        if self._created != wanted:
            empty_files.create(self.storage)
            self._created = wanted

    def published_files(self, table: str, source: str | None = None) -> list[str]:
        """The names in :meth:`published_stats`."""
        return list(self.published_stats(table, source))

    def published_stats(self, table: str, source: str | None = None) -> dict[str, FileStat]:
        """The files of a published table, or of one source in it, sorted by name; without the one that never has
        rows."""
        found = self.storage.stats(layout.table_folder(table, source), ".parquet")
        return {name: stat for name, stat in found.items() if not layout.is_empty_file(name)}

    # captures

    def raw_files(self, batch: Batch) -> list[str]:
        """The batch's WARC files in the order in which they were added."""
        found = {layout.raw_number(batch, name): name for name in self.storage.files(layout.raw_folder(batch), ".gz")}
        return [found[n] for n in sorted(n for n in found if n is not None)]

    def scratch_folder(self, batch: Batch) -> Path:
        """A local folder for files that the batch is still writing; it outlives the process."""
        return self._local_folder(batch.name)

    def import_folder(self, address: str) -> Path:
        """A local folder for the copy of a file that is imported from an object store."""
        return self._local_folder(f"{layout.IMPORTS}/{hashlib.sha256(address.encode()).hexdigest()[:16]}")

    def scratch_files(self) -> list[Path]:
        """The WARC files in the scratch folders of all batches, on this machine."""
        return sorted(self._local_root().glob("[!.]*/**/*.warc.gz"))

    def _local_folder(self, name: str) -> Path:
        folder = self._local_root() / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _local_root(self) -> Path:
        if self.storage.disk:
            return self.storage.disk / layout.STAGING
        root = hashlib.sha256(self.storage.root.encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"klartext-{os.getuid()}-{root}"
        _make_own_folder(folder)
        return folder

    def add_raw_file(self, batch: Batch, local: Path) -> str:
        """Moves a finished WARC file into the lake and returns its name there. No file is ever replaced; the same
        content is added once."""
        names = self.raw_files(batch)
        for name in names:
            if self.storage.has_content_of(name, local):  # added before, by a run that died then
                local.unlink()
                return name
        n = 1 + (layout.raw_number(batch, names[-1]) or 0) if names else 0
        while True:
            name = layout.raw_file(batch, n)
            try:
                self.storage.add_file(local, name)
            except FileExistsError:  # added by another run, or by an upload of ours whose answer was lost
                if not self.storage.has_content_of(name, local):
                    n += 1
                    continue
                local.unlink()
            return name

    def open_raw(self, name: str) -> BinaryIO:
        """A WARC file of the lake. Raises FileNotFoundError."""
        return self.storage.open_input(name)

    def raw_size(self, name: str) -> int:
        """The size of a WARC file of the lake in bytes; 0 if it does not exist."""
        found = self.storage.stat(name)
        return found.size if found else 0

    # staged rows

    def stage(self, batch: Batch, table: str, rows: Iterable[Row] | pa.Table, chunk: int | None = None) -> int:
        """Replaces what the batch, or one chunk of it by its number, has staged of this table; returns the number of
        rows."""
        self.create_tables()
        staged = self.takedown_filter().filter_rows(table, tables.as_table(table, rows))
        name = layout.staged_file(batch, table, chunk)
        with self.storage.lock(name.rpartition("/")[0]):
            self.storage.put(name, tables.to_parquet(table, staged))
        return int(staged.num_rows)

    def staged(self, batch: Batch, table: str, chunk: int | None = None) -> pa.Table | None:
        """The rows that the batch, or one chunk of it, has staged of a table; None if that step has not run."""
        return self._read(table, layout.staged_file(batch, table, chunk))

    def save_chunk_result(self, batch: Batch, chunk: int, result: dict[str, Any]) -> None:
        """Stores what belongs to the staged rows of a chunk and shows that they are complete."""
        self.storage.put(layout.chunk_result(batch, chunk), json.dumps(result, sort_keys=True).encode())

    def chunk_result(self, batch: Batch, chunk: int) -> dict[str, Any] | None:
        """What :meth:`save_chunk_result` stored; None if the chunk was not extracted."""
        data = self.storage.read(layout.chunk_result(batch, chunk))
        return None if data is None else dict(json.loads(data))

    def delete_chunk_result(self, batch: Batch, chunk: int) -> None:
        """Removes what :meth:`save_chunk_result` stored, before the chunk is extracted again."""
        self.storage.remove(layout.chunk_result(batch, chunk))

    def unstage(self, batch: Batch, table: str) -> None:
        """Removes what the batch has staged of a table, if anything."""
        self.storage.remove(layout.staged_file(batch, table))

    def add_touched_months(self, batch: Batch, months: set[str]) -> set[str]:
        """Adds to the months whose view the batch has ever changed, and returns all of them. A run that died may have
        published without reporting its months."""
        name = layout.touched_months(batch)
        before = set(json.loads(self.storage.read(name) or b"[]"))
        if months - before:
            self.storage.put(name, json.dumps(sorted(before | months)).encode())
        return before | months

    # published rows

    def published(self, batch: Batch, table: str) -> pa.Table | None:
        """The rows that the batch has published of a table; None if there are none."""
        return self._read(table, layout.published_file(batch, table))

    def publish(self, batch: Batch, table: str, rows: pa.Table) -> None:
        """Replaces what the batch has published of a table; without rows removes its file."""
        self.create_tables()
        rows = self.takedown_filter().filter_rows(table, rows)
        name = layout.published_file(batch, table)
        if rows.num_rows:
            self.storage.put(name, tables.to_parquet(table, tables.sort_rows(table, rows, batch.source)))
        else:
            self.storage.remove(name)

    def replace_if_unchanged(
        self, table: str, name: str, before: FileStat | None, rows: pa.Table, *, allow_empty: bool = False
    ) -> bool:
        """Replaces a published file of a table, or removes it if there are no rows (unless ``allow_empty``), provided
        that it still has the stat ``before``; see :meth:`Storage.replace_if_unchanged`. Returns True if that was done.
        """
        self.create_tables()
        rows = self.takedown_filter().filter_rows(table, rows)
        ordered = tables.sort_rows(table, rows, layout.partitions(name).get("source", ""))
        data = tables.to_parquet(table, ordered) if rows.num_rows or allow_empty else None
        return self.storage.replace_if_unchanged(name, before, data)

    def month_stat(self, source: str, month: str) -> FileStat | None:
        """The stat of the current view of a month, for :meth:`replace_month_if_unchanged`; None if there is no file."""
        return self.storage.stat(layout.month_file(source, month))

    def replace_month_if_unchanged(self, source: str, month: str, before: FileStat | None, rows: pa.Table) -> bool:
        """As :meth:`replace_if_unchanged`, for the current view of a month."""
        return self.replace_if_unchanged("current", layout.month_file(source, month), before, rows)

    def lock_source(self, source: str) -> contextlib.AbstractContextManager[None]:
        """Excludes others that publish or rebuild files of a source, where that is possible: on a disk."""
        return self.storage.lock(layout.index_folder(source))

    # take-downs

    def takedown_filter(self) -> TakedownFilter:
        """A filter for everything that has been taken down so far."""
        return self._takedowns.current_filter()

    # results of validation

    def save_quality_file(self, batch: Batch, name: str, content: dict[str, Any] | str) -> str:
        """Writes a page, or a dict as JSON, to the batch's validation results; returns the file's name in the lake."""
        if not isinstance(content, str):
            content = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n"
        place = f"{layout.quality_folder(batch.source, batch.date, batch.name)}/{name}"
        self.storage.put(place, content.encode())
        return place

    def quality_file(self, source: str, date: dt.date, batch: str, name: str) -> bytes | None:
        """A file of the validation results of the batch with this name; None if it does not exist."""
        return self.storage.read(f"{layout.quality_folder(source, date, batch)}/{name}")

    def delete_quality_files(self, batch: Batch) -> None:
        """Removes the batch's validation results, if there are any."""
        for name in self.storage.files(layout.quality_folder(batch.source, batch.date, batch.name), ""):
            self.storage.remove(name)

    def _read(self, table: str, name: str) -> pa.Table | None:
        data = self.storage.read(name)
        if data is None:
            return None
        with tables.reading(name):
            return self.takedown_filter().filter_rows(table, tables.from_parquet(table, data))
