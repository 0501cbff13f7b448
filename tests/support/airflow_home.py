"""An Airflow of the tests' own: its home in a temporary folder, nothing of the machine's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from klartext.sources import PROJECT


def environment(home: Path) -> dict[str, str]:
    """What Airflow reads, for an empty home."""
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
    }


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a fresh database, in force before anything imports Airflow."""
    assert "airflow" not in sys.modules, "Airflow reads its settings when it is imported first"
    home = tmp_path_factory.mktemp("airflow")
    kept = dict(os.environ)
    os.environ.update(environment(home))
    airflow = Path(sys.executable).parent / "airflow"
    subprocess.run([airflow, "db", "migrate"], check=True, capture_output=True)
    yield home
    os.environ.clear()
    os.environ.update(kept)
