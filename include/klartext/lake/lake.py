"""The lake as the steps see it: captures, staged rows, published files."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from klartext.batch import Batch
from klartext.lake import layout, tables
from klartext.lake.storage import Mark, Storage
from klartext.lake.takedown_filter import Barred, Register
from klartext.model import Row


class LakeError(RuntimeError):
    """The lake is not in the state that a step needs; the message says what to do."""


class Lake:
    """All that is kept, below one root. Names of files are relative to it.

    Any number of processes may use a lake at once, but only one at a time works on a batch, and only one on a month
    of the current view. What was taken down is neither in the rows that it takes nor in those that it gives.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._register = Register(storage)

    @classmethod
    def open(cls, root: str | None = None, access: Mapping[str, str] | None = None) -> Lake:
        """``root``: a local path or an address such as ``s3://bucket/folder``; else ``KLARTEXT_DATA``, else ``./data``.
        ``access``: credentials for an object store, see :mod:`klartext.lake.object_storage`, else those of the
        environment.

        Nothing is made until something is written. Raises ValueError for an address that nobody understands.
        """
        return cls(Storage.open(root or os.environ.get("KLARTEXT_DATA") or "data", access))

    # captures

    def raw_files(self, batch: Batch) -> list[str]:
        """The batch's WARC files in the order in which they were kept."""
        found = {layout.raw_number(batch, name): name for name in self.storage.files(layout.raw_folder(batch), ".gz")}
        return [found[n] for n in sorted(n for n in found if n is not None)]

    def scratch(self, batch: Batch) -> Path:
        """A local folder for files that the batch is still writing; it outlives the process."""
        return self._local(batch.name)

    def turns(self) -> Path:
        """A local folder in which runs say whom they are asking."""
        return self._local(layout.TURNS)

    def _local(self, name: str) -> Path:
        if self.storage.disk:
            folder = self.storage.disk / layout.STAGING / name
        else:
            root = hashlib.sha256(self.storage.root.encode()).hexdigest()[:12]
            folder = Path(tempfile.gettempdir()) / f"klartext-{os.getuid()}-{root}" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def keep_raw(self, batch: Batch, local: Path) -> str:
        """Moves a finished WARC file to its place and gives its name. What was kept is never replaced."""
        names = self.raw_files(batch)
        for name in names:
            if self.storage.holds(name, local):  # kept before, by a run that died then
                local.unlink()
                return name
        n = 1 + (layout.raw_number(batch, names[-1]) or 0) if names else 0
        while True:
            try:
                self.storage.take_in(local, layout.raw(batch, n))
            except FileExistsError:  # by another, or by an upload of ours whose answer was lost
                if not self.storage.holds(layout.raw(batch, n), local):
                    n += 1
                    continue
                local.unlink()
            return layout.raw(batch, n)

    def open_raw(self, name: str) -> BinaryIO:
        """A kept WARC file. Raises FileNotFoundError."""
        return self.storage.open_input(name)

    # staged rows

    def stage(self, batch: Batch, table: str, rows: Iterable[Row] | pa.Table) -> int:
        """Puts the rows in place of what the batch had staged of this table; gives their number."""
        staged = self.barred().without(table, tables.of(table, rows))
        with self.storage.alone(layout.staging(batch)):
            self.storage.put(layout.staged(batch, table), tables.encode(table, staged))
        return int(staged.num_rows)

    def staged(self, batch: Batch, table: str) -> pa.Table | None:
        """What the batch has staged of a table; None if it has not come that far."""
        return self._read(table, layout.staged(batch, table))

    def unstage(self, batch: Batch, table: str) -> None:
        """Takes back what the batch has staged of a table, if anything."""
        self.storage.remove(layout.staged(batch, table))

    # published rows

    def published(self, batch: Batch, table: str) -> pa.Table | None:
        """What the batch has published of a table; None if nothing."""
        return self._read(table, layout.published(batch, table))

    def replace(self, table: str, name: str, rows: pa.Table) -> None:
        """Puts sorted rows in place of a published file; no rows, no file."""
        rows = self.barred().without(table, rows)
        if rows.num_rows:
            self.storage.put(name, tables.encode(table, tables.ordered(table, rows)))
        else:
            self.storage.remove(name)

    def swap(self, table: str, name: str, before: Mark | None, rows: pa.Table) -> bool:
        """As :meth:`replace`, if the file still looks as it did; see :meth:`Storage.swap`."""
        rows = self.barred().without(table, rows)
        data = tables.encode(table, tables.ordered(table, rows)) if rows.num_rows else None
        return self.storage.swap(name, before, data)

    # what was taken down

    def barred(self) -> Barred:
        """Everything that was taken down until now."""
        return self._register.now()

    # what the checks said

    def keep_quality(self, batch: Batch, name: str, content: dict[str, Any] | str) -> str:
        """Keeps a page, or a thing as JSON, in place of what the checks said of the batch before; gives the file's
        name."""
        if not isinstance(content, str):
            content = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n"
        place = f"{layout.quality(batch.source, batch.date, batch.name)}/{name}"
        self.storage.put(place, content.encode())
        return place

    def quality(self, source: str, date: dt.date, batch: str, name: str) -> bytes | None:
        """A file of what the checks said of the batch with this name; None if there is none."""
        return self.storage.read(f"{layout.quality(source, date, batch)}/{name}")

    def forget_quality(self, batch: Batch) -> None:
        """Takes back what the checks said of the batch, if anything."""
        for name in self.storage.files(layout.quality(batch.source, batch.date, batch.name), ""):
            self.storage.remove(name)

    def _read(self, table: str, name: str) -> pa.Table | None:
        data = self.storage.read(name)
        return None if data is None else self.barred().without(table, tables.decode(table, data))
