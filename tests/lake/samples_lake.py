"""Steps of a batch on a lake, for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from klartext.batch import Batch
from klartext.lake import Lake, curate, publish_batch
from klartext.model import Article, Fetch, Reject, Teaser
from lake.samples import account


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
    """Every file below a folder with a hash of its bytes."""
    names = lake.storage.files(folder, "")
    return {name: hashlib.sha256(lake.storage.read(name) or b"").hexdigest() for name in names}
