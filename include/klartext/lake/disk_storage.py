"""A lake on a local or a shared disk.

A file is written under ``staging/.writing``, flushed to the device and renamed. The writing process holds a lock on it,
which ends with the process. A file there without a lock is therefore left over and can be removed.

Every file that is locked is open for writing: NFS locks nothing else. Linux makes a lock of a range of bytes of
``flock`` there, which fails with EBADF on a folder and on a file that is open for reading only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

from klartext.errors import disk_errors_explained
from klartext.lake import file_lock, layout
from klartext.lake.storage import FileStat, Storage


class DiskStorage(Storage):
    """A lake in a folder."""

    disk: Path

    def __init__(self, folder: Path) -> None:
        self.disk = folder.expanduser().resolve()
        self.root = self.disk.as_posix()

    def stat(self, name: str) -> FileStat | None:
        try:
            found = (self.disk / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return FileStat(found.st_size, found.st_mtime_ns)

    def stats(self, folder: str, ending: str) -> dict[str, FileStat]:
        found: dict[str, FileStat] = {}
        folders = [self.disk / folder]
        start = len(self.root) + 1
        while folders:
            with contextlib.suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders.append(Path(entry.path))
                    elif entry.path.endswith(ending):
                        with contextlib.suppress(FileNotFoundError):  # removed in this moment
                            stat = entry.stat()
                            found[entry.path[start:]] = FileStat(stat.st_size, stat.st_mtime_ns)
        return dict(sorted(found.items()))

    def folders(self, folder: str) -> dict[str, int]:
        try:
            with os.scandir(self.disk / folder) as entries:
                return {f"{folder}/{entry.name}": entry.stat().st_mtime_ns for entry in entries if entry.is_dir()}
        except FileNotFoundError:
            return {}

    def has_content_of(self, name: str, local: Path) -> bool:
        return (self.disk / name).samefile(local)

    def open_input(self, name: str) -> BinaryIO:
        return (self.disk / name).open("rb")

    def put(self, name: str, data: bytes | pa.Buffer) -> None:
        with disk_errors_explained(self.root), self._writing() as (stream, temporary):
            stream.write(cast(Any, data))
            stream.flush()
            os.fsync(stream.fileno())
            _rename(temporary, self.disk / name)

    def replace_if_unchanged(self, name: str, before: FileStat | None, data: bytes | pa.Buffer | None) -> bool:
        if self.stat(name) != before:
            return False
        self.remove(name) if data is None else self.put(name, data)
        return True

    def remove(self, name: str) -> None:
        with disk_errors_explained(self.root):
            (self.disk / name).unlink(missing_ok=True)
        for folder in Path(name).parents[:-1]:
            try:
                (self.disk / folder).rmdir()
            except OSError:
                break  # not empty, or gone already

    def add_file(self, local: Path, name: str) -> None:
        target = self.disk / name
        with disk_errors_explained(self.root):
            target.parent.mkdir(parents=True, exist_ok=True)
            with local.open("rb") as stream:
                os.fsync(stream.fileno())
            os.link(local, target)  # unlike a rename it never replaces a file
            _sync_folder(target.parent)
            local.unlink()

    @contextlib.contextmanager
    def lock(self, folder: str, patience: float | None = None) -> Iterator[None]:
        place = self.disk / layout.lock_file(folder)
        with contextlib.ExitStack() as stack:
            with disk_errors_explained(self.root):
                place.parent.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context(place.open("ab"))  # never removed: who waits for it would lock nothing
                file_lock.lock(file, patience)
            yield

    def remove_unfinished(self) -> None:
        for path in (self.disk / layout.WRITING).glob("*"):
            with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open("r+b") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[tuple[BinaryIO, Path]]:
        folder = self.disk / layout.WRITING
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            temporary = folder / uuid.uuid4().hex
            with temporary.open("xb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)
                if not temporary.exists():
                    continue  # removed by another process before it was locked
                try:
                    yield stream, temporary
                finally:
                    temporary.unlink(missing_ok=True)
                return


def _rename(temporary: Path, target: Path) -> None:
    while True:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.replace(target)
        except FileNotFoundError:
            if target.parent.is_dir():
                raise
            continue  # another run removed the folder as empty just now
        break
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
