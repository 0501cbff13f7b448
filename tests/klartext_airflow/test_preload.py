"""The modules that a process imports before it forks tasks."""

from __future__ import annotations

import ast
import subprocess
import sys

from klartext.sources import PROJECT
from klartext_airflow import preload


def test_every_step_and_great_expectations_are_imported() -> None:
    code = "import sys; from klartext_airflow.preload import import_steps; import_steps(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    steps = {f"klartext.{step}.step" for step in ("discover", "fetch", "extract", "validate", "publish", "curate")}
    assert steps | {"great_expectations", "pyarrow"} <= set(modules)


def test_what_dag_files_and_plugins_import_is_imported_before_tasks_are_forked() -> None:
    imported = set()
    for folder in ("dags", "plugins"):
        for file in (PROJECT / folder).glob("*.py"):
            for node in ast.parse(file.read_text("utf-8")).body:
                if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "klartext_airflow":
                    whole = node.module == "klartext_airflow"
                    imported |= {f"{node.module}.{each.name}" if whole else node.module for each in node.names}
    assert len(imported) >= 5
    assert imported <= {*preload.TASKS}
