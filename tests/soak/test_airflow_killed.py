"""The newsroom's days through a real local Airflow whose components and tasks are killed in the middle of every step:
the runs end green, or red until one documented command has mended them, and the lake is that of a clean pass."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pyarrow.dataset as ds
import pytest

from klartext.lake import Lake
from klartext.maintenance.check import check
from klartext.maintenance.compare import compare_lakes
from klartext.sources import PROJECT
from local_airflow.session import Session, session
from local_airflow.settings import Secrets, Settings, UserError
from support.airflow_faults import DIE, PUBLISHED, STOP, VARIABLE, Faults
from support.ports import free_ports

pytestmark = pytest.mark.soak

A, B, C, D = SLUGS = ("kontorblatt", "spreepegel", "nordwoche", "telex8")
DAYS = (15, 16, 17)
"""Days of May 2024 on which the newsroom's three intervals end."""
MIDDLE = {"discover": 1, "fetch": 1, "extract": 3, "validate": 10, "publish": 4}
"""The change of the lake before which a step is in its middle: something is written, and something is missing."""
PATIENCE = 900.0
LOCKED = 90.0
"""Seconds; every component has given up to wait for the metadata database before."""


class FaultySettings(Settings):
    """As `make up`, with room for all tasks that are stopped at a time; that one is lost is noticed sooner."""

    def environment(self, environ: Any = os.environ) -> dict[str, str]:
        tests = str(PROJECT / "tests")
        return super().environment(environ) | {"PYTHONPATH": tests, VARIABLE: str(self.home / "faults")}

    def airflow(self, secrets: Secrets) -> dict[str, dict[str, Any]]:
        config = super().airflow(secrets)
        config["core"]["parallelism"] = 10
        config["scheduler"]["task_instance_heartbeat_timeout"] = 90
        return config


class WrongClockSettings(FaultySettings):
    """All processes of Airflow have a clock that a file sets: the seconds by which it is wrong."""

    def environment(self, environ: Any = os.environ) -> dict[str, str]:
        import libfaketime

        if not self.clock.exists():
            self.clock.write_text("+0")
        library = Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
        return super().environment(environ) | {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_CACHE_DURATION": "1",  # seconds until a change of the file is noticed
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",  # files of before are from the future
        }

    @property
    def clock(self) -> Path:
        """The file that sets the clock."""
        return self.home / "clock"


class FaultySession(Session):
    """The local Airflow with points at which its tasks stop or die, and what the tests do to it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.faults = Faults(self.settings.home / "faults")
        self.kills: Counter[str] = Counter()

    def start_servers(self) -> None:
        self.services.start("api-server", "airflow", "api-server")
        self._start("dag-processor")

    def start_scheduler(self) -> None:
        self._start("scheduler", "--skip-serve-logs")
        self.wait_until(lambda: "scheduler" in self.api.healthy(), "The scheduler")

    def _start(self, name: str, *options: str) -> None:
        command = (sys.executable, "-m", "support.airflow_faults", name, *options)
        self.services.start(name, *command, env=self.settings.patient_environment(), umask=self.umask)

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Waits as `make up` does, which starts components again."""
        end = time.monotonic() + PATIENCE
        while not condition():
            self.restart_ended()
            assert time.monotonic() < end, f"{what}: {self.unfinished()}, points {self.faults.waiting()}"
            time.sleep(1)

    def kill(self, component: str) -> None:
        """Kills the process of a component, and nothing that it started."""
        process = self.services.running[component]
        process.kill()
        process.wait()
        self.kills[component] += 1
        time.sleep(3)
        self.restart_ended()

    def met(self, points: set[str]) -> None:
        """Waits until tasks have met points: DAG and task, with a full stop between them."""
        self.wait(lambda: points <= self.faults.stopped().keys(), f"not all of {points} were met")

    def go_on(self) -> None:
        """Lets tasks that have stopped go on, and counts those that have died."""
        self.kills.update(f"task {name.partition('.')[2]}" for name in self.faults.go_on())

    def trigger(self, dag: str, **body: Any) -> str:
        """Starts a run; returns its id."""
        body = {"logical_date": None} | body
        return str(self.api.call("POST", f"/api/v2/dags/{dag}/dagRuns", json=body)["dag_run_id"])

    def run_batch(self, slug: str, day: int) -> None:
        """Starts a backfill of the interval that ended on a day."""
        begin = dt.datetime(2024, 5, day - 1, 2, tzinfo=dt.UTC)
        self.api.backfill(f"ingest_{slug}", begin, begin)

    def run_by_hand(self, slug: str, day: int, minute: int) -> None:
        """Starts another run of the batch whose interval ended on a day; another minute is another run."""
        self.trigger(f"ingest_{slug}", logical_date=f"2024-05-{day}T02:{minute:02}:00Z")

    def unfinished(self) -> list[str]:
        """DAG, run and state of the runs that have not ended."""
        states = ["queued", "running"]
        return [f"{run['dag_id']} {run['dag_run_id']} {run['state']}" for run in self.api.runs(state=states)]

    def settle(self) -> None:
        """Waits until no run and no backfill is under way, and no event waits for a run."""

        def settled() -> bool:
            waiting = any(self.api.partitions_without_run(dag) for dag in ("curate", "link", "summary"))
            return not waiting and not self.unfinished() and not any(map(self._has_backfill, SLUGS))

        self.wait(lambda: settled() and settled(), "runs do not end")
        self.go_on()

    def _has_backfill(self, slug: str) -> bool:
        params = {"dag_id": f"ingest_{slug}", "active": True, "limit": 1}
        return bool(self.api.call("GET", "/ui/backfills", params=params)["backfills"])

    def failed(self) -> dict[str, list[str]]:
        """The failed tasks of the failed runs, by DAG."""
        found: dict[str, list[str]] = {}
        for run in self.api.runs(state=["failed"]):
            tasks = self.api.failed_tasks(run["dag_id"], run["dag_run_id"])
            found.setdefault(run["dag_id"], []).extend(task["task_id"] for task in tasks)
        return found

    def clear_failed(self) -> None:
        """Clears all failed tasks, as a person does in the UI; asserts that their runs then succeed."""
        for run in self.api.runs(state=["failed"]):
            body = {"dry_run": False, "dag_run_id": run["dag_run_id"], "only_failed": True}
            self.api.call("POST", f"/api/v2/dags/{run['dag_id']}/clearTaskInstances", json=body)
        self.settle()
        assert self.failed() == {}


