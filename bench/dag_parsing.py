"""CPU time that Airflow needs for the plugins and each DAG file, and the heavy modules that these import.

A DAG file is parsed in a process of its own in which Airflow's modules are imported already, as in the DAG processor;
the least of three runs counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bench.bounds import Bounds
from klartext.sources import DEFAULT_DIRECTORIES, PROJECT

HEAVY = frozenset("pyarrow pandas numpy trafilatura scrapy great_expectations".split())
_PARSE = """
import importlib, json, sys, time
from airflow import plugins_manager
from airflow.dag_processing.dagbag import DagBag
for name in json.loads(sys.argv[2]):
    importlib.import_module(name)
before, start = set(sys.modules), time.process_time()
plugins_manager.ensure_plugins_loaded()
bag = DagBag(sys.argv[1])
seconds = time.process_time() - start
airflow = [name for name in sys.modules if name not in before and name.partition(".")[0] == "airflow"]
print(json.dumps({"seconds": seconds, "airflow": airflow, "modules": list(sys.modules), "dags": len(bag.dags)}))
"""


def parse(file: Path, home: Path, plugins: Path, preload: list[str] | None = None) -> dict[str, object]:
    """Parses a DAG file, or a folder of them, in a new process.

    ``preload`` are modules to import before. Returns the CPU time of parsing in ``seconds``, Airflow's modules that
    were imported meanwhile, all modules, and the number of DAGs.
    """
    env = dict(
        os.environ,
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__PLUGINS_FOLDER=str(plugins),
        AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
        KLARTEXT_SOURCES=str(DEFAULT_DIRECTORIES),
    )
    command = [sys.executable, "-c", _PARSE, str(file), json.dumps(preload or [])]
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def heavy(parsed: dict[str, object]) -> set[str]:
    """The heavy packages among the modules of a process."""
    return {str(name).partition(".")[0] for name in parsed["modules"]} & HEAVY  # type: ignore[attr-defined]


def main() -> int:
    """Measures and prints; returns the exit code."""
    bounds = Bounds()
    with tempfile.TemporaryDirectory() as folder:
        home, empty = Path(folder), Path(folder) / "empty"
        empty.mkdir()
        for file in sorted((PROJECT / "dags").glob("*.py")):
            needed = parse(file, home, PROJECT / "plugins")["airflow"]
            runs = [parse(file, home, PROJECT / "plugins", needed) for _ in range(3)]  # type: ignore[arg-type]
            seconds = min(float(run["seconds"]) for run in runs)  # type: ignore[arg-type]
            bounds.most(f"{file.name}, {runs[0]['dags']} DAGs, s CPU", seconds, 0.3, digits=2)
        ours = heavy(parse(PROJECT / "dags", home, PROJECT / "plugins")) - heavy(parse(empty, home, empty))
        bounds.holds("heavy modules that plugins and DAGs import", ", ".join(sorted(ours)) or "none", not ours)
    bounds.show(Console())
    return 0 if bounds.all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
