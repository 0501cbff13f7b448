"""The newsroom and Airflow, started and stopped together."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from local_airflow.api import Api, Json
from local_airflow.home import make_folder, prepare_home, private_files
from local_airflow.services import Services, exclusive, port_is_free
from local_airflow.settings import Settings, UserError


class Session:
    """The running services and the API to control them."""

    def __init__(self, settings: Settings, services: Services) -> None:
        self.settings, self.services, self.api = settings, services, Api(settings)
        self.report: Callable[[str], None] = print  # is called with a sentence for each service that is started again
        self.began = dt.datetime.now(dt.UTC)
        self.umask = -1  # of services that write the lake; -1: that of this process

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float = 300) -> None:
        """Raises UserError if a service ends meanwhile, or if it takes longer than ``seconds``."""
        end = time.monotonic() + seconds
        while not condition():
            self.services.check()
            if time.monotonic() > end:
                raise UserError(f"{what} did not start within {seconds:.0f} s; the logs are in {self.settings.logs}.")
            time.sleep(0.3)

    def wait_for_dags(self, wanted: set[str]) -> None:
        """Waits until Airflow has read the DAG files as they are now. Raises UserError if one cannot be loaded."""

        def loaded() -> bool:
            if problems := self.api.import_errors():
                raise UserError("A DAG file cannot be loaded; correct the cause:\n" + "\n".join(problems))
            dags = self.api.dags()
            return wanted <= dags.keys() and all(
                dt.datetime.fromisoformat(dags[dag]["last_parsed_time"]) > self.began for dag in wanted
            )

        self.wait_until(loaded, f"The DAGs {', '.join(sorted(wanted))}")

    preparation = "Preparing Airflow's home and database"

    def prepare(self) -> None:
        """Everything that must be there before a component of Airflow starts: its home and its database."""
        prepare_home(self.settings)

    def task_log(self, name: str, task: Json) -> Path:
        """The file with the log of a task instance, given its name below the folder of logs."""
        return self.settings.logs / "tasks" / name

    def close(self) -> None:
        """Called when all services have ended."""

    def importable(self, named: str) -> str:
        """What is to be imported, as the workers reach it."""
        return named

    def start_servers(self) -> None:
        """Starts API server and DAG processor."""
        self.services.start("api-server", "airflow", "api-server")
        self.services.start("dag-processor", "airflow", "dag-processor", env=self.settings.patient_environment())

    def restart_ended(self) -> None:
        """Starts the services again that have ended by themselves, reports how they ended, and waits until Airflow
        answers. Raises UserError for one that ends again and again."""
        ended = self.services.restart_ended()
        for name, how in ended.items():
            self.report(f"{name} has ended ({how}) and is started again; tasks that it interrupted are tried again.")
        if ended:
            self.wait_until(lambda: "metadatabase" in self.api.healthy(), "Airflow")

    def start_scheduler(self) -> None:
        """Started last: SQLite has one writer, and creating the runs must not wait for the scheduler. Its tasks are
        forks of it, so it imports what they need."""
        preloaded = ("-m", "klartext_airflow.preload", "scheduler", "--skip-serve-logs")
        env = self.settings.patient_environment()
        self.services.start("scheduler", sys.executable, *preloaded, env=env, umask=self.umask)
        self.wait_until(lambda: "scheduler" in self.api.healthy(), "The scheduler")

    def start_triggerer(self) -> None:
        """Nothing here defers tasks, but Airflow's home page shows a triggerer that does not run as a fault."""
        self.services.start("triggerer", "airflow", "triggerer", "--skip-serve-logs")


@contextlib.contextmanager
def session(
    settings: Settings,
    command: str,
    say: Callable[[str], None],
    *,
    newsroom: bool,
    kind: type[Session] = Session,
) -> Iterator[Session]:
    """Starts API server and DAG processor, and the newsroom if asked for; stops everything, however the block ends.

    Args:
        say: is called with the name of each step that begins.

    Raises UserError if that is not possible: another session, a port in use, no permission, a service that fails.
    """
    if "://" not in settings.data:
        make_folder(Path(settings.data), "name another folder in KLARTEXT_DATA")
    with contextlib.ExitStack() as stack:
        umask = stack.enter_context(private_files())
        make_folder(settings.home, "the project must be in a folder of yours, because Airflow's home is made in it")
        stack.enter_context(exclusive(settings.home, command))
        services = Services(settings.home, settings.logs, settings.environment())
        services.stop_leftovers()
        _check_ports(settings, newsroom)
        running = kind(settings, services)
        running.umask = umask
        try:
            say(running.preparation)
            running.prepare()
            say("Starting the newsroom and Airflow" if newsroom else "Starting Airflow")
            if newsroom:
                port = str(settings.newsroom_ports.start)
                services.start("newsroom", sys.executable, "-m", "newsroom", "--port", port, *settings.newsroom_options)
            running.start_servers()
            if newsroom:
                running.wait_until(lambda: not any(map(port_is_free, settings.newsroom_ports)), "The newsroom")
            running.wait_until(lambda: running.api.healthy() >= {"metadatabase", "dag_processor"}, "Airflow")
            yield running
        finally:
            services.stop()
            running.close()


def _check_ports(settings: Settings, newsroom: bool) -> None:
    used = [(port, "the newsroom", "KLARTEXT_NEWSROOM_PORT") for port in settings.newsroom_ports if newsroom]
    used += [(port, name, "KLARTEXT_CLUSTER_PORT") for name, port in settings.servers.items()]
    for port, whose, variable in [*used, (settings.port, "Airflow", "KLARTEXT_PORT")]:
        if not port_is_free(port):
            raise UserError(
                f"Port {port}, which {whose} needs, is in use; end what listens there, or set {variable} to another."
            )
