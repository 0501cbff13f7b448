"""A plugin of Airflow for measuring only: what the function of each task takes, as a line of JSON.

:mod:`bench.airflow_import` puts it among the plugins of the Airflow that it starts. The lines go to the file that the
environment variable :data:`VARIABLE` names. CPU time and memory include the processes that the function starts and
waits for.
"""

from __future__ import annotations

import functools
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

VARIABLE = "KLARTEXT_BENCH_TASKS"


def _cpu() -> float:
    return sum(os.times()[:4])


def _memory() -> float:
    """The peak of a single process in MiB: this one, or one that it has started."""
    return max(resource.getrusage(of).ru_maxrss for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def measured(function: Callable[..., Any], dag: str, task: str) -> Callable[..., Any]:
    """The function of a task, which writes a line whenever it ends."""

    @functools.wraps(function)
    def call(*args: Any, **arguments: Any) -> Any:
        before, begin = _cpu(), time.monotonic()
        try:
            return function(*args, **arguments)
        finally:
            took = {"cpu": _cpu() - before, "wall": time.monotonic() - begin, "memory": _memory()}
            line = json.dumps({"dag": dag, "task": task, **took}) + "\n"
            with Path(os.environ[VARIABLE]).open("a", encoding="utf-8") as out:
                out.write(line)  # one write, so that lines of tasks that run at the same time do not mix

    return call


class MeasuringListener:
    """Called by the process of a task."""

    @hookimpl
    def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:
        """Replaces the function of the task just before it is called."""
        task = task_instance.task
        task.python_callable = measured(task.python_callable, task.dag_id, task.task_id)


class MeasuringPlugin(AirflowPlugin):
    """Registers the listener."""

    name = "klartext_task_measures"
    listeners: ClassVar = [MeasuringListener()]
