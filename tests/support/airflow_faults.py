"""Tasks of a real Airflow that stop or die at points which a test has set.

`python -m support.airflow_faults scheduler` runs a component of Airflow with these points in the library, and with
short pauses between the tries of a task; its tasks are forks of it. A point is a file in the folder
:data:`VARIABLE`, named after the DAG and the task that it is for.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

VARIABLE = "KLARTEXT_TEST_FAULTS"
STOP, DIE = "stop", "die"
PUBLISHED = "published"
"""The point between the last file of a published batch and the event that names it."""


@dataclasses.dataclass(frozen=True)
class Faults:
    """The points that are set, and the tasks that have met one.

    A point is the number of the step of the storage before which the task stops (``STOP``) or dies (``DIE``), from 0:
    changes are counted, or where ``reads`` is true all steps, but for those of leases; or it is :data:`PUBLISHED`.
    """

    folder: Path

    def set(self, dag: str, task: str, does: str, at: int | str, *, times: int = 1, reads: bool = False) -> None:
        """Sets a point for a task of a DAG, for so many tries."""
        self.folder.mkdir(exist_ok=True)
        new = self.folder / f".{dag}.{task}"
        new.write_text(json.dumps({"does": does, "at": at, "times": times, "reads": reads}))
        new.rename(self.folder / f"{dag}.{task}.point")

    def waiting(self) -> set[str]:
        """The points that no task has met: DAG and task, with a full stop between them."""
        return {path.name.removesuffix(".point") for path in self.folder.glob("*.point")}

    def stopped(self) -> dict[str, int]:
        """The process ids of the tasks that have stopped at a point: by DAG and task, with a full stop between them."""
        return {path.name.removesuffix(".stop"): int(path.read_text()) for path in self.folder.glob("*.stop")}

    def go_on(self) -> list[str]:
        """Lets the tasks go on that have stopped. Returns DAG and task of each that has died since the call before."""
        for name, pid in self.stopped().items():
            (self.folder / f"{name}.stop").unlink()
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        died = sorted(self.folder.glob("*.die"))
        for path in died:
            path.unlink()
        return [path.name.removesuffix(".die").rpartition(".")[0] for path in died]

    def meet(self, task: tuple[str, str], at: int | str, count: int) -> None:
        """Called in a task at each point: stops or kills this process where that is what is set."""
        name = ".".join(task)
        file = self.folder / f"{name}.point"
        try:
            point = json.loads(file.read_text())
        except FileNotFoundError:
            return
        if point["at"] != (count if point["reads"] and at != PUBLISHED else at):
            return
        if point["times"] > 1:
            self.set(*task, point["does"], point["at"], times=point["times"] - 1, reads=point["reads"])
        else:
            file.unlink()
        if point["does"] == STOP:
            new = self.folder / f".{name}"
            new.write_text(str(os.getpid()))
            new.rename(self.folder / f"{name}.stop")
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            (self.folder / f"{name}.{os.getpid()}.die").touch()
            os.kill(os.getpid(), signal.SIGKILL)


def _task() -> tuple[str, str] | None:
    """The DAG and the task that this process runs; None before and after its function."""
    from airflow.sdk import get_current_context

    try:
        instance = get_current_context()["ti"]
    except RuntimeError:
        return None
    return instance.dag_id, instance.task_id


def install(faults: Faults) -> None:
    """Puts the points into the library: before each step of the storage of a lake that is opened, and after the
    publishing of a batch."""
    import klartext.publish
    from klartext.lake import Lake
    from support.sample_lake import CHANGES, watched

    opened = Lake.open.__func__  # type: ignore[attr-defined]
    publish = klartext.publish.publish_batch

    def open_with_points(cls: type[Lake], *arguments: Any, **named: Any) -> Lake:
        task, changes, steps = _task(), itertools.count(), itertools.count()
        lake = opened(cls, *arguments, **named)
        if task is None:
            return lake

        def before(verb: str, name: str) -> None:
            if not name.startswith("staging/.leases"):  # which a thread renews, under a lock that others wait for
                count = next(steps)
                faults.meet(task, next(changes) if verb in CHANGES else -1, count)

        return watched(lake, before)

    def publish_with_point(*arguments: Any, **named: Any) -> Any:
        published = publish(*arguments, **named)
        if task := _task():
            faults.meet(task, PUBLISHED, -1)
        return published

    Lake.open = classmethod(open_with_points)  # type: ignore[assignment, method-assign]
    klartext.publish.publish_batch = publish_with_point


def shorten_pauses() -> None:
    """Tasks are tried again after a second or two, as often as ever."""
    from klartext_airflow import defaults

    for arguments in (defaults.DEFAULT_ARGS, defaults.PUBLISHER_RETRIES):
        arguments.update(retry_delay=dt.timedelta(seconds=1), retry_exponential_backoff=0)


def main(command: list[str]) -> None:
    """Runs a component of Airflow, given as its arguments."""
    from klartext_airflow import preload

    install(Faults(Path(os.environ[VARIABLE])))
    shorten_pauses()
    if command[0] == "scheduler":
        preload.main(command)
    else:
        sys.argv = ["airflow", *command]
        from airflow.__main__ import main as airflow

        airflow()


if __name__ == "__main__":
    main(sys.argv[1:])
