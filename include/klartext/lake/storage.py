"""Bytes at a place: a local disk and an object store through the same few verbs.

A file appears whole or not at all, and is replaced whole. Names are relative to the lake's root, with forward slashes.
"""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pyarrow as pa


class Mark(NamedTuple):
    """What a file looks like from outside: bytes, nanoseconds since 1970 when it was written, and what an object store
    calls its content (``ETag``; empty on a disk)."""

    size: int
    written: int
    tag: str = ""


class Storage(abc.ABC):
    """A root and the files below it.

    ``root`` is how a person names it; ``disk`` is the folder if it is on a local disk. Methods raise OSError, with
    what to do where a person can do something.
    """

    root: str
    disk: Path | None = None

    @staticmethod
    def open(root: str, access: Mapping[str, str] | None = None) -> Storage:
        """``root`` is a local path or an address such as ``s3://bucket/folder``; ``access`` are credentials and the
        like as :mod:`klartext.lake.object_storage` takes them, instead of those of the environment."""
        if "://" in root and not root.startswith("file://"):
            from klartext.lake.object_storage import Objects  # whoever works on a disk does without

            return Objects.at(root, access)
        from klartext.lake.disk_storage import Disk

        return Disk(Path(root.removeprefix("file://")))

    # what is there

    @abc.abstractmethod
    def mark(self, name: str) -> Mark | None:
        """What the file looks like from outside; None if there is none."""

    @abc.abstractmethod
    def marks(self, folder: str, ending: str) -> dict[str, Mark]:
        """All files below a folder with an ending, by name, sorted; empty if there is no such folder."""

    def exists(self, name: str) -> bool:
        return self.mark(name) is not None

    def files(self, folder: str, ending: str) -> list[str]:
        """The names of :meth:`marks`."""
        return list(self.marks(folder, ending))

    def folders(self, folder: str) -> dict[str, int] | None:
        """On a disk the folders directly below one, each with the time at which a file in it was last put, replaced or
        removed (nanoseconds since 1970); None in an object store, which has none."""
        return None

    @abc.abstractmethod
    def holds(self, name: str, local: Path) -> bool:
        """Whether a local file is there under that name already, put by a run that then died."""

    # reading

    @abc.abstractmethod
    def open_input(self, name: str) -> BinaryIO:
        """The file as a stream that can seek. Raises FileNotFoundError; also in the middle, where the file has been
        replaced meanwhile and the rest of it is gone."""

    def read(self, name: str) -> bytes | None:
        """The whole file, or None if there is none."""
        try:
            with self.open_input(name) as stream:
                return stream.read()
        except FileNotFoundError:
            return None

    # writing

    @abc.abstractmethod
    def put(self, name: str, data: bytes | pa.Buffer) -> None:
        """Puts a whole file in place of what was there."""

    @abc.abstractmethod
    def swap(self, name: str, before: Mark | None, data: bytes | pa.Buffer | None) -> bool:
        """Puts a whole file in place of one that still looks as it did, or where there was none; without data removes
        it. Gives whether it did.

        An object store looks and puts in one, but not looks and removes. On a disk neither is: there it takes
        :meth:`alone` around it, on both sides.
        """

    @abc.abstractmethod
    def remove(self, name: str) -> None:
        """Removes a file if it is there, and on a disk the folders that are empty without it."""

    @abc.abstractmethod
    def take_in(self, local: Path, name: str) -> None:
        """Moves a finished local file to a name that is free. Raises FileExistsError if it is not."""

    def alone(self, folder: str) -> contextlib.AbstractContextManager[None]:
        """Keeps other processes and threads out that ask for the same folder, where that is possible: on a disk."""
        return contextlib.nullcontext()

    def sweep(self) -> None:  # noqa: B027
        """Removes what processes that died left half written."""
