"""Extraction in child processes with a limit of time and memory per page.

A child that hangs or dies is ended and replaced; the page that it had is a result with that reason, the others go on.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from klartext.cores import available_cores, configured_processes
from klartext.extract.worker import READY, BadAnswer, Result, receive_result, send_task
from klartext.sources import Source
from klartext.warc.reader import Page

TIME_LIMIT = 10.0
"""Seconds of CPU for one page."""
_WAITING = 6
"""How many times longer than that a page may take by the clock: on a busy machine a process waits for its turn."""
_TO_EXIT = 5.0
"""Seconds that a child has to exit after it has closed its output."""
START_LIMIT = 60.0
"""Seconds for a child to start and import; no page waits longer than its own limit because of it."""
MEMORY_LIMIT = 2 * 1024**3
"""Bytes of address space of a child."""
PAGES_PER_CHILD = 2000
"""A child is replaced after so many pages, so that what its parsers keep does not add up."""

PAGES_PER_PROCESS = 250
"""Pages that are worth a process of their own: to start one takes as long as some 50 pages."""

Task = tuple[Page, Source, bool] | tuple[Page, Source, bool, bool]
"""What :func:`klartext.extract.worker.work` takes."""


def process_count(pages: int | None = None) -> int:
    """The number of processes for so many pages: at most what ``KLARTEXT_EXTRACT_PROCESSES`` says, else the number of
    cores that this process may use. Raises ValueError for a setting that is no number from 1 on."""
    most = configured_processes() or available_cores()
    return most if pages is None else max(1, min(most, -(-pages // PAGES_PER_PROCESS)))


class MachineFault(RuntimeError):
    """The machine did not let a page be read: no fault of the page, so the step fails and can run again."""


class _Child:
    def __init__(self, memory: int) -> None:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the child
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"from klartext.extract.worker import main; main({memory})"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            # numpy in a child keeps to the child's core
            env={"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )  # fmt: skip
        self.done = 0
        self.index = -1
        self.task: Task | None = None
        self.ready = False
        self.seconds = 0.0
        self.deadline = 0.0
        self.last_deadline = 0.0
        self.cpu_before = 0.0

    def give(self, index: int, task: Task, seconds: float) -> None:
        """Sends a page; its time runs when the child is ready. Raises BrokenPipeError where the child has ended."""
        assert self.process.stdin is not None
        self.index, self.task, self.seconds = index, task, seconds
        if self.ready:
            self._start_time()
        else:
            self.deadline = self.last_deadline = time.monotonic() + START_LIMIT
        send_task(self.process.stdin, task)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Takes the byte that says that the child is ready, and starts the time of its page.

        Raises EOFError if the child has ended.
        """
        assert self.process.stdout is not None
        # past the stream's buffer: an answer that is there already must stay for the selector to see
        if os.read(self.process.stdout.fileno(), len(READY)) != READY:
            raise EOFError
        self.ready = True
        self._start_time()

    def _start_time(self) -> None:
        now = time.monotonic()
        self.deadline, self.last_deadline = now + self.seconds, now + self.seconds * _WAITING
        self.cpu_before = _cpu_seconds(self.process.pid)

    def used_cpu(self) -> float:
        """The seconds of CPU that the page took so far; those by the clock where the system does not say."""
        spent = _cpu_seconds(self.process.pid)
        return spent - self.cpu_before if spent or self.cpu_before else self.seconds

    def may_go_on(self, now: float) -> bool:
        """True for a child that was kept waiting: at its deadline it did not have its time yet. Gives it more."""
        left = self.seconds - self.used_cpu() if self.ready else 0.0
        if left <= 0.05 or now >= self.last_deadline:
            return False
        self.deadline = min(now + left, self.last_deadline)
        return True

    def answer(self) -> Result:
        assert self.process.stdout is not None
        self.done += 1
        return receive_result(self.process.stdout)  # type: ignore[arg-type]

    def end(self, closed: bool = False) -> str:
        """Ends the child; gives the last line of its standard error. One that ends by itself has a moment to do so, so
        that its exit code says why."""
        if closed:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_TO_EXIT)
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        self.errors.seek(0)
        said = self.errors.read().decode("utf-8", "replace").strip().splitlines()
        self.errors.close()
        return said[-1][:300] if said else f"exit code {self.process.returncode}"