@contextlib.contextmanager
def airflow(kind: type[FaultySettings], folder: Path) -> Iterator[FaultySession]:
    """A running Airflow with the newsroom's DAGs."""
    usual = Settings.read({})
    sites = len(usual.newsroom_ports)
    first = free_ports(sites + 1)
    settings = kind(folder / "airflow", str(folder / "data"), first, range(first + 1, first + 1 + sites))
    with session(settings, "make soak", print, newsroom=True, kind=FaultySession) as running:
        assert isinstance(running, FaultySession)
        names = {f"ingest_{slug}" for slug in SLUGS}
        running.wait_for_dags({*names, "curate", "heal", "link", "summary"})
        for name in (*names, "summary"):
            running.api.pause(name, False)
        running.start_scheduler()
        yield running


def clean_pass(settings: Settings, root: Path, slugs: Sequence[str]) -> Callable[[], Lake]:
    """Begins to run the same batches without Airflow into another lake, beside; the function waits for the end."""
    klartext = str(Path(sys.executable).parent / "klartext")
    commands = [f"{klartext} land {slug} --from 2024-05-14 --to 2024-05-17" for slug in slugs]
    process = subprocess.Popen(
        ["/bin/sh", "-ec", "\n".join([*commands, f"{klartext} link"])],
        env={name: value for name, value in settings.environment().items() if name != "LD_PRELOAD"}
        | {"KLARTEXT_DATA": str(root)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip

    def finished() -> Lake:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, output
        return Lake.open(str(root))

    return finished


def shared_text(lake: Lake) -> list[str]:
    """The rows of what articles share, in a fixed order."""
    table = ds.dataset(f"{lake.storage.root}/lake/shared_text", partitioning="hive").to_table()
    return sorted(map(repr, table.to_pylist()))


def assert_equal(lake: Lake, clean: Lake, batches: int) -> None:
    """Asserts that two lakes have the same batches, accounts and rows, and that the first has no problem."""
    found = compare_lakes(lake, clean)
    assert found.differences == []
    assert found.missing == []
    assert (found.batches, found.articles > 3 * batches) == (batches, True)
    assert shared_text(lake) == shared_text(clean)
    assert list(check(lake)) == []


def make_old(lake: Lake, slug: str) -> None:
    """As if the batches of a source had been published an hour ago."""
    long_ago = time.time() - 3600
    for name in lake.storage.files(f"lake/versions/source={slug}", ".parquet"):
        os.utime(f"{lake.storage.root}/{name}", (long_ago, long_ago))


def test_killed_in_the_middle_of_every_step(tmp_path: Path) -> None:
    with airflow(FaultySettings, tmp_path) as running:
        kill_in_every_step(running, tmp_path)


def kill_in_every_step(running: FaultySession, tmp_path: Path) -> None:
    clean = clean_pass(running.settings, tmp_path / "clean", SLUGS)
    faults, lake = running.faults, running.settings.lake()
    for day, component in zip(DAYS, ("api-server", "scheduler", "dag-processor"), strict=True):
        stops = dict(zip(("discover", "fetch", "extract", "validate"), SLUGS, strict=True))
        for slug in SLUGS:
            for step, change in MIDDLE.items():
                faults.set(f"ingest_{slug}", step, STOP if stops.get(step) == slug else DIE, change)
        lost = (A, B) if day == DAYS[-1] else ()
        for slug in lost:  # the events of these are lost: every try dies between the last file and its event
            faults.set(f"ingest_{slug}", "publish", DIE, PUBLISHED, times=5)
        for slug in SLUGS:
            running.run_batch(slug, day)
        running.met({f"ingest_{slug}.{step}" for step, slug in stops.items()})
        if component == "dag-processor":  # what supervises a task in the scheduler's place
            task = faults.stopped()[f"ingest_{C}.extract"]
            psutil.Process(task).parent().kill()
            running.kills["worker"] += 1
        running.kill(component)
        running.go_on()
        faults.set("curate", "curate", STOP, 1)
        faults.set("link", "link", STOP, 2)
        faults.set("summary", "summarise", STOP, 0, reads=True)
        faults.set(f"ingest_{C}", "account", STOP, 0, reads=True)
        later = {"curate.curate", "link.link", "summary.summarise", f"ingest_{C}.account"}
        if not lost:  # else no other source would start `link` and `summary` while one is stopped in `curate`
            faults.set(f"ingest_{D}", "publish", STOP, 4)
            later.add(f"ingest_{D}.publish")
        running.met(later)
        running.kill(component)
        running.go_on()
        running.settle()
        assert running.failed() == {f"ingest_{slug}": ["publish"] for slug in lost}
        print(f"{component}: {dict(running.kills)}")

    mend_lost_events(running, lake)
    print(f"all: {dict(running.kills)}")
    assert_equal(lake, clean(), len(SLUGS) * len(DAYS))
    refuse_second_backfill(running)


def mend_lost_events(running: FaultySession, lake: Lake) -> None:
    """Two batches are published and no run has heard of it: `heal` finds one, and one documented command mends the
    other. The failed tasks are cleared, as the alert says."""
    unread = [problem for problem in check(lake) if "2024-05" in str(problem)]
    assert {slug for slug in (A, B) if any(slug in str(problem) for problem in unread)} == {A, B}, unread
    make_old(lake, A)
    running.faults.set("heal", "heal", DIE, 1)
    running.trigger("heal")
    running.settle()
    assert running.kills["task heal"] == 1
    unread = [problem for problem in check(lake) if "2024-05" in str(problem)]
    assert {slug for slug in (A, B) if any(slug in str(problem) for problem in unread)} == {B}, unread
    running.trigger("curate", partition_key=f"{B}|*")
    running.settle()
    assert list(check(lake)) == []
    running.clear_failed()


def refuse_second_backfill(running: FaultySession) -> None:
    """Airflow runs one backfill of a DAG at a time, and says so."""
    first, last = (dt.datetime(2024, 5, day, tzinfo=dt.UTC) for day in (14, 16))
    running.api.backfill(f"ingest_{A}", first, last)
    with pytest.raises(UserError, match="already a running backfill"):
        running.api.backfill(f"ingest_{A}", first, last)
    running.api.backfill(f"ingest_{B}", first, last)
    running.settle()
    assert running.failed() == {}


@pytest.mark.skipif(
    importlib.util.find_spec("libfaketime") is None,
    reason="the dependency group `soak` is not installed: run `make soak`",
)
def test_database_locked_and_clock_put_back(tmp_path: Path) -> None:
    slugs = SLUGS[:2]
    with airflow(WrongClockSettings, tmp_path) as running:
        clean = clean_pass(running.settings, tmp_path / "clean", slugs)
        begin_batches(running, slugs, DAYS[0])
        running.settings.clock.write_text("-3600")
        running.settle()
        running.clear_failed()

        for slug in slugs:  # two runs of one batch at once, beside that of another
            running.run_by_hand(slug, DAYS[0], minute=1)
            running.run_by_hand(slug, DAYS[0], minute=2)
        begin_batches(running, slugs, DAYS[1])
        running.settle()
        assert running.failed() == {}

        begin_batches(running, slugs, DAYS[2])
        hold_database(running)
        running.settle()
        running.clear_failed()  # Airflow fails a task whose end it cannot store
        assert_equal(running.settings.lake(), clean(), len(slugs) * len(DAYS))


def begin_batches(running: FaultySession, slugs: Sequence[str], day: int) -> None:
    """Starts the runs of sources, and waits until tasks of two steps run at once."""
    for slug in slugs:
        running.run_batch(slug, day)
    running.wait(lambda: len({task["task_id"] for task in running.api.running_tasks()}) > 1, "no tasks run")


def hold_database(running: FaultySession) -> None:
    """Another program writes to the metadata database for longer than anything waits for it."""
    with contextlib.closing(sqlite3.connect(running.settings.database_file, timeout=60, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        end = time.monotonic() + LOCKED
        while time.monotonic() < end:
            running.services.restart_ended()
            time.sleep(1)
        other.execute("ROLLBACK")
