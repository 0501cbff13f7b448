"""The parent's side of the crawler's process: start it, read its results, end it."""

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
from klartext.crawler.job import CrawlPoliteness, CrawlRequest, CrawlResult, Job
from klartext.warc.exchange import WarcOutput

logger = logging.getLogger(__name__)
STALLED = "crawler-stalled"
"""The reason of a request at which the event loop stood still, and of those that were not made because of it."""
STALLS = 5
"""Processes of one crawl that may stall; the requests that remain then are left for the next run."""
_GRACE = 120.0  # seconds beyond the deadline that a last exchange with its retries may take
_TAIL = 4000


class CrawlerCrashed(RuntimeError):
    """The crawler's process ended before it had reported every result; the message has the end of its stderr."""


@dataclasses.dataclass(slots=True)
class _Pending:
    """The requests without a result so far, and the pages that were captured."""

    requests: list[CrawlRequest]
    pages: list[str] = dataclasses.field(default_factory=list)

    def remove(self, result: CrawlResult) -> None:
        with contextlib.suppress(ValueError):
            self.requests.remove(result.request)
        if result.location:
            self.pages.append(result.final_url or result.request.url)


def crawl(job: Job, politeness: CrawlPoliteness | None = None) -> Iterator[CrawlResult]:
    """Runs a job; yields a result for each request, those that the handler adds included, in the order of their ends.

    Args:
        politeness: gets what the server asked for, after the last result.

    An address at which the crawler's event loop stands still for longer than the limit ``silence`` has failed as
    ``crawler-stalled``; the crawl continues behind it in a new process, and in further files where it records.

    Raises :class:`CrawlerCrashed` after the results that there were, and :class:`klartext.lake.lease.LeaseLost` if the
    lease of the publisher was lost. The process ends when the iteration is left, and
    with this process, however that ends.
    """
    politeness = politeness or CrawlPoliteness()
    pending = _Pending(list(job.requests))
    end = time.monotonic() + job.limits.deadline
    for stalls in range(1, STALLS + 1):
        stalled: list[CrawlRequest | None] = []
        for result in _run(job, politeness, pending, stalled):
            pending.remove(result)
            yield result
        if not stalled:
            return
        if (request := stalled[0]) is None:
            raise CrawlerCrashed(f"the crawler's process stood still for {job.limits.silence:.0f} s before it began")
        logger.error("the crawler stood still for %.0f s at %s and was ended", job.limits.silence, request.url)
        result = CrawlResult(request=request, outcome="failed", reason=STALLED, at=dt.datetime.now(dt.UTC))
        pending.remove(result)
        yield result
        if not pending.requests:
            return
        job = _rest(job, pending, stalls, max(1.0, end - time.monotonic()))
    for request in pending.requests:
        yield CrawlResult(request=request, outcome="deadline", reason=STALLED, at=dt.datetime.now(dt.UTC))


def _rest(job: Job, pending: _Pending, number: int, deadline: float) -> Job:
    """The job for the requests that remain. The file of a killed process is cut after its last whole record."""
    from klartext.warc.repair import repair_file

    output = job.output
    if output:
        path = Path(output.path)
        stem = path.name.removesuffix(".warc.gz")
        for file in path.parent.glob(f"{stem}*.warc.gz"):
            if not repair_file(file):
                file.unlink()
        output = WarcOutput(
            path=str(path.with_name(f"{stem}~r{number}.warc.gz")),
            info=output.info,
            rotate=output.rotate,
            rotate_after=output.rotate_after,
        )
    return dataclasses.replace(
        job,
        requests=list(pending.requests),
        output=output,
        captured=sorted({*job.captured, *map(job.page_key, pending.pages)}),
        limits=dataclasses.replace(job.limits, deadline=deadline),
    )


def _run(
    job: Job, politeness: CrawlPoliteness, pending: _Pending, stalled: list[CrawlRequest | None]
) -> Iterator[CrawlResult]:
    """The results of one process. ``stalled`` gets the request at which it stood still, if it did."""
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
            yield from _results(child, job, errors, politeness, pending, monitor)
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


def _results(
    child: subprocess.Popen[str],
    job: Job,
    errors: IO[bytes],
    politeness: CrawlPoliteness,
    pending: _Pending,
    monitor: Monitor,
) -> Iterator[CrawlResult]:
    assert child.stdin is not None and child.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # it died while starting; the return code and its stderr have the cause
        child.stdin.write(job.to_json() + "\n")
        child.stdin.flush()  # and stays open: its end makes the child end
    complete = False
    while line := _next_line(child.stdout, monitor):
        if line.startswith("end "):
            asked_for = json.loads(line.removeprefix("end "))
            politeness.delay, politeness.pause, complete = asked_for["delay"], asked_for["pause"], True
        elif line.startswith("request ") and line.endswith("\n"):
            pending.requests.append(CrawlRequest.from_dict(json.loads(line.removeprefix("request "))))
        elif line.endswith("\n"):
            yield CrawlResult.from_json(line)
            politeness.require_lease()
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
    with contextlib.suppress(BrokenPipeError):  # the process is gone, and does not need what was not written
        pipe.close()
