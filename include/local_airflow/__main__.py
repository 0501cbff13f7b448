"""`python -m local_airflow run|up|down`: what the Makefile calls."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from klartext.sources import Source, SourceError, load
from klartext.terminal import Terminal
from local_airflow import work
from local_airflow.processes import Services, holder, only_one
from local_airflow.session import session
from local_airflow.settings import PASSWORD, USER, Settings, Trouble
from local_airflow.show import Screen


class Stopped(BaseException):
    """A signal asked us to end."""


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(signal.Signals(number).name)


def run(screen: Screen, settings: Settings, warc: str | None, slugs: str | None) -> bool:
    """The newsroom's days, a WARC file, or real publishers' latest interval; whether every run was green."""
    real = load(settings.folders())  # a wrong source file is told before anything starts
    path = _file(warc) if warc else None
    chosen = [_named(real, slug.strip()) for slug in slugs.split(",")] if slugs else []
    if slugs and not os.environ.get("KLARTEXT_CONTACT"):
        screen.say("The publishers cannot tell whom to write to: set KLARTEXT_CONTACT to your mail address or a URL.")
    with session(settings, "make run", screen.say, press=not path and not slugs) as running:
        chosen = chosen or _press(settings)
        dags = {work.IMPORT} if path else {f"ingest_{source.slug}" for source in chosen}
        running.wait_for_dags(dags | {*work.FOLLOWING})
        for dag in work.FOLLOWING:
            running.api.resume(dag)
        jobs = work.import_file(running, path) if path else work.backfill(running, chosen, latest=bool(slugs))
        for dag in (*dags, work.SUMMARY):
            running.api.pause(dag, False)
        running.start_scheduler()
        screen.say(f"Airflow is at work; watch it at {settings.address} (login {USER}, password {PASSWORD}).")
        watch = work.Watch(running, jobs)
        try:
            with screen.progress() as show:
                watch.follow(show)
            failures = watch.failures()
        finally:
            if slugs:  # a publisher is not asked again only because somebody starts Airflow
                for dag in dags:
                    running.api.pause(dag, True)
        screen.say("Stopping what was started …")
    screen.landed(settings)
    screen.failures(failures)
    screen.say("Not every run was green." if failures else f"All {watch.number} runs were green.")
    return not failures


def _file(name: str) -> Path:
    path = Path(name).expanduser().resolve()
    if not path.is_file():
        raise Trouble(f"There is no file {path}; name a WARC file, as in `make run WARC=pages.warc.gz`.")
    if not os.access(path, os.R_OK):
        raise Trouble(f"{path} cannot be read; give yourself permission to read it.")
    return path


def _named(sources: dict[str, Source], slug: str) -> Source:
    if slug not in sources:
        raise Trouble(f"There is no source {slug!r}; name one or more of {','.join(sources)}.")
    return sources[slug]


def _press(settings: Settings) -> list[Source]:
    ours = {path.stem for path in settings.press_sources.glob("*.yaml")}
    return [source for slug, source in load(settings.source_folders()).items() if slug in ours]


def up(screen: Screen, settings: Settings) -> None:
    """Airflow, its UI and the newsroom, until a signal comes."""
    with session(settings, "make up", screen.say, press=True) as running:
        dags = [f"ingest_{source.slug}" for source in _press(settings)]
        running.wait_for_dags({*dags, *work.FOLLOWING})
        for dag in (*dags, work.SUMMARY):
            running.api.pause(dag, False)
        running.start_scheduler()
        screen.say(f"Airflow is at {settings.address}: login {USER}, password {PASSWORD}.")
        screen.say("It runs until Ctrl-C, or `make down` elsewhere.")
        try:
            while True:
                running.services.check()
                time.sleep(1)
        except Stopped:
            screen.say("Stopping what was started …")


def down(screen: Screen, settings: Settings) -> None:
    """Ends the session that runs, or what is left of one that was killed."""
    if not settings.home.is_dir():
        screen.say("Nothing was running.")
        return
    for attempt in range(120):
        with contextlib.suppress(Trouble), only_one(settings.home, "make down"):
            left = Services(settings.home, settings.logs, {}).stop_left_behind()
            screen.say("Nothing was running." if not attempt and not left else "Stopped.")
            return
        if attempt == 0 and (held := holder(settings.home)):
            os.kill(held[0], signal.SIGTERM)
        time.sleep(0.5)
    raise Trouble("What is running does not end; end its processes by hand.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local_airflow", description="Klartext on one machine.")
    parser.add_argument("what", choices=["run", "up", "down"])
    parser.add_argument("--warc", help="a WARC file to import instead of asking the newsroom")
    parser.add_argument("--sources", help="slugs of real publishers to ask instead of the newsroom, with commas")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    screen = Screen(Terminal())
    try:
        settings = Settings.read()
        if options.what == "run":
            return 0 if run(screen, settings, options.warc or None, options.sources or None) else 1
        (up if options.what == "up" else down)(screen, settings)
    except (Trouble, SourceError) as trouble:
        Screen(Terminal(stderr=True)).say(str(trouble))
        return 1
    except Stopped as signalled:
        screen.say(f"Stopped by {signalled}; nothing is left running.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
