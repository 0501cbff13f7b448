"""The files that an import may read: below configured folders, on a disk or in an object store.

A user who may start an import in Airflow could otherwise read every file of the worker's machine.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from klartext.errors import PermanentError
from klartext.lake.lake import open_storage
from klartext.sources import PROJECT
from klartext.warc.files import require_file

if TYPE_CHECKING:
    from klartext.lake import Lake

VARIABLE = "KLARTEXT_IMPORTS"
"""The environment variable with the folders and addresses below which files may be imported, separated as in PATH."""
MOST = 1000
"""Files of one import."""
_ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")


class ImportNotAllowed(PermanentError):
    """A file that may not be read; the message says what to do."""


def allowed_places(lake: Lake, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The folders and addresses below which files may be imported: ``KLARTEXT_IMPORTS``, or the project's folder and
    the lake."""
    named = environ.get(VARIABLE, "")
    places = [part.strip() for part in re.split(rf"{re.escape(os.pathsep)}(?!//)", named)]
    return [part for part in places if part] or [str(PROJECT), lake.storage.root]


def list_files(named: str | Iterable[str], places: Iterable[str], access: Mapping[str, str] | None = None) -> list[str]:
    """The WARC and ARC files that are named: a file, a folder, an address as ``s3://bucket/file.warc.gz`` or
    ``s3://bucket/folder``, or a list of these. Each file is named once, in the order given; those of a folder, without
    the folders in it, are sorted by name.

    Args:
        named: what is to be imported.
        places: folders and addresses below which the files must be.
        access: credentials of an object store, as of :func:`klartext.lake.lake.open_storage`.

    Raises:
        ImportNotAllowed: a file is outside of the places.
        ValueError: nothing is named, a folder has no WARC file, or there are too many.
        OSError: a file does not exist or cannot be read.
    """
    allowed = list(places)
    found: dict[str, None] = {}
    for name in [named] if isinstance(named, str) else named:
        is_address = "://" in name and not name.startswith("file://")
        part = _objects(name, allowed, access) if is_address else _paths(name.removeprefix("file://"), allowed)
        found.update(dict.fromkeys(part))
        if len(found) > MOST:
            raise ValueError(f"{name}: more than {MOST} files; name fewer in one import")
    if not found:
        raise ValueError("no file is named: give the path of a WARC file or of a folder, or an address as s3://…")
    return list(found)


def _paths(name: str, allowed: list[str]) -> list[str]:
    path = Path(name).expanduser()
    path = (path if path.is_absolute() else PROJECT / path).resolve()
    _require_allowed(str(path), [str(Path(p).expanduser().resolve()) for p in allowed if "://" not in p], allowed)
    if not path.is_dir():
        require_file(path)
        return [str(path)]
    files = sorted(file for file in path.iterdir() if file.name.lower().endswith(_ENDINGS))
    if not files:
        raise ValueError(f"{path} has no WARC file; names end in {', '.join(_ENDINGS)}")
    return [each for file in files for each in _paths(str(file), allowed)]  # a link may lead out of the folder


def _objects(address: str, allowed: list[str], access: Mapping[str, str] | None) -> list[str]:
    parts = urlsplit(address)
    if ".." in PurePosixPath(parts.path).parts:
        raise ImportNotAllowed(f"{address}: an address with .. is not read")
    plain = parts._replace(query="", fragment="").geturl().rstrip("/")
    _require_allowed(plain, [place.partition("?")[0].rstrip("/") for place in allowed if "://" in place], allowed)
    folder, _, name = plain.rpartition("/")
    if name.lower().endswith(_ENDINGS):
        if open_storage(folder, access).stat(name) is None:
            raise FileNotFoundError(f"{plain} is not there: name a WARC file that exists")
        return [plain]
    found = [f"{plain}/{file}" for file in open_storage(plain, access).files("", "") if "/" not in file]
    files = [file for file in found if file.lower().endswith(_ENDINGS)]
    if not files:
        raise ValueError(f"{plain} has no WARC file; names end in {', '.join(_ENDINGS)}")
    return files


def _require_allowed(name: str, places: list[str], allowed: list[str]) -> None:
    if not any(name == place or name.startswith(place.rstrip("/") + "/") for place in places):
        raise ImportNotAllowed(
            f"{name} may not be imported: put it below {' or '.join(allowed)}, or name its folder in {VARIABLE}"
        )


@contextlib.contextmanager
def local_file(name: str, lake: Lake, access: Mapping[str, str] | None = None) -> Iterator[Path]:
    """A file of :func:`list_files` on this machine; one of an object store is copied into a folder of the lake's, and
    removed after use. Raises OSError."""
    if "://" not in name:
        yield Path(name)
        return
    folder, _, base = name.rpartition("/")
    copy = lake.import_folder(name) / base
    try:
        with open_storage(folder, access).open_input(base) as stream, copy.open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
        yield copy
    finally:
        shutil.rmtree(copy.parent, ignore_errors=True)
