"""The topology of production on one machine: PostgreSQL, Valkey, an object store, two Celery workers.

The workers share nothing but the object store: each has an Airflow home, a temporary folder and logs of its own. Every
start begins with an empty cluster.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from klartext.lake import Lake
from local_airflow import backends
from local_airflow.api import Json
from local_airflow.home import write_config
from local_airflow.services import end
from local_airflow.session import Session
from local_airflow.settings import CLUSTER_HOME, Secrets, Settings, UserError, read_port

IMPORTS = f"s3://{backends.BUCKET}/imports"
"""Where files lie that are imported."""
WORKERS = 2
FIRST_PORT = 8821
"""First of the ports of the servers beside Airflow."""


@dataclasses.dataclass(frozen=True)
class ClusterSettings(Settings):
    """``first_port`` is the first of the servers' ports, ``reference`` the lake of `make run`; ``key`` is the secret
    from which every password of the cluster is made."""

    first_port: int = FIRST_PORT
    reference: str = ""
    key: str = dataclasses.field(default_factory=lambda: secrets.token_hex(32), repr=False)

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> ClusterSettings:
        """From the environment. Raises UserError for a port that cannot be used, and if packages are missing."""
        if missing := backends.missing_packages():
            raise UserError(f"{', '.join(missing)} not installed; `make cluster` installs what the cluster needs.")
        usual = Settings.read(environ)
        first = read_port(environ, "KLARTEXT_CLUSTER_PORT", FIRST_PORT)
        ports = range(first, first + len(backends.PORTS))
        if usual.port in ports or set(ports) & set(usual.newsroom_ports) or ports[-1] > 65535:
            raise UserError(f"KLARTEXT_CLUSTER_PORT is {first}; set it to the first of {len(ports)} free ports.")
        return cls(
            home=usual.home / CLUSTER_HOME,
            data=f"s3://{backends.BUCKET}/lake",
            port=usual.port,
            newsroom_ports=usual.newsroom_ports,
            first_port=first,
            reference=usual.data,
        )

    @property
    def servers(self) -> dict[str, int]:
        return {name: self.first_port + n for n, name in enumerate(backends.PORTS)}

    @property
    def database(self) -> str:
        """The address of Airflow's database."""
        return f"postgresql+psycopg2://{backends.USER}:{self.key}@127.0.0.1:{self.servers['database']}/postgres"

    def worker_home(self, number: int) -> Path:
        """The folder of a worker, counted from 1: its Airflow home, with its temporary files below ``tmp``."""
        return self.home / f"worker-{number}"

    outlives: ClassVar[bool] = False

    def lake(self) -> Lake:
        environment = self.environment()
        access = {
            "access_key_id": environment["AWS_ACCESS_KEY_ID"],
            "secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
            "region": environment["AWS_REGION"],
            "endpoint": environment["AWS_ENDPOINT_URL"],
        }
        return Lake.open(self.data, access)

    def has_database(self) -> bool:
        return False

    def environment(self, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        others = ("AWS_", "KLARTEXT_DATA_CONN", "KLARTEXT_SUMMARY")
        kept = {name: value for name, value in environ.items() if not name.startswith(others)}
        return super().environment(kept) | {
            "KLARTEXT_IMPORTS": os.pathsep.join(filter(None, [IMPORTS, self.imports if "://" in self.imports else ""])),
            "AWS_ACCESS_KEY_ID": "klartext",
            "AWS_SECRET_ACCESS_KEY": self.key,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.servers['s3']}",
        }

    def patient_environment(self) -> dict[str, str]:
        return self.environment()

    def worker_environment(self, number: int) -> dict[str, str]:
        """The environment of a worker: nothing of it leads to a folder of another process."""
        home = self.worker_home(number)
        return self.environment() | {"AIRFLOW_HOME": str(home), "TMPDIR": str(home / "tmp")}

    def airflow(self, secrets: Secrets) -> dict[str, dict[str, Any]]:
        config = super().airflow(secrets)
        config["core"] |= {"executor": "CeleryExecutor", "parallelism": 16}
        config["database"] = {"sql_alchemy_conn": self.database}
        config["celery"] = {
            "broker_url": f"redis://:{self.key}@127.0.0.1:{self.servers['broker']}/0",
            "result_backend": f"db+{self.database}",
            "worker_concurrency": max((os.cpu_count() or 2) // WORKERS, 2),
            "worker_prefetch_multiplier": 1,
        }
        config["logging"] |= {
            "remote_logging": True,
            "remote_base_log_folder": f"s3://{backends.BUCKET}/logs",
            "remote_log_conn_id": "",  # credentials of the environment
        }
        config["scheduler"] |= {
            "task_instance_heartbeat_timeout": 60,  # seconds after which the tasks of a lost worker are retried
            "task_instance_heartbeat_timeout_detection_interval": 5,
            "orphaned_tasks_check_interval": 30,  # seconds after which the tasks of a lost scheduler are taken over
            "task_queued_timeout": 120,  # and those that it had taken from the queue without starting them
            "task_queued_timeout_check_interval": 20,
        }
        return config


class ClusterSession(Session):
    """The services of the cluster and the API to control them."""

    settings: ClusterSettings
    preparation = "Starting PostgreSQL, Valkey and the object store, and preparing Airflow's database"

    def prepare(self) -> None:
        """Removes what an earlier cluster left, and starts the servers that Airflow needs."""
        for path in self.settings.home.iterdir():
            if path.name != "lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.settings.logs.mkdir(parents=True)
        settings, ports = self.settings, self.settings.servers
        backends.start_database(self.services, backends.database_folder(settings.home), ports["database"], settings.key)
        backends.start_broker(self.services, ports["broker"], settings.key)
        backends.start_object_store(self.services, settings.home / "object-store", ports)
        self.wait_until(lambda: backends.database_accepts(settings.database), "PostgreSQL")
        self.wait_until(lambda: backends.make_bucket(settings.environment()), "The object store")
        super().prepare()

    def task_log(self, name: str, task: Json) -> Path:
        """As the UI shows it: a worker's own file is empty when the log is in the object store. The copy stays when the
        object store ends."""
        file = super().task_log(name, task)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps(line) + "\n" for line in self.api.log(task)), "utf-8")
        return file

    def close(self) -> None:
        """Removes PostgreSQL's files where they are outside of the home."""
        folder = backends.database_folder(self.settings.home)
        if self.settings.home not in folder.parents:
            shutil.rmtree(folder, ignore_errors=True)

    def importable(self, named: str) -> str:
        """Uploads a file, or the files of a folder: the workers reach nothing of this disk."""
        if "://" in named:
            return named
        path, place = Path(named), f"{IMPORTS}/{Path(named).name}"
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            key = f"{place}/{file.name}" if path.is_dir() else place
            backends.upload(self.settings.environment(), file, key.removeprefix(f"s3://{backends.BUCKET}/"))
        return place

    def start_scheduler(self) -> None:
        """Starts the scheduler and the workers, and waits for the scheduler."""
        for number in range(1, WORKERS + 1):
            self.start_worker(number)
        self.restart_scheduler()

    def restart_scheduler(self) -> None:
        """Starts the scheduler alone, and waits for it."""
        self.services.start("scheduler", "airflow", "scheduler", "--skip-serve-logs")
        self.wait_until(lambda: "scheduler" in self.api.healthy(), "The scheduler")

    def start_worker(self, number: int) -> None:
        """Starts a worker, counted from 1, in folders of its own. Its logs are not served: they are in the object
        store when a task has ended, and two workers of one host would need two ports."""
        home = self.settings.worker_home(number)
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        if not (home / "airflow.cfg").is_file():
            config = self.settings.home / "airflow.cfg"
            write_config(home / "airflow.cfg", config, {"logging": {"base_log_folder": home / "logs"}})
        self.services.start(
            self.worker(number), sys.executable, "-m", "klartext_airflow.preload", "celery", "worker",
            "--skip-serve-logs", "--celery-hostname", f"worker-{number}@127.0.0.1", "--without-gossip",
            env=self.settings.worker_environment(number), umask=self.umask,
        )  # fmt: skip

    @staticmethod
    def worker(number: int) -> str:
        """The name of a worker among the services."""
        return f"worker-{number}"

    def kill(self, name: str) -> None:
        """Kills a service and everything that it started, as when its host is lost; it is not missed by ``check``."""
        end([self.services.running.pop(name)], at_once=True)
