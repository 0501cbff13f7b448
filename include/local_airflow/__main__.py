"""`python -m local_airflow run|cluster|up|down`: what the Makefile calls."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from klartext.sources import Source, SourceError, load
from klartext.terminal import Terminal
from local_airflow import runs
from local_airflow.cluster import ClusterSession, ClusterSettings
from local_airflow.result import show_comparison, show_lake
from local_airflow.screen import Screen
from local_airflow.services import Services, exclusive, lock_holder
from local_airflow.session import Session, session
from local_airflow.settings import CLUSTER_HOME, PASSWORD, USER, Settings, UserError


class Stopped(BaseException):
    """A signal asked the command to end."""


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(signal.Signals(number).name)


def run(screen: Screen, settings: Settings, warc: str | None, slugs: str | None) -> bool:
    """Runs the newsroom's days, a WARC file, or real publishers' latest interval; True if every run succeeded.

    With the settings of a cluster everything runs on that, and its lake is compared with the one of `make run`.
    """
    publishers = load(settings.folders())  # a wrong source file is reported before anything starts
    path = _imported(warc) if warc else None
    if path:
        settings = dataclasses.replace(settings, imports=path)
    chosen = [_source(publishers, slug.strip()) for slug in slugs.split(",")] if slugs else []
    if slugs and not os.environ.get("KLARTEXT_CONTACT"):
        screen.print("Publishers cannot see whom to write to: set KLARTEXT_CONTACT to your mail address or a URL.")
    is_cluster = isinstance(settings, ClusterSettings)
    kind, command = (ClusterSession, "make cluster") if is_cluster else (Session, "make run")
    equal, began = True, time.monotonic()
    with session(settings, command, screen.step, newsroom=not path and not slugs, kind=kind) as running:
        running.report = screen.print
        chosen = chosen or _newsroom_sources(settings)
        dags = {runs.IMPORT} if path else {f"ingest_{source.slug}" for source in chosen}
        screen.step("Reading the DAG files")
        running.wait_for_dags(dags | {*runs.FOLLOWING})
        for dag in runs.FOLLOWING:
            running.api.restart_runs(dag)
        if path:
            screen.step("Creating the run that imports")
            jobs = [runs.import_files(running, running.importable(path))]
        else:
            screen.step(f"Creating the runs of {', '.join(sorted(source.slug for source in chosen))}")
            jobs = [runs.backfill(running, source, latest=bool(slugs)) for source in chosen]
        for dag in (*dags, runs.SUMMARY):
            running.api.pause(dag, False)
        screen.step("Starting the scheduler")
        running.start_scheduler()
        screen.end_step()
        screen.print(f"Airflow is running; watch it at {settings.address} (login {USER}, password {PASSWORD}).")
        watch = runs.Watch(running, jobs)
        try:
            with screen.progress() as show:
                watch.follow(show)
            failures = watch.failures()
        finally:
            if slugs:  # the next start of Airflow must not ask the publisher again
                for dag in dags:
                    running.api.pause(dag, True)
        if isinstance(settings, ClusterSettings):  # its object store ends with it
            show_lake(screen, settings)
            equal = show_comparison(screen, settings)
        screen.step("Stopping Airflow")
    screen.end_step()
    if not is_cluster:
        show_lake(screen, settings)
    screen.failures(failures)
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    result = "Not every run was green" if failures else f"All {watch.number} runs were green"
    screen.print(f"{result}, after {minutes} min {seconds} s.")
    return equal and not failures


def _imported(name: str) -> str:
    """The path or address of what is to be imported."""
    if "://" in name:
        return name
    path = Path(name).expanduser().resolve()
    if not path.exists():
        raise UserError(f"There is no file {path}; name a WARC file, as in `make run WARC=pages.warc.gz`.")
    if not os.access(path, os.R_OK):
        raise UserError(f"{path} cannot be read; give yourself permission to read it.")
    return str(path)


def _source(sources: dict[str, Source], slug: str) -> Source:
    if slug not in sources:
        raise UserError(f"There is no source {slug!r}; name one or more of {','.join(sources)}.")
    return sources[slug]


def _newsroom_sources(settings: Settings) -> list[Source]:
    slugs = {path.stem for path in settings.newsroom_sources.glob("*.yaml")}
    return [source for slug, source in load(settings.source_folders()).items() if slug in slugs]


def up(screen: Screen, settings: Settings) -> None:
    """Airflow, its UI and the newsroom, until a signal comes."""
    with session(settings, "make up", screen.step, newsroom=True) as running:
        running.report = screen.print
        screen.step("Reading the DAG files")
        first, *_ = sources = _newsroom_sources(settings)
        names = {f"ingest_{source.slug}" for source in sources}
        running.wait_for_dags({*names, *runs.FOLLOWING})
        for dag in (*names, runs.SUMMARY):
            running.api.pause(dag, False)
        screen.step("Starting the scheduler")
        running.start_scheduler()
        running.start_triggerer()
        screen.end_step()
        screen.print(f"Airflow is at {settings.address}: login {USER}, password {PASSWORD}.")
        screen.print(
            "It runs until Ctrl-C, or `make down` in another terminal. To run a past day, in another terminal:"
        )
        screen.print("  export AIRFLOW_HOME=$PWD/.airflow")
        day = f"--from-date {first.since} --to-date {first.since + dt.timedelta(days=1)}"
        screen.print(f"  .venv/bin/airflow backfill create --dag-id ingest_{first.slug} {day}")
        try:
            while True:
                running.restart_ended()
                time.sleep(1)
        except Stopped:
            screen.step("Stopping Airflow")
    screen.end_step()


def down(screen: Screen, settings: Settings) -> None:
    """Ends the running sessions, or what killed ones have left. Raises UserError if one does not end."""
    stopped = [_stop_session(home) for home in (settings.home, settings.home / CLUSTER_HOME) if home.is_dir()]
    screen.print("Stopped." if any(stopped) else "Nothing was running.")


def _stop_session(home: Path) -> bool:
    """Ends what runs in a home; True if anything did."""
    for attempt in range(120):
        with contextlib.suppress(UserError), exclusive(home, "make down"):
            stopped = Services(home, home / "logs", {}).stop_leftovers()
            return bool(attempt or stopped)
        if attempt == 0 and (holder := lock_holder(home)):
            os.kill(holder[0], signal.SIGTERM)
        time.sleep(0.5)
    raise UserError("What is running does not end; end its processes by hand.")


def main() -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local_airflow", description="Klartext on one machine.")
    parser.add_argument("command", choices=["run", "cluster", "up", "down"])
    parser.add_argument("--warc", help="a WARC file to import instead of the newsroom's days")
    parser.add_argument("--sources", help="slugs of real publishers to fetch from instead of the newsroom, with commas")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    screen = Screen(Terminal())
    try:
        settings = ClusterSettings.read() if options.command == "cluster" else Settings.read()
        if options.command in ("run", "cluster"):
            return 0 if run(screen, settings, options.warc or None, options.sources or None) else 1
        (up if options.command == "up" else down)(screen, settings)
    except (UserError, SourceError) as error:
        screen.end_step()
        Screen(Terminal(stderr=True)).print(str(error))
        return 1
    except Stopped as signalled:
        screen.end_step()
        screen.print(f"Stopped by {signalled}; nothing is left running.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
