"""Bytes at a place: a local disk and an object store through the same few verbs.

A file appears whole or not at all. On a disk it is written under ``staging/.writing``, flushed to the device and
renamed; an object store makes an object visible when its upload is complete.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import pyarrow as pa
import pyarrow.fs as pafs

from klartext.lake import layout

_ABANDONED = 24 * 3600
"""Age in seconds from which a file being written belongs to a process that is gone."""


class Mark(NamedTuple):
    """What a file looks like from outside: bytes, and nanoseconds since 1970 when it was written."""

    size: int
    written: int


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Storage:
    """A file system and a folder in it. Names are relative to that folder.

    ``disk`` is the folder if it is on a local disk. Methods raise OSError as the file system gives it.
    """

    def __init__(self, filesystem: pafs.FileSystem, base: str, disk: Path | None = None) -> None:
        self.filesystem = filesystem
        self.base = base.rstrip("/")
        self.disk = disk

    @classmethod
    def open(cls, root: str) -> Storage:
        """``root`` is a local path or an address that pyarrow can open, as ``s3://bucket/folder``."""
        if "://" in root:
            filesystem, base = pafs.FileSystem.from_uri(root)
            if not isinstance(filesystem, pafs.LocalFileSystem):
                return cls(filesystem, base)
            root = base
        disk = Path(root).expanduser().resolve()
        return cls(pafs.LocalFileSystem(), disk.as_posix(), disk)

    def path(self, name: str) -> str:
        """The name as the file system takes it."""
        return f"{self.base}/{name}" if name else self.base

    def exists(self, name: str) -> bool:
        return bool(self.filesystem.get_file_info(self.path(name)).type == pafs.FileType.File)

    def files(self, folder: str, ending: str) -> list[str]:
        """Names of all files below a folder with an ending, sorted; empty if there is no such folder."""
        return list(self.marks(folder, ending))

    def marks(self, folder: str, ending: str) -> dict[str, Mark]:
        """As :meth:`files`, with what each looks like from outside."""
        selector = pafs.FileSelector(self.path(folder), allow_not_found=True, recursive=True)
        found = (info for info in self.filesystem.get_file_info(selector) if info.type == pafs.FileType.File)
        start = len(self.base) + 1
        marks = {info.path[start:]: Mark(info.size, info.mtime_ns or 0) for info in found if info.path.endswith(ending)}
        return dict(sorted(marks.items()))

    def folders(self, folder: str) -> dict[str, int] | None:
        """On a disk the folders directly below one, each with the time at which a file in it was last put, replaced or
        removed (nanoseconds since 1970); None in an object store, which has none."""
        if self.disk is None:
            return None
        try:
            with os.scandir(self.disk / folder) as entries:
                return {f"{folder}/{entry.name}": entry.stat().st_mtime_ns for entry in entries if entry.is_dir()}
        except FileNotFoundError:
            return {}

    def read(self, name: str) -> bytes | None:
        """The whole file, or None if there is none."""
        if not self.exists(name):
            return None
        with self.filesystem.open_input_stream(self.path(name), compression=None) as stream:
            return cast(bytes, stream.read())

    def open_input(self, name: str) -> BinaryIO:
        """The file as a stream that can seek. Raises FileNotFoundError."""
        if self.disk:
            return (self.disk / name).open("rb")
        return cast(BinaryIO, self.filesystem.open_input_file(self.path(name)))

    def put(self, name: str, data: bytes | pa.Buffer) -> None:
        """Puts a whole file in place of what was there."""
        if self.disk is None:
            with self.filesystem.open_output_stream(self.path(name), compression=None) as stream:
                stream.write(data)
            return
        target = self.disk / name
        with self._writing() as temporary:
            with temporary.open("wb") as stream:
                stream.write(cast(Any, data))
                stream.flush()
                os.fsync(stream.fileno())
            self._place(temporary, target)

    def remove(self, name: str) -> None:
        """Removes a file if it is there, and on a disk the folders that are empty without it."""
        if self.disk is None:
            if self.exists(name):
                self.filesystem.delete_file(self.path(name))
            return
        (self.disk / name).unlink(missing_ok=True)
        for folder in Path(name).parents[:-1]:
            try:
                (self.disk / folder).rmdir()
            except OSError:
                break  # not empty, or gone already

    def take_in(self, local: Path, name: str) -> None:
        """Moves a finished local file to a name that is free. Raises FileExistsError if it is not."""
        if self.disk is None:
            if self.exists(name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
            pafs.copy_files(
                str(local), self.path(name), source_filesystem=pafs.LocalFileSystem(),
                destination_filesystem=self.filesystem,
            )  # fmt: skip
            local.unlink()
            return
        target = self.disk / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with local.open("rb") as stream:
            os.fsync(stream.fileno())
        os.link(local, target)  # unlike a rename it never takes another file's place
        _sync_folder(target.parent)
        local.unlink()

    @contextlib.contextmanager
    def alone(self, folder: str) -> Iterator[bool]:
        """Keeps other processes and threads out that ask for the same folder, where that is possible: on a disk.

        Gives whether it was.
        """
        if self.disk is None:
            yield False
            return
        place = self.disk / folder
        place.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(place, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield True
        finally:
            os.close(descriptor)

    def sweep(self) -> None:
        """Removes what processes that died left half written."""
        if self.disk is None:
            return
        limit = time.time() - _ABANDONED
        for path in (self.disk / layout.WRITING).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < limit:
                    path.unlink()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Path]:
        assert self.disk is not None
        folder = self.disk / layout.WRITING
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / uuid.uuid4().hex
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    @staticmethod
    def _place(temporary: Path, target: Path) -> None:
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
