"""Airflow's API server with the console, as a process, for two users; nothing of it is scheduled."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from klartext.sources import PROJECT
from support.airflow_home import environment
from support.ports import free_ports

PASSWORD = "correct horse"
_START = 300.0
"""Seconds: on a busy machine it takes minutes to import Airflow."""


@contextlib.contextmanager
def serve(home: Path, lake: Path) -> Iterator[str]:
    """Serves until the end of the block; the address. ``home`` has a database."""
    port = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    (home / "passwords.json").write_text(json.dumps({"admin": PASSWORD, "guest": PASSWORD}))
    variables = {
        **os.environ, **environment(home),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64,
        "AIRFLOW__CORE__AUTH_MANAGER": "support.airflow_access.AccessByDag",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,guest:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "KLARTEXT_DATA": str(lake),
        "PYTHONPATH": os.pathsep.join([str(PROJECT / "include"), str(PROJECT / "tests")]),
    }  # fmt: skip
    variables.pop("KLARTEXT_SOURCES", None)
    log = (home / "api-server.log").open("wb")
    command = [sys.executable, "-m", "uvicorn", "--factory", "airflow.api_fastapi.app:create_app", "--port", str(port)]
    with log, subprocess.Popen(command, env=variables, stdout=log, stderr=log) as process:
        try:
            _wait(process, address, home / "api-server.log")
            yield address
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api/v2/version", timeout=5)
            return
        time.sleep(0.2)
    raise RuntimeError(f"the API server did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def token(address: str, user: str) -> str:
    """A token of a user, which a browser sends as cookie."""
    asked = urllib.request.Request(
        f"{address}/auth/token",
        json.dumps({"username": user, "password": PASSWORD}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return str(json.load(answer)["access_token"])
