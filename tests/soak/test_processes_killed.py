"""Processes that work on one lake at once and are killed at any instant, on a disk and in a real object store behind a
proxy that refuses, drops, cuts and delays answers: after one run of everything the lake is that of a clean pass."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import pickle
import random
import shutil
import signal
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
from klartext.fetch import import_checkpoint
from klartext.lake import Lake, curated_state
from klartext.link.step import link_pending
from klartext.maintenance import check, takedown
from local_airflow import backends
from support import sample_pages, warc_files
from support.faulty_proxy import FAULTS, faulty_proxy
from support.lake_runs import RULES, World, linked_tables, press_at, tables
from support.object_server import object_server

SECONDS = float(os.environ.get("KLARTEXT_SOAK", "600"))
AT_ONCE = 3
KINDS = (
    "run", "run", "run", "run", "import", "import", "replay", "replay", "lose", "curate", "curate", "link", "link",
    "rebuild", "take down",
)  # fmt: skip
WHY = "request of the publisher"
STORE_FAILED = 3
"""Exit code of a process that ended because the store did not answer: Airflow tries such a task again."""


class Deed(NamedTuple):
    """What one process does: with one batch, with the imported file, or with all months.

    ``stops`` is when it is disturbed, in seconds after its beginning: it is suspended for ``pause`` seconds, or killed.
    """

    kind: str
    batch: int
    rules: str
    stops: float | None
    pause: float | None

    @property
    def excludes(self) -> str | None:
        """What no other process has at the same time, as in Airflow."""
        if self.kind == "import":
            return "import"
        return f"batch {self.batch}" if self.kind in ("run", "replay", "lose") else None


class Running(NamedTuple):
    """A process, when it was started (monotonic), and the file for what it could not expect."""

    deed: Deed
    process: multiprocessing.process.BaseProcess
    begun: float
    report: Path


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
        case "import":
            world.run_import(lake)
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
        import_checkpoint.SECONDS, import_checkpoint._SHARE = 0.0, 0  # a state after each record
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
        deeds = [self._deed(chance) for _ in range(chance.randint(4, 12))]
        try:
            self._at_once(place, deeds)
            self._settle(place, any(deed.kind == "take down" for deed in deeds))
        except AssertionError as error:
            raise AssertionError(f"sequence {number} on {place.root}: {deeds}\n{error}") from error

    def _deed(self, chance: random.Random) -> Deed:
        kind, batch, rules = chance.choice(KINDS), chance.randrange(len(self.world.batches)), chance.choice(RULES)
        stops = chance.uniform(0, chance.choice((0.05, 0.3, 1, 2))) if chance.random() < 0.75 else None
        return Deed(kind, batch, rules, stops, chance.uniform(0.1, 2) if chance.random() < 0.15 else None)

    def _at_once(self, place: Place, deeds: list[Deed]) -> None:
        """Each deed a process, a few at a time; two of them never have the same batch or file, as in Airflow."""
        waiting, running = list(deeds), list[Running]()
        while waiting or running:
            taken = {each.deed.excludes for each in running} - {None}
            for deed in [d for d in waiting if d.excludes not in taken][: max(AT_ONCE - len(running), 0)][:1]:
                waiting.remove(deed)
                running.append(self._start(place, deed))
            for each in list(running):
                if each.process.is_alive():
                    self._disturb(each)
                    assert time.monotonic() - each.begun < 300, f"{each.deed} does not end"
                    continue
                running.remove(each)
                code = each.process.exitcode
                self.ends["killed" if code == -signal.SIGKILL else "failed" if code else "done"] += 1
                self.ends[f"killed: {each.deed.kind}"] += code == -signal.SIGKILL
                assert not each.report.exists(), each.report.read_text()
            time.sleep(0.005)

    def _start(self, place: Place, deed: Deed) -> Running:
        report = self.folder / f"{uuid.uuid4().hex}.txt"
        arguments = (str(self.file), place, deed, self.url, str(report))
        child = self.context.Process(target=process, args=arguments, daemon=True)
        child.start()
        return Running(deed, child, time.monotonic(), report)

    def _disturb(self, running: Running) -> None:
        """Kills or suspends a process if its time has come, and lets one go on that was suspended for long enough."""
        deed, child, _, report = running
        start, suspended = report.with_suffix(".begun"), report.with_suffix(".suspended")
        if deed.stops is None or child.pid is None or not start.exists():
            return
        lived = time.time() - start.stat().st_mtime
        if lived < deed.stops:
            return
        with contextlib.suppress(ProcessLookupError):  # it ended in this moment
            if deed.pause is None:
                child.kill()
                child.join()
            elif not suspended.exists():
                os.kill(child.pid, signal.SIGSTOP)
                suspended.touch()
                self.ends["suspended"] += 1
            elif time.time() - suspended.stat().st_mtime > deed.pause:
                os.kill(child.pid, signal.SIGCONT)

    def _settle(self, place: Place, taken_down: bool) -> None:
        """What the scheduler and the operator see to in the end, with a store that answers."""
        lake = place.lake()
        for batch in self.world.batches:
            self.world.run(lake, batch)
        self.world.run_import(lake)
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
        world = World.met(press, clean, ["nordwoche"])
        world.meet_import(clean, write_file(world, folder / "elsewhere.warc.gz"))
        assert [batch.source for batch in world.imported] == ["nordwoche", "other"]
        yield Sequences(world, clean, folder)


def write_file(world: World, path: Path) -> Path:
    """A WARC file with what was captured in one batch, and with pages of hosts that have no source file."""
    story = sample_pages.STORY
    pages = {
        f"https://www.{host}.example/{number}.html": sample_pages.page(
            sample_pages.lines(part), house=house, head=sample_pages.ld(datePublished="2024-05-14T09:30:00+02:00")
        ).replace(sample_pages.TITLE, f"{sample_pages.TITLE}, Teil {number}")
        for host, house, number, part in (
            ("hafenkurier", "semantic", 1, story[:5]),
            ("hafenkurier", "flat", 2, story[5:]),
            ("siel-bote", "bare", 3, story[2:7]),
        )
    }
    warc_files.write(path, pages.items())
    with path.open("ab") as out:
        for capture in world.captures[world.batches[0].name]:
            out.write(capture)
    return path


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
