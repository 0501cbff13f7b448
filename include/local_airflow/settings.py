"""Paths and ports of the local run, Airflow's configuration, and the environment of all processes."""

from __future__ import annotations

import base64
import dataclasses
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from klartext.lake import Lake
from klartext.sources import DEFAULT_DIRECTORIES, PROJECT
from newsroom.model import FIRST_PORT
from newsroom.model import load as load_newsroom

USER = PASSWORD = "admin"
DEFAULT_PORT = 8080
"""The port of the UI."""
CLUSTER_HOME = "cluster"
"""The folder of `make cluster` in the home of `make run`."""


class UserError(Exception):
    """An error that the user can correct; the message is a sentence that says how."""


def read_port(environ: Mapping[str, str], name: str, default: int) -> int:
    """The port in a variable of the environment. Raises UserError for what is no port."""
    value = environ.get(name) or str(default)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise UserError(f"{name} is {value!r}; set it to a number between 1 and 65535.")
    return int(value)


@dataclasses.dataclass(frozen=True)
class Secrets:
    """``token`` signs logins and calls between Airflow's components, ``fernet_key`` encrypts its connections."""

    token: str = dataclasses.field(repr=False)
    fernet_key: str = dataclasses.field(repr=False)

    @classmethod
    def new(cls) -> Secrets:
        """Random ones."""
        return cls(secrets.token_hex(32), base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


@dataclasses.dataclass(frozen=True)
class Settings:
    """``home`` is Airflow's home, ``data`` the root of the lake (a folder or an address), ``port`` the one of the UI,
    ``newsroom_ports`` those of the newsroom, ``imports`` a file, folder or address that may be imported beside those
    in ``KLARTEXT_IMPORTS``."""

    home: Path
    data: str
    port: int
    newsroom_ports: range
    imports: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """From the environment. Raises UserError for a port that cannot be used."""
        data = environ.get("KLARTEXT_DATA") or str(PROJECT / "data")
        port, first = (
            read_port(environ, "KLARTEXT_PORT", DEFAULT_PORT),
            read_port(environ, "KLARTEXT_NEWSROOM_PORT", FIRST_PORT),
        )
        newsroom_ports = range(first, first + len(load_newsroom()))
        if port in newsroom_ports:
            raise UserError(f"KLARTEXT_PORT is {port}, which the newsroom needs; set it to another number.")
        return cls(
            home=PROJECT / ".airflow",
            data=data if "://" in data else str(Path(data).resolve()),
            port=port,
            newsroom_ports=newsroom_ports,
        )

    @property
    def address(self) -> str:
        """The address of the UI and the API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def servers(self) -> dict[str, int]:
        """The ports of the servers beside Airflow, by what needs them."""
        return {}

    @property
    def logs(self) -> Path:
        """Logs of the services; those of tasks are below ``tasks``."""
        return self.home / "logs"

    @property
    def other_homes(self) -> frozenset[Path]:
        """Folders in the home that are homes of other commands, which may be running."""
        return frozenset({self.home / CLUSTER_HOME})

    @property
    def newsroom_sources(self) -> Path:
        """The newsroom's source files; at other ports than the usual ones it writes its own."""
        usual = self.newsroom_ports.start == FIRST_PORT
        return PROJECT / "include" / "newsroom" / "sources" if usual else self.home / "newsroom-sources"

    @property
    def newsroom_options(self) -> list[str]:
        """Arguments of the newsroom's command besides its port."""
        return [] if self.newsroom_ports.start == FIRST_PORT else ["--sources", str(self.newsroom_sources)]

    def folders(self, environ: Mapping[str, str] = os.environ) -> list[Path]:
        """The operator's folders of source files."""
        named = environ.get("KLARTEXT_SOURCES") or str(DEFAULT_DIRECTORIES)
        return [Path(part).resolve() for part in named.split(os.pathsep)]

    def source_folders(self, environ: Mapping[str, str] = os.environ) -> list[Path]:
        """The operator's folders of source files and the newsroom's."""
        return [*self.folders(environ), self.newsroom_sources]

    def environment(self, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment of every process, without the settings of another Airflow."""
        kept = {name: value for name, value in environ.items() if not name.startswith(("AIRFLOW_", "_AIRFLOW_"))}
        newsroom = [f"127.0.0.1:{port}" for port in self.newsroom_ports]

        def extended(name: str, *values: str) -> str:
            return ",".join(filter(None, [environ.get(name), *values]))

        return kept | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), environ.get("PATH", "")]),
            "NO_PROXY": extended("NO_PROXY", "127.0.0.1", "localhost"),
            "no_proxy": extended("no_proxy", "127.0.0.1", "localhost"),
            "KLARTEXT_DATA": self.data,
            "KLARTEXT_SOURCES": os.pathsep.join(map(str, self.source_folders(environ))),
            "KLARTEXT_IMPORTS": os.pathsep.join(
                filter(None, [environ.get("KLARTEXT_IMPORTS") or f"{PROJECT}{os.pathsep}{self.data}", self.imports])
            ),
            "KLARTEXT_ALLOW_HOSTS": extended("KLARTEXT_ALLOW_HOSTS", *newsroom),
            "AIRFLOW_HOME": str(self.home),
            "GX_ANALYTICS_ENABLED": "false",
            "OPENBLAS_NUM_THREADS": "1",  # tasks are forks of the scheduler, and threads do not survive a fork
        }

    def patient_environment(self) -> dict[str, str]:
        """The environment of scheduler and DAG processor. They wait a minute for another writer of the database; after
        SQLite's usual five seconds, three times, they would end. Not so the API server: a request that waits there
        holds up the one that has the lock, and its clients repeat requests anyway."""
        patient = f"sqlite:///{self.database_file}?timeout=60"
        return self.environment() | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": patient}

    outlives: ClassVar[bool] = True
    """True if the lake is still there when the services have ended."""

    def lake(self) -> Lake:
        """The lake as the tasks open it."""
        return Lake.open(self.data)

    @property
    def database_file(self) -> Path:
        """Airflow's SQLite database."""
        return self.home / "airflow.db"

    def has_database(self) -> bool:
        """True if Airflow's database is a file that exists already."""
        return self.database_file.is_file()

    def airflow(self, secrets: Secrets) -> dict[str, dict[str, Any]]:
        """The contents of ``airflow.cfg`` by section; Airflow's own commands then need only AIRFLOW_HOME."""
        return {
            "core": {
                "dags_folder": PROJECT / "dags",
                "plugins_folder": PROJECT / "plugins",
                "load_examples": False,
                "parallelism": min(max(os.cpu_count() or 2, 2), 8),
                "execution_api_server_url": f"{self.address}/execution/",
                "simple_auth_manager_users": f"{USER}:admin",
                "simple_auth_manager_passwords_file": self.home / "passwords.json",
                "fernet_key": secrets.fernet_key,
            },
            "database": {"sql_alchemy_conn": f"sqlite:///{self.database_file}"},
            "logging": {
                "base_log_folder": self.logs / "tasks",
                "file_task_handler_new_folder_permissions": "0o700",
                "file_task_handler_new_file_permissions": "0o600",
            },
            "api": {
                "base_url": self.address,
                "host": "127.0.0.1",
                "port": self.port,
                "workers": 1,
                "secret_key": secrets.token,
            },
            "api_auth": {"jwt_secret": secrets.token},
            "dag_processor": {
                "parsing_processes": 1,
                "min_file_process_interval": 120,  # seconds; a DAG file that was changed is read at once
            },
            "scheduler": {"scheduler_idle_sleep_time": 0.5},
            "workers": {
                "min_heartbeat_interval": 1,  # seconds until the end of a task is noticed
                "max_failed_heartbeats": 10,  # tasks go on while the API server is started again
                "execution_api_retries": 10,
                "execution_api_retry_wait_max": 10,  # seconds
            },
            "usage_data_collection": {"enabled": False},
        }
