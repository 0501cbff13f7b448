"""The modules that a process imports before it forks tasks."""

from __future__ import annotations

import subprocess
import sys


def test_every_step_and_great_expectations_are_imported() -> None:
    code = "import sys; from klartext_airflow.preload import import_steps; import_steps(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    steps = {f"klartext.{step}.step" for step in ("discover", "fetch", "extract", "validate", "publish", "curate")}
    assert steps | {"great_expectations", "pyarrow"} <= set(modules)
