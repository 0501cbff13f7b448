"""The parent's side of the crawler's process: start it, read its answers, end it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from klartext.crawler.heartbeat import Monitor
from klartext.crawler.job import Answer, Ask, Job, Manners, Record

logger = logging.getLogger(__name__)
STALLED = "crawler-stalled"
"""The reason of an address at which the event loop stood still, and of those that were not asked for because of it."""
STALLS = 5
"""Processes that one crawl may lose so; what is left then is left for the next run."""
_GRACE = 120.0  # seconds beyond the deadline that a last exchange with its retries may take
_TAIL = 4000


class CrawlerCrashed(RuntimeError):
    """The crawler's process ended before it had answered everything; the message has the end of its stderr."""


@dataclasses.dataclass(slots=True)
class _Pending:
    """What is to be answered still, and the pages that were captured."""

    asks: list[Ask]
    pages: list[str] = dataclasses.field(default_factory=list)

    def answered(self, answer: Answer) -> None:
        with contextlib.suppress(ValueError):
            self.asks.remove(answer.ask)
        if answer.place:
            self.pages.append(answer.final_url or answer.ask.url)


def crawl(job: Job, manners: Manners | None = None) -> Iterator[Answer]:
    """Answers in the order in which they come, one for each ask and for each further one that the handler made. After
    the last one ``manners`` has what was learnt.

    An address at which the crawler's event loop stands still for longer than the limit ``silence`` has failed as
    ``crawler-stalled``; the crawl goes on behind it in a new process, and in further files where it records.

    Raises :class:`CrawlerCrashed` after the answers that there were. The process ends with this one, whatever ends
    it, and when the iteration is left.
    """
    manners = manners or Manners()
    pending = _Pending(list(job.asks))
    end = time.monotonic() + job.limits.deadline
    for stalls in range(1, STALLS + 1):
        stalled: list[Ask | None] = []
        for answer in _run(job, manners, pending, stalled):
            pending.answered(answer)
            yield answer
        if not stalled:
            return
        if (ask := stalled[0]) is None:
            raise CrawlerCrashed(f"the crawler's process stood still for {job.limits.silence:.0f} s before it began")
        logger.error("the crawler stood still for %.0f s at %s and was ended", job.limits.silence, ask.url)
        answer = Answer(ask=ask, outcome="failed", reason=STALLED, at=dt.datetime.now(dt.UTC))
        pending.answered(answer)
        yield answer
        if not pending.asks:
            return
        job = _rest(job, pending, stalls, max(1.0, end - time.monotonic()))
    for ask in pending.asks:
        yield Answer(ask=ask, outcome="deadline", reason=STALLED, at=dt.datetime.now(dt.UTC))


def _rest(job: Job, pending: _Pending, number: int, deadline: float) -> Job:
    """The job for what is left. The file that a killed process was writing ends with its last whole record."""
    from klartext.urls import page_key
    from klartext.warc.repair import mend

    record = job.record
    if record:
        path = Path(record.path)
        stem = path.name.removesuffix(".warc.gz")
        for file in path.parent.glob(f"{stem}*.warc.gz"):
            if not mend(file):
                file.unlink()
        record = Record(path=str(path.with_name(f"{stem}~r{number}.warc.gz")), info=record.info, rotate=record.rotate)
    return dataclasses.replace(
        job,
        asks=list(pending.asks),
        record=record,
        have=sorted({*job.have, *map(page_key, pending.pages)}),
        limits=dataclasses.replace(job.limits, deadline=deadline),
    )


def _run(job: Job, manners: Manners, pending: _Pending, stalled: list[Ask | None]) -> Iterator[Answer]:
    """The answers of one process. ``stalled`` gets the ask at which it stood still, if it did."""
    package = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))}
    with tempfile.TemporaryFile() as errors:
        monitor = Monitor(job.limits.silence, lambda: child.kill())
        child = subprocess.Popen(
            [sys.executable, "-m", "klartext.crawler", str(monitor.descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            encoding="utf-8",
            pass_fds=[monitor.descriptor],
        )
        timer = threading.Timer(job.limits.deadline + _GRACE, child.kill)
        timer.daemon = True
        timer.start()
        monitor.start()
        try:
            yield from _answers(child, job, errors, manners, pending, monitor)
            if monitor.has_stalled:
                stalled.append(monitor.stalled_at())
        finally:
            timer.cancel()
            if child.poll() is None:
                child.kill()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    _close(pipe)
            child.wait()
            monitor.close()


def _answers(
    child: subprocess.Popen[str], job: Job, errors: IO[bytes], manners: Manners, pending: _Pending, monitor: Monitor
) -> Iterator[Answer]:
    assert child.stdin is not None and child.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # it died while starting; the return code and its stderr say why
        child.stdin.write(job.to_json() + "\n")
        child.stdin.flush()  # and stays open: its end tells the child that we are gone
    complete = False
    while line := _next_line(child.stdout, monitor):
        if line.startswith("end "):
            learnt = json.loads(line.removeprefix("end "))
            manners.delay, manners.rest, complete = learnt["delay"], learnt["rest"], True
        elif line.startswith("ask ") and line.endswith("\n"):
            pending.asks.append(Ask.of(json.loads(line.removeprefix("ask "))))
        elif line.endswith("\n"):
            yield Answer.from_json(line)
    code = child.wait()
    errors.seek(0)
    tail = errors.read().decode("utf-8", "replace")[-_TAIL:].strip()
    if (code or not complete) and not monitor.has_stalled:
        raise CrawlerCrashed(
            f"the crawler's process ended with {code} before it was done:\n{tail or 'it wrote nothing to stderr'}"
        )
    if tail:
        logger.info("the crawler wrote to stderr:\n%s", tail)


def _next_line(pipe: IO[str], monitor: Monitor) -> str:
    """The next line of the child, or nothing at its end; the time of waiting for it counts as silence."""
    monitor.is_waiting = True
    try:
        return pipe.readline()
    finally:
        monitor.is_waiting = False


def _close(pipe: IO[str]) -> None:
    with contextlib.suppress(BrokenPipeError):  # what was not yet written is of no use to a process that is gone
        pipe.close()
