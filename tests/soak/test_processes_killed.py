"""Processes that work on one lake at once and are killed at any instant, on a disk and in a real object store behind a
proxy that refuses, drops, cuts and delays answers: after one run of everything the lake is that of a clean pass."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import random
import shutil
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from pyarrow.parquet import read_table

import newsroom
from klartext.curate import curate
from klartext.lake import Lake, curated_state
from klartext.link.step import link_pending
from klartext.maintenance import check, takedown
from local_airflow import backends
from support.faulty_proxy import FAULTS, faulty_proxy
from support.lake_runs import RULES, World, linked_tables, press_at, tables
from support.object_server import object_server

SECONDS = float(os.environ.get("KLARTEXT_SOAK", "600"))
AT_ONCE = 3
KINDS = ("run", "run", "run", "replay", "replay", "lose", "curate", "curate", "link", "rebuild", "take down")
WHY = "request of the publisher"
STORE_FAILED = 3
"""Exit code of a process that ended because the store did not answer: Airflow tries such a task again."""


class Deed(NamedTuple):
    """What one process does: with one batch, or with all months; ``dies`` is when it is killed, in seconds."""

    kind: str
    batch: int
    rules: str
    dies: float | None


class Place(NamedTuple):
    """How the processes open the lake, how it is looked at afterwards, and whether its store may fail."""

    root: str
    access: dict[str, str] | None
    clean_access: dict[str, str] | None

    def lake(self) -> Lake:
        return Lake.open(self.root, self.clean_access)


def do(world: World, lake: Lake, deed: Deed, url: str) -> None:
    batch = world.batches[deed.batch]
    match deed.kind:
        case "run":
            world.run(lake, batch, deed.rules)
        case "replay":
            if lake.raw_files(batch):
                world.run(lake, batch, deed.rules, replay=True)
        case "lose":
            for name in lake.storage.files(f"staging/{batch.name}", ".parquet"):
                lake.storage.remove(name)
        case "curate":  # as the DAG `heal` does
            for source in curated_state.published_sources(lake):
                for month in curated_state.pending_months(lake, source):
                    curate(lake, source, month)
        case "link":
            link_pending(lake)
        case "rebuild":
            list(check.rebuild(lake))
        case "take down":
            takedown.take_down(lake, url, WHY)


def process(world_file: str, place: Place, deed: Deed, url: str, report: str) -> None:
    """The body of a process; what it cannot expect is written to the file ``report``."""
    try:
        world: World = pickle.loads(Path(world_file).read_bytes())
        Path(report).with_suffix(".begun").touch()
        do(world, Lake.open(place.root, place.access), deed, url)
    except (FileNotFoundError, FileExistsError):
        Path(report).write_text(f"{deed}\n{traceback.format_exc()}")
    except OSError:
        if place.access is place.clean_access:
            Path(report).write_text(f"{deed}\n{traceback.format_exc()}")
        os._exit(STORE_FAILED)
    except BaseException:
        Path(report).write_text(f"{deed}\n{traceback.format_exc()}")
        raise


class Sequences:
    """Makes sequences of deeds from a number, lives them, and holds what is left against a clean pass."""

    def __init__(self, world: World, clean: Lake, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.file = folder / "world.pickle"
        self.file.write_bytes(pickle.dumps(world))
        month = next(name for name in tables(clean) if name.startswith("lake/articles/"))
        rows = read_table(io.BytesIO(clean.storage.read(month) or b""), columns=["url"])
        self.url = str(rows["url"][0])
        link_pending(clean)
        self.expected = {False: linked_tables(clean)}
        takedown.take_down(clean, self.url, WHY)
        link_pending(clean)
        self.expected[True] = linked_tables(clean)
        assert self.expected[True] != self.expected[False]
        self.ends: Counter[str] = Counter()
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["klartext.maintenance.takedown", "support.lake_runs"])

    def live(self, place: Place, number: int) -> None:
        chance = random.Random(number)
        deeds = [
            Deed(chance.choice(KINDS), chance.randrange(len(self.world.batches)), chance.choice(RULES),
                 chance.choice([None, chance.uniform(0, 0.3), chance.uniform(0, 1.5)]))
            for _ in range(chance.randint(3, 9))
        ]  # fmt: skip
        try:
            self._at_once(place, deeds)
            self._settle(place, any(deed.kind == "take down" for deed in deeds))
        except AssertionError as error:
            raise AssertionError(f"sequence {number} on {place.root}: {deeds}\n{error}") from error

    def _at_once(self, place: Place, deeds: list[Deed]) -> None:
        """Each deed a process, a few at a time; two of them never have the same batch, as in Airflow."""
        waiting, running = list(deeds), list[tuple[Deed, multiprocessing.process.BaseProcess, float, Path]]()
        while waiting or running:
            taken = {deed.batch for deed, *_ in running if deed.kind in ("run", "replay", "lose")}
            for deed in [d for d in waiting if d.batch not in taken][: max(AT_ONCE - len(running), 0)][:1]:
                waiting.remove(deed)
                report = self.folder / f"{uuid.uuid4().hex}.txt"
                child = self.context.Process(
                    target=process, args=(str(self.file), place, deed, self.url, str(report)), daemon=True
                )
                child.start()
                running.append((deed, child, time.monotonic(), report))
            for each in list(running):
                deed, child, begun, report = each
                if child.is_alive():
                    start = report.with_suffix(".begun")
                    if deed.dies is not None and start.exists() and time.time() - start.stat().st_mtime > deed.dies:
                        child.kill()
                        child.join()
                    assert time.monotonic() - begun < 300, f"{deed} does not end"
                    continue
                running.remove(each)
                self.ends["killed" if child.exitcode == -9 else "failed" if child.exitcode else "done"] += 1
                assert not report.exists(), report.read_text()
            time.sleep(0.005)

    def _settle(self, place: Place, taken_down: bool) -> None:
        """What the scheduler and the operator see to in the end, with a store that answers."""
        lake = place.lake()
        for batch in self.world.batches:
            self.world.run(lake, batch)
        if taken_down:
            takedown.take_down(lake, self.url, WHY)
        for source in curated_state.published_sources(lake):
            for month in curated_state.pending_months(lake, source):
                curate(lake, source, month)
        link_pending(lake)
        assert linked_tables(lake) == self.expected[taken_down]
        assert list(check.check(lake)) == []


@pytest.fixture(scope="module")
def sequences(press: newsroom.Press, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequences]:
    folder = tmp_path_factory.mktemp("sequences")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_SOURCES", press_at(press, folder / "sources"))
        environment.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
        clean = Lake.open(str(folder / "clean"))
        yield Sequences(World.met(press, clean, ["nordwoche"]), clean, folder)


@pytest.mark.soak
def test_on_a_disk(sequences: Sequences, tmp_path: Path) -> None:
    end, lived = time.monotonic() + SECONDS / 2, 0
    first = int.from_bytes(os.urandom(4))
    while time.monotonic() < end:
        place = Place(str(tmp_path / f"lake-{lived}"), None, None)
        sequences.live(place, first + lived)
        shutil.rmtree(place.root)
        lived += 1
    print(f"{lived} sequences on a disk from number {first}: {dict(sequences.ends)}")
    assert lived


@pytest.mark.soak
@pytest.mark.skipif(
    bool(backends.missing_packages()), reason="the dependency group `cluster` is not installed: run `make soak`"
)
def test_in_an_object_store(sequences: Sequences, tmp_path: Path) -> None:
    end, lived = time.monotonic() + SECONDS / 2, 0
    first = int.from_bytes(os.urandom(4))
    with object_server(tmp_path) as bucket, faulty_proxy(bucket.endpoint.removeprefix("http://"), 0.1, first) as proxy:
        while time.monotonic() < end:
            place = Place(
                f"s3://{backends.BUCKET}/lake-{lived}", bucket.access | {"endpoint": proxy.endpoint}, bucket.access
            )
            sequences.live(place, first + lived)
            lived += 1
        print(f"{lived} sequences in an object store from number {first}: {dict(sequences.ends)}, {dict(proxy.met)}")
    assert lived
    assert lived < 5 or set(proxy.met) > set(FAULTS)
