"""A time in which the newsroom and Airflow run."""

from __future__ import annotations

import configparser
import contextlib
import datetime as dt
import importlib.metadata
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from local_airflow.api import Api
from local_airflow.processes import Services, only_one, port_is_free, wait_for_port, writable
from local_airflow.settings import PASSWORD, USER, Settings, Trouble

Say = Callable[[str], None]


class Session:
    """What is running, and how to talk with it."""

    def __init__(self, settings: Settings, services: Services) -> None:
        self.settings, self.services, self.api = settings, services, Api(settings)
        self.began = dt.datetime.now(dt.UTC)

    def wait_until(self, is_so: Callable[[], bool], what: str, seconds: float = 180) -> None:
        """Raises Trouble if a service ends meanwhile, or if it takes too long."""
        end = time.monotonic() + seconds
        while not is_so():
            self.services.check()
            if time.monotonic() > end:
                raise Trouble(f"{what} did not come up within {seconds:.0f} s; the logs are in {self.settings.logs}.")
            time.sleep(0.3)

    def wait_for_dags(self, wanted: set[str]) -> None:
        """Until the DAGs are loaded from the files as they are now. Raises Trouble if a file cannot be loaded."""

        def loaded() -> bool:
            if problems := self.api.import_errors():
                raise Trouble("A DAG cannot be loaded; mend this file:\n" + "\n".join(problems))
            dags = self.api.dags()
            return wanted <= dags.keys() and all(
                dt.datetime.fromisoformat(dags[dag]["last_parsed_time"]) > self.began for dag in wanted
            )

        self.wait_until(loaded, f"The DAGs {', '.join(sorted(wanted))}")

    def start_scheduler(self) -> None:
        """Kept for last: SQLite has one writer, and what is planned before need not wait for the scheduler."""
        self.services.start("scheduler", sys.executable, "-m", "local_airflow.scheduler")
        self.wait_until(lambda: "scheduler" in self.api.healthy(), "The scheduler")


def _configure(settings: Settings) -> None:
    file = settings.home / "airflow.cfg"
    known = configparser.RawConfigParser()
    known.read(file, "utf-8")
    secret = known.get("api_auth", "jwt_secret", fallback="") or secrets.token_hex(32)
    wanted = configparser.RawConfigParser()
    for section, values in settings.airflow(secret).items():
        wanted[section] = {name: str(value).replace("%", "%%") for name, value in values.items()}
    with file.open("w", encoding="utf-8") as out:
        wanted.write(out)
    file.chmod(0o600)


def _prepare(settings: Settings) -> None:
    """Airflow's home: its settings, the known login, and a database of this version."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    settings.press_sources.mkdir(parents=True, exist_ok=True)
    _configure(settings)
    (settings.home / "passwords.json").write_text(json.dumps({USER: PASSWORD}))
    stamp, version = settings.home / "migrated", importlib.metadata.version("apache-airflow")
    if stamp.is_file() and stamp.read_text() == version and (settings.home / "airflow.db").is_file():
        return
    log = settings.logs / "migrate.log"
    with log.open("wb") as out:
        done = subprocess.run(
            ["airflow", "db", "migrate"], env=settings.environment(), stdout=out, stderr=out, check=False
        )
    if done.returncode:
        raise Trouble(f"Airflow's database could not be made; see {log}.")
    stamp.write_text(version)


def _check_ports(settings: Settings, press: bool) -> None:
    ports = [
        (port, "the newsroom", "the first of its free ports in KLARTEXT_NEWSROOM_PORT") for port in settings.press_ports
    ]
    for port, whose, name in [*(ports if press else []), (settings.port, "Airflow", "a free port in KLARTEXT_PORT")]:
        if not port_is_free(port):
            raise Trouble(f"Port {port}, which {whose} needs, is in use; end what listens there, or name {name}.")


def _start_press(settings: Settings, services: Services) -> None:
    port = str(settings.press_ports.start)
    services.start("newsroom", sys.executable, "-m", "newsroom", "--port", port, *settings.press_options)
    for each in settings.press_ports:
        if not wait_for_port(each):
            services.check()
            raise Trouble(f"The newsroom does not answer at port {each}; see {settings.logs / 'newsroom.log'}.")


@contextlib.contextmanager
def session(settings: Settings, purpose: str, say: Say, *, press: bool) -> Iterator[Session]:
    """The newsroom if ``press``, api server and dag processor, up and healthy; all is stopped, however it ends.

    Raises Trouble where that cannot be: another session, a port in use, no permission, a service that fails.
    """
    writable(settings.home, "the project must lie in a folder of yours, as Airflow's home is made in it")
    if "://" not in settings.data:
        writable(Path(settings.data), "name another folder in KLARTEXT_DATA")
    with only_one(settings.home, purpose):
        services = Services(settings.home, settings.logs, settings.environment())
        services.stop_left_behind()
        _check_ports(settings, press)
        try:
            say("Starting …")
            _prepare(settings)
            if press:
                _start_press(settings, services)
            services.start("api-server", "airflow", "api-server")
            services.start("dag-processor", "airflow", "dag-processor")
            running = Session(settings, services)
            running.wait_until(lambda: running.api.healthy() >= {"metadatabase", "dag_processor"}, "Airflow")
            yield running
        finally:
            services.stop()
