"""A lake in an object store: an object becomes visible when its upload is complete, and stays what it was until then.

Credentials come from the environment (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_SESSION_TOKEN``,
``AWS_REGION``, ``AWS_ENDPOINT_URL``), from the role of the machine or of its container, or from whoever opens the lake:
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

from klartext.lake.storage import Mark, Storage

_WHOLE = 4 << 20
"""Bytes up to which a file is read at once. Most are no larger."""
_RANGE = 1 << 20
"""Bytes of a larger one that are asked for at once."""
_PARTS = 64 << 20
"""Bytes from which a file is uploaded in parts. The upload of one in parts cannot be made to depend on anything."""


class Objects(Storage):
    """The objects below a prefix."""

    def __init__(self, root: str, store: ObjectStore) -> None:
        self.root, self._store = root, store

    @classmethod
    def at(cls, root: str, access: Mapping[str, str] | None = None) -> Objects:
        """``root`` as ``s3://bucket/folder``; ``?region=…`` and ``&endpoint=…`` may follow. Raises ValueError for an
        address or an access that nobody understands."""
        address = urlsplit(root)
        told = {**dict(parse_qsl(address.query)), **(access or {})}
        endpoint = told.get("endpoint") or os.environ.get("AWS_ENDPOINT_URL") or ""
        place = address._replace(query="").geturl().rstrip("/")
        options: Any = {"allow_http": endpoint.startswith("http://")}  # whoever names such an endpoint means it
        try:
            store = from_url(place, config=cast(Any, told) or None, client_options=options)
        except (exceptions.BaseError, ValueError, TypeError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"{root}: {reason}; name a folder, or an address as s3://bucket/folder") from error
        return cls(place, store)

    def mark(self, name: str) -> Mark | None:
        try:
            with self._told(name):
                return _mark(obstore.head(self._store, name))
        except FileNotFoundError:
            return None

    def marks(self, folder: str, ending: str) -> dict[str, Mark]:
        with self._told(folder):
            found = [each for part in obstore.list(self._store, folder or None) for each in part]
        return dict(sorted((each["path"], _mark(each)) for each in found if each["path"].endswith(ending)))

    def holds(self, name: str, local: Path) -> bool:
        mark = self.mark(name)
        if mark is None or mark.size != local.stat().st_size:
            return False
        with tempfile.NamedTemporaryFile() as copy, self.open_input(name) as stream:
            shutil.copyfileobj(stream, copy, _RANGE)
            copy.flush()
            return filecmp.cmp(copy.name, local, shallow=False)

    def open_input(self, name: str) -> BinaryIO:
        with self._told(name):
            answer = obstore.get(self._store, name)
            if answer.meta["size"] > _WHOLE:
                return io.BufferedReader(_Ranges(self, name, _mark(answer.meta)), _RANGE)
            return io.BytesIO(bytes(answer.bytes()))

    def put(self, name: str, data: bytes | pa.Buffer) -> None:
        with self._told(name):
            obstore.put(self._store, name, bytes(data), use_multipart=len(data) >= _PARTS)

    def swap(self, name: str, before: Mark | None, data: bytes | pa.Buffer | None) -> bool:
        if data is None:
            if self.mark(name) != before:
                return False
            self.remove(name)
            return True
        try:
            with self._told(name):
                obstore.put(self._store, name, bytes(data), mode={"e_tag": before.tag} if before else "create")
        except (exceptions.PreconditionError, exceptions.AlreadyExistsError):
            return False
        return True

    def remove(self, name: str) -> None:
        with self._told(name):
            obstore.delete(self._store, name)

    def take_in(self, local: Path, name: str) -> None:
        if (parts := local.stat().st_size >= _PARTS) and self.exists(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
        try:
            with self._told(name):
                obstore.put(self._store, name, local, mode="overwrite" if parts else "create")
        except exceptions.AlreadyExistsError as error:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name) from error
        local.unlink()

    def part(self, name: str, tag: str, start: int, end: int) -> memoryview:
        """Some bytes of the object that has this tag. Raises FileNotFoundError if there is another one by now."""
        try:
            with self._told(name):
                options: Any = {"range": (start, end), "if_match": tag}
                return memoryview(obstore.get(self._store, name, options=options).bytes())
        except exceptions.PreconditionError as error:
            raise FileNotFoundError(errno.ENOENT, "replaced while it was read", name) from error

    @contextlib.contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Errors of the store as OSError, but for conditions that were not met."""
        try:
            yield
        except (exceptions.PreconditionError, exceptions.AlreadyExistsError):
            raise
        except exceptions.NotFoundError as error:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from error
        except exceptions.BaseError as error:
            reason = str(error).partition("\n")[0]
            advice = "look at the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or a role), AWS_REGION and "
            advice += "AWS_ENDPOINT_URL, and whether the bucket is there"
            raise OSError(f"{self.root}: {reason}; {advice}") from error


def _mark(told: Any) -> Mark:
    return Mark(told["size"], int(told["last_modified"].timestamp() * 1e6) * 1000, told["e_tag"] or "")


class _Ranges(io.RawIOBase):
    """An object read range by range, all of the same content."""

    def __init__(self, store: Objects, name: str, mark: Mark) -> None:
        self._store, self._name, self._mark, self._at = store, name, mark, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._mark.size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._mark.size)
        if end <= self._at:
            return 0
        found = self._store.part(self._name, self._mark.tag, self._at, end)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
