"""The interface to the files of a lake, the same for a local disk and an object store.

A file appears complete or not at all, and is replaced as a whole. Names are relative to the lake's root, with forward
slashes.
"""

from __future__ import annotations

import abc
import contextlib
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pyarrow as pa


class FileStat(NamedTuple):
    """Size in bytes, time of writing in nanoseconds since 1970, and the object store's ETag (empty on a disk)."""

    size: int
    modified_ns: int
    etag: str = ""


class Storage(abc.ABC):
    """A root and the files below it.

    ``root`` is how a person names it; ``disk`` is the folder if it is on a local disk. Methods raise OSError, with
    what to do where a person can do something.
    """

    root: str
    disk: Path | None = None

    # listing

    @abc.abstractmethod
    def stat(self, name: str) -> FileStat | None:
        """Size, time and ETag of a file; None if it does not exist."""

    @abc.abstractmethod
    def stats(self, folder: str, ending: str) -> dict[str, FileStat]:
        """All files below a folder whose name has this ending, sorted by name; empty if there is no such folder."""

    def exists(self, name: str) -> bool:
        """True if there is a file of this name."""
        return self.stat(name) is not None

    def files(self, folder: str, ending: str) -> list[str]:
        """The names in :meth:`stats`."""
        return list(self.stats(folder, ending))

    def folders(self, folder: str) -> dict[str, int] | None:
        """On a disk the folders directly below one, each with the time at which a file in it was last added, replaced
        or removed (nanoseconds since 1970); None in an object store, which has no folders."""
        return None

    @abc.abstractmethod
    def has_content_of(self, name: str, local: Path) -> bool:
        """True if a file of this name exists and has the content of a local file."""

    # reading

    @abc.abstractmethod
    def open_input(self, name: str) -> BinaryIO:
        """The file as a seekable stream. Raises FileNotFoundError, also while reading, where the file was replaced and
        its former content is gone."""

    def read(self, name: str) -> bytes | None:
        """The whole file, or None if it does not exist."""
        try:
            with self.open_input(name) as stream:
                return stream.read()
        except FileNotFoundError:
            return None

    # writing

    @abc.abstractmethod
    def put(self, name: str, data: bytes | pa.Buffer) -> None:
        """Writes a whole file, replacing one of this name."""

    @abc.abstractmethod
    def replace_if_unchanged(self, name: str, before: FileStat | None, data: bytes | pa.Buffer | None) -> bool:
        """Writes a whole file if the present one still has the stat ``before`` (None: if there is none), or removes it
        if ``data`` is None. Returns True if that was done.

        An object store compares and writes in one operation, but not when removing. A disk does neither atomically:
        there both sides need :meth:`lock` around it.
        """

    @abc.abstractmethod
    def remove(self, name: str) -> None:
        """Removes a file if it exists, and on a disk the folders that become empty."""

    @abc.abstractmethod
    def add_file(self, local: Path, name: str) -> None:
        """Moves a complete local file to a name that is free. Raises FileExistsError if it is not free."""

    def lock(self, folder: str, patience: float | None = None) -> contextlib.AbstractContextManager[None]:
        """Excludes other processes and threads that lock the same folder, where that is possible: on a disk.

        Raises TimeoutError if another one holds the lock for longer than ``patience`` seconds.
        """
        return contextlib.nullcontext()

    def remove_unfinished(self) -> None:  # noqa: B027
        """Removes files that processes were writing when they ended."""
