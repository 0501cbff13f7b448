"""A lake in an object store: an object becomes visible when its upload is complete, and keeps its content until then.

Credentials come from the environment (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_SESSION_TOKEN``,
``AWS_REGION``, ``AWS_ENDPOINT_URL``), from the role of the machine or of its container, or from the caller as
``access_key_id``, ``secret_access_key``, ``session_token``, ``region``, ``endpoint``.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl, urlsplit

import obstore
import pyarrow as pa
from obstore import exceptions
from obstore.store import ObjectStore, from_url

from klartext.lake.storage import FileStat, Storage

_WHOLE = 4 << 20
"""Bytes up to which a file is read in one request. Most are no larger."""
_RANGE = 1 << 20
"""Bytes of one request for a part of a larger file."""
_PARTS = 64 << 20
"""Bytes from which a file is uploaded in parts. A multipart upload cannot be conditional."""


class ObjectStorage(Storage):
    """A lake below a prefix of an object store."""

    def __init__(self, root: str, store: ObjectStore) -> None:
        self.root, self._store = root, store

    @classmethod
    def at(cls, root: str, access: Mapping[str, str] | None = None) -> ObjectStorage:
        """The storage at ``root``, as ``s3://bucket/folder``; ``?region=…`` and ``&endpoint=…`` may follow.

        ``access`` are options of the store, as in the docstring of the module. Raises ValueError for an address or
        option that is not supported.
        """
        address = urlsplit(root)
        settings = {**dict(parse_qsl(address.query)), **(access or {})}
        endpoint = settings.get("endpoint") or os.environ.get("AWS_ENDPOINT_URL") or ""
        place = address._replace(query="").geturl().rstrip("/")
        options: Any = {"allow_http": endpoint.startswith("http://")}  # named explicitly, so it is meant
        try:
            store = from_url(place, config=cast(Any, settings) or None, client_options=options)
        except (exceptions.BaseError, ValueError, TypeError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"{root}: {reason}; name a folder, or an address as s3://bucket/folder") from error
        return cls(place, store)

    def stat(self, name: str) -> FileStat | None:
        try:
            with self._os_errors(name):
                return _stat(obstore.head(self._store, name))
        except FileNotFoundError:
            return None

    def stats(self, folder: str, ending: str) -> dict[str, FileStat]:
        with self._os_errors(folder):
            found = [each for part in obstore.list(self._store, folder or None) for each in part]
        return dict(sorted((each["path"], _stat(each)) for each in found if each["path"].endswith(ending)))

    def has_content_of(self, name: str, local: Path) -> bool:
        found = self.stat(name)
        if found is None or found.size != local.stat().st_size:
            return False
        with tempfile.NamedTemporaryFile() as copy, self.open_input(name) as stream:
            shutil.copyfileobj(stream, copy, _RANGE)
            copy.flush()
            return filecmp.cmp(copy.name, local, shallow=False)

    def open_input(self, name: str) -> BinaryIO:
        with self._os_errors(name):
            answer = obstore.get(self._store, name)
            if answer.meta["size"] > _WHOLE:
                return io.BufferedReader(_Ranges(self, name, _stat(answer.meta)), _RANGE)
            return io.BytesIO(bytes(answer.bytes()))

    def put(self, name: str, data: bytes | pa.Buffer) -> None:
        with self._os_errors(name):
            obstore.put(self._store, name, bytes(data), use_multipart=len(data) >= _PARTS)

    def replace_if_unchanged(self, name: str, before: FileStat | None, data: bytes | pa.Buffer | None) -> bool:
        if data is None:
            if self.stat(name) != before:
                return False
            self.remove(name)
            return True
        try:
            with self._os_errors(name):
                obstore.put(self._store, name, bytes(data), mode={"e_tag": before.etag} if before else "create")
        except (exceptions.PreconditionError, exceptions.AlreadyExistsError):
            return False
        return True

    def remove(self, name: str) -> None:
        with self._os_errors(name):
            obstore.delete(self._store, name)

    def add_file(self, local: Path, name: str) -> None:
        if (parts := local.stat().st_size >= _PARTS) and self.exists(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
        try:
            with self._os_errors(name):
                obstore.put(self._store, name, local, mode="overwrite" if parts else "create")
        except exceptions.AlreadyExistsError as error:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name) from error
        local.unlink()

    def read_range(self, name: str, etag: str, start: int, end: int) -> memoryview:
        """Bytes from ``start`` until before ``end`` of the object with this ETag. Raises FileNotFoundError if it
        was replaced since."""
        try:
            with self._os_errors(name):
                options: Any = {"range": (start, end), "if_match": etag}
                return memoryview(obstore.get(self._store, name, options=options).bytes())
        except exceptions.PreconditionError as error:
            raise FileNotFoundError(errno.ENOENT, "replaced while it was read", name) from error

    @contextlib.contextmanager
    def _os_errors(self, name: str) -> Iterator[None]:
        """Turns errors of the store into OSError, except conditions that were not met."""
        try:
            yield
        except (exceptions.PreconditionError, exceptions.AlreadyExistsError):
            raise
        except exceptions.NotFoundError as error:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from error
        except exceptions.BaseError as error:
            reason = str(error).partition("\n")[0]
            advice = "check the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or a role), AWS_REGION and "
            advice += "AWS_ENDPOINT_URL, and that the bucket exists"
            raise OSError(f"{self.root}: {reason}; {advice}") from error


def _stat(entry: Any) -> FileStat:
    return FileStat(entry["size"], int(entry["last_modified"].timestamp() * 1e6) * 1000, entry["e_tag"] or "")


class _Ranges(io.RawIOBase):
    """A stream over one object that requests range after range of the same content."""

    def __init__(self, store: ObjectStorage, name: str, stat: FileStat) -> None:
        self._store, self._name, self._stat, self._position = store, name, stat, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._stat.size}[whence]
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        end = min(self._position + len(buffer), self._stat.size)
        if end <= self._position:
            return 0
        found = self._store.read_range(self._name, self._stat.etag, self._position, end)
        buffer[: len(found)] = found
        self._position += len(found)
        return len(found)
