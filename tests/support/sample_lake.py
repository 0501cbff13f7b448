"""Steps of a batch on a lake, for tests."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from klartext.batch import Batch
from klartext.curate import curate
from klartext.lake import Lake, layout
from klartext.lake.storage import Storage
from klartext.model import Article, Fetch, Reject, Teaser
from klartext.publish import publish_batch
from support.sample_rows import account

CHANGES = ("put", "replace_if_unchanged", "remove", "add_file")


class Watched:
    """A storage that tells of every step before it is made; on a disk ``held`` counts the locks that it holds."""

    def __init__(self, storage: Storage, before: Callable[[str, str], None]) -> None:
        self._storage, self._before, self.held = storage, before, 0

    def __getattr__(self, verb: str) -> Any:
        found = getattr(self._storage, verb)
        if not callable(found):
            return found

        def step(*arguments: Any, **named: Any) -> Any:
            self._before(verb, str(arguments[verb == "add_file"]) if arguments else "")
            return found(*arguments, **named)

        return step

    @contextlib.contextmanager
    def lock(self, folder: str, patience: float | None = None) -> Iterator[None]:
        self._before("lock", folder)
        with self._storage.lock(folder, patience):
            self.held += self._storage.disk is not None
            try:
                yield
            finally:
                self.held -= self._storage.disk is not None


def watched(lake: Lake, before: Callable[[str, str], None]) -> Lake:
    return Lake(cast(Storage, Watched(lake.storage, before)))


class Killed(BaseException):
    """As nothing that runs would catch."""


def dying(lake: Lake, at: int | None) -> Lake:
    """The lake as a run sees it that dies just before a change of it, the first of which has the number 0."""
    changes = itertools.count()

    def step(verb: str, _: str) -> None:
        if verb in CHANGES and next(changes) == at:
            raise Killed

    return watched(lake, step)


def stage(
    lake: Lake,
    batch: Batch,
    versions: Iterable[Article] = (),
    teasers: Iterable[Teaser] = (),
    rejects: Iterable[Reject] = (),
    fetches: Iterable[Fetch] = (),
) -> None:
    """What publish takes."""
    lake.stage(batch, "versions", versions)
    lake.stage(batch, "teasers", teasers)
    lake.stage(batch, "rejects", rejects)
    lake.stage(batch, "fetches", fetches)
    of_tables = [lake.staged(batch, name) for name in ("versions", "teasers", "rejects", "fetches")]
    lake.stage(batch, "batches", [account(batch)] if any(rows is not None and len(rows) for rows in of_tables) else [])


def publish(lake: Lake, batch: Batch, *versions: Article) -> list[str]:
    """Stages and publishes versions and rebuilds what they touched; the partitions."""
    stage(lake, batch, versions)
    return republish(lake, batch)


def republish(lake: Lake, batch: Batch) -> list[str]:
    partitions: list[str] = publish_batch(lake, batch)["partitions"]
    for key in partitions:
        curate(lake, *key.split("|"))
    return partitions


def contents(lake: Lake, folder: str = "lake") -> dict[str, str]:
    """Every file below a folder with a hash of its bytes, without the files that never have rows."""
    names = [name for name in lake.storage.files(folder, "") if not layout.is_empty_file(name)]
    return {name: hashlib.sha256(lake.storage.read(name) or b"").hexdigest() for name in names}
