"""The parent's side of the crawler's process: start it, read its answers, end it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from klartext.crawler.job import Answer, Job, Manners

logger = logging.getLogger(__name__)
_GRACE = 120.0  # seconds beyond the deadline that a last exchange with its retries may take
_TAIL = 4000


class CrawlerCrashed(RuntimeError):
    """The crawler's process ended before it had answered everything; the message has the end of its stderr."""


def crawl(job: Job, manners: Manners | None = None) -> Iterator[Answer]:
    """Answers in the order in which they come, one for each ask and for each further one that the handler made. After
    the last one ``manners`` has what was learnt.

    Raises :class:`CrawlerCrashed` after the answers that there were. The process ends with this one, whatever ends
    it, and when the iteration is left.
    """
    package = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))}
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "klartext.crawler"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            encoding="utf-8",
        )
        timer = threading.Timer(job.limits.deadline + _GRACE, child.kill)
        timer.daemon = True
        timer.start()
        try:
            yield from _answers(child, job, errors, manners or Manners())
        finally:
            timer.cancel()
            if child.poll() is None:
                child.kill()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    _close(pipe)
            child.wait()


def _answers(child: subprocess.Popen[str], job: Job, errors: IO[bytes], manners: Manners) -> Iterator[Answer]:
    assert child.stdin is not None and child.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # it died while starting; the return code and its stderr say why
        child.stdin.write(job.to_json() + "\n")
        child.stdin.flush()  # and stays open: its end tells the child that we are gone
    complete = False
    for line in child.stdout:
        if line.startswith("end "):
            learnt = json.loads(line.removeprefix("end "))
            manners.delay, manners.rest, complete = learnt["delay"], learnt["rest"], True
        elif line.endswith("\n"):
            yield Answer.from_json(line)
    code = child.wait()
    errors.seek(0)
    tail = errors.read().decode("utf-8", "replace")[-_TAIL:].strip()
    if code or not complete:
        raise CrawlerCrashed(
            f"the crawler's process ended with {code} before it was done:\n{tail or 'it said nothing'}"
        )
    if tail:
        logger.info("the crawler said:\n%s", tail)


def _close(pipe: IO[str]) -> None:
    with contextlib.suppress(BrokenPipeError):  # what was not yet written is of no use to a process that is gone
        pipe.close()
