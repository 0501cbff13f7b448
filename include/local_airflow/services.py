"""Long-running processes that are started here and end with the command, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil

from local_airflow.settings import UserError

GRACE = 10.0
"""Seconds that a process has to end after SIGTERM."""
MOST_RESTARTS = 3
"""How often a service that ends by itself is started again within :data:`RESTART_SPAN`."""
RESTART_SPAN = 900.0
"""Seconds."""
_ERROR = re.compile(r"[\w.]{1,100}(Error|Exception)\b")
_LAST_LINES = 20
"""Lines of a log in which the error is looked for that ended a service."""


def port_is_free(port: int) -> bool:
    """True if a server could listen at this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def signals_deferred() -> Iterator[None]:
    """Signals that ask the command to end are handled after the block."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    received: list[int] = []
    handlers = {number: signal.signal(number, lambda number, _: received.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])


@contextlib.contextmanager
def exclusive(home: Path, command: str) -> Iterator[None]:
    """Holds the lock of Airflow's home. Raises UserError if another command holds it, or if it cannot be written."""
    try:
        lock = (home / "lock").open("a+")
    except OSError as error:
        raise UserError(f"Cannot write to {home / 'lock'} ({error.strerror}); make it a file of yours.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = lock_holder(home)
            what = f"`{holder[1]}` (process {holder[0]})" if holder else "Klartext"
            raise UserError(f"{what} is running here already; wait for it, or end it with `make down`.") from error
        lock.truncate(0)
        lock.write(json.dumps([os.getpid(), command]))
        lock.flush()
        yield
        lock.truncate(0)


def lock_holder(home: Path) -> tuple[int, str] | None:
    """Process id and command of the holder of the lock; None if it is free."""
    with contextlib.suppress(OSError, ValueError):
        pid, command = json.loads((home / "lock").read_text())
        return int(pid), str(command)
    return None


def end(leaders: Iterable[psutil.Process], *, at_once: bool = False) -> None:
    """Ends processes, and everything that they started or that runs in their sessions, also if they themselves have
    ended: SIGTERM, then SIGKILL; only SIGKILL if ``at_once``."""
    leaders = list(leaders)
    family = set(leaders)
    for leader in leaders:
        with contextlib.suppress(psutil.Error):
            family.update(leader.children(recursive=True))
    # A number of a process that has ended may be in use again, unless processes of its session are left.
    family.update(
        _members({leader.pid for leader in leaders if leader.is_running() or not psutil.pid_exists(leader.pid)})
    )
    for stop in (psutil.Process.kill,) if at_once else (psutil.Process.terminate, psutil.Process.kill):
        for process in family:
            with contextlib.suppress(psutil.Error):
                stop(process)
        family = set(psutil.wait_procs(family, timeout=GRACE)[1])


def _members(sessions: set[int]) -> set[psutil.Process]:
    """The processes of sessions, which are named by the process id of their leader."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(OSError):
            if os.getsid(process.pid) in sessions:
                found.add(process)
    return found


class Services:
    """Named processes, each with a session and a log of its own.

    ``home/services.json`` lists them, so that the next command finds those of a command that was killed.
    """

    def __init__(self, home: Path, logs: Path, env: dict[str, str]) -> None:
        self.register, self.logs, self.env = home / "services.json", logs, env
        self.running: dict[str, psutil.Popen] = {}
        self._last: set[str] = set()
        self._logged: set[str] = set()
        self._starts: dict[str, Callable[[], None]] = {}
        self._restarts: defaultdict[str, list[float]] = defaultdict(list)

    def start(
        self, name: str, *command: str, env: dict[str, str] | None = None, last: bool = False, **options: Any
    ) -> None:
        """Starts a process; its output goes to ``<name>.log``, behind that of the process that it replaces.

        Args:
            env: its environment, where it is not that of all services.
            last: it ends after the services that are not last, because they need it.
            options: further arguments of :class:`subprocess.Popen`.
        """
        self._starts[name] = lambda: self.start(name, *command, env=env, last=last, **options)
        with signals_deferred(), self._log(name).open("ab" if name in self._logged else "wb") as log:
            self.running[name] = psutil.Popen(
                command,
                env=self.env if env is None else env,
                stdin=psutil.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **options,
            )
            self._logged.add(name)
            if last:
                self._last.add(name)
            alive = [(p.pid, p.create_time()) for p in self.running.values() if p.poll() is None]
            self.register.write_text(json.dumps(alive))

    def check(self) -> None:
        """Raises UserError if one of them has ended."""
        for name in self.ended():
            raise UserError(f"{name} ended by itself ({self._last_words(name)}); its log is {self._log(name)}.")

    def ended(self) -> list[str]:
        """The names of services that have ended by themselves."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def restart_ended(self) -> dict[str, str]:
        """Starts the services again that have ended by themselves; returns how each ended, by name.

        What such a service has left running is ended before, so that no task runs beside its next try. Raises UserError
        for a service that has ended more than :data:`MOST_RESTARTS` times within :data:`RESTART_SPAN`.
        """
        ended: dict[str, str] = {}
        for name in self.ended():
            how = self._last_words(name)
            now = time.monotonic()
            recent = [at for at in self._restarts[name] if now - at < RESTART_SPAN]
            if len(recent) >= MOST_RESTARTS:
                raise UserError(
                    f"{name} ended by itself {len(recent) + 1} times within {RESTART_SPAN / 60:.0f} minutes ({how}); "
                    f"its log is {self._log(name)}. Correct the cause and start again: runs go on where they are."
                )
            with signals_deferred():
                end([self.running[name]])
                self._starts[name]()
            self._restarts[name] = [*recent, now]
            ended[name] = how
        return ended

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _last_words(self, name: str) -> str:
        """How a service has ended: the signal that killed it, or the last error or line of its log."""
        code = self.running[name].returncode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        lines = self._log(name).read_text("utf-8", "replace").strip().splitlines()
        errors = [line for line in lines[-_LAST_LINES:] if _ERROR.match(line)]
        return (errors or lines or ["no output"])[-1]

    def stop(self) -> None:
        """Ends all of them, and what those have left that ended by themselves."""
        with signals_deferred():
            for last in (False, True):
                services = [process for name, process in self.running.items() if (name in self._last) == last]
                end(services)
                for process in services:
                    process.wait()
            self.running.clear()
            self.register.unlink(missing_ok=True)

    def stop_leftovers(self) -> bool:
        """Ends the services of a command that was killed; True if there were any."""
        leftovers: set[psutil.Process] = set()
        with contextlib.suppress(OSError, ValueError):
            for pid, created in json.loads(self.register.read_text()):
                try:
                    process = psutil.Process(pid)
                    if abs(process.create_time() - created) < 1:  # else the number belongs to another process by now
                        leftovers.add(process)
                except psutil.Error:  # it has ended, and what it started may run on
                    leftovers |= _members({pid})
        end(leftovers)
        self.register.unlink(missing_ok=True)
        return bool(leftovers)