def _cpu_seconds(pid: int) -> float:
    """The seconds of CPU that a process used; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


def extract_all(
    tasks: Iterable[Task], *, workers: int = 1, seconds: float = TIME_LIMIT, memory: int = MEMORY_LIMIT
) -> Iterator[tuple[int, Result]]:
    """Results with the index of their task, in the order in which they are done; at most ``workers`` pages are held.

    ``seconds`` are of CPU. A page that a busy machine did not give its time, or whose child the system killed, which it
    does when it is out of memory, is tried once more.

    Raises :class:`MachineFault` where a child does not come up, or the second try of a page ends so too.
    """
    again: list[tuple[int, Task]] = []
    tried_again: set[int] = set()
    waiting = enumerate(tasks)
    children: list[_Child] = []
    selector = selectors.DefaultSelector()

    def start() -> _Child:
        child = _Child(memory)
        children.append(child)
        return child

    def drop(child: _Child, closed: bool = False) -> str:
        if child.process.stdout in {key.fileobj for key in selector.get_map().values()}:
            selector.unregister(child.process.stdout)
        children.remove(child)
        return child.end(closed)

    def try_again(index: int, task: Task | None, fault: str) -> None:
        """Puts a page that the machine did not let be read before the others. Raises MachineFault the second time."""
        if index in tried_again or task is None:
            raise MachineFault(f"{task[0].url if task else 'a page'}: {fault}, twice: the machine is overloaded")
        tried_again.add(index)
        again.append((index, task))

    def died(child: _Child, index: int, task: Task | None) -> tuple[int, Result] | None:
        """The result of a page whose child has ended; None if it is tried once more."""
        last = drop(child, closed=True)
        if child.process.returncode != -signal.SIGKILL:
            return index, Result(reason="extractor-died", detail=last)
        try_again(index, task, "the system killed the process that read it")
        return None

    def next_task() -> tuple[int, Task] | None:
        return again.pop() if again else next(waiting, None)

    def feed(child: _Child, given: tuple[int, Task] | None) -> tuple[int, Result] | None:
        """Gives a child a page, or ends it without one; a result where the child had ended."""
        if given is None:
            drop(child)
            return None
        if child.done >= PAGES_PER_CHILD:
            drop(child)
            child = start()
        try:
            child.give(*given, seconds)
        except BrokenPipeError:
            return died(child, *given)
        selector.register(child.process.stdout, selectors.EVENT_READ, child)  # type: ignore[arg-type]
        return None

    def refill() -> Iterator[tuple[int, Result]]:
        """Keeps as many children at work as are wanted, while there is work."""
        while len(children) < workers and (given := next_task()) is not None:
            if (lost := feed(start(), given)) is not None:
                yield lost

    try:
        yield from refill()
        while children:
            left = min(child.deadline for child in children) - time.monotonic()
            for key, _ in selector.select(max(0.0, left)):
                child = cast(_Child, key.data)
                try:
                    if not child.ready:
                        child.begin()
                        continue
                    selector.unregister(key.fileobj)
                    yield child.index, child.answer()
                except EOFError:
                    if (lost := died(child, child.index, child.task)) is not None:
                        yield lost
                except BadAnswer as error:
                    drop(child)
                    yield child.index, Result(reason="extractor-died", detail=str(error)[:500])
                else:
                    if (lost := feed(child, next_task())) is not None:
                        yield lost
            now = time.monotonic()
            for child in [c for c in children if c.deadline <= now and not c.may_go_on(now)]:
                index, task, started, used = child.index, child.task, child.ready, child.used_cpu()
                last = drop(child)
                if not started:
                    raise MachineFault(f"no process for extraction started within {START_LIMIT:g} s: {last}")
                if used < seconds * 0.9:
                    try_again(index, task, f"it got {used:.1f} s of CPU in {seconds * _WAITING:g} s")
                    continue
                yield index, Result(reason="time-limit", detail=f"took longer than {seconds:g} s")
            yield from refill()
    finally:
        for child in list(children):
            drop(child)
