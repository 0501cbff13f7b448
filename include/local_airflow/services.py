"""Long-running processes that are started here and end with the command, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil

from local_airflow.settings import UserError

GRACE = 10.0
"""Seconds that a process has to end after SIGTERM."""


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
    """Ends processes, and everything that they started or that runs in their sessions: SIGTERM, then SIGKILL; only
    SIGKILL if ``at_once``."""
    leaders = list(leaders)
    sessions = {leader.pid for leader in leaders}
    family = set(leaders)
    for leader in leaders:
        with contextlib.suppress(psutil.Error):
            family.update(leader.children(recursive=True))
    for process in psutil.process_iter():
        with contextlib.suppress(OSError):
            if os.getsid(process.pid) in sessions:
                family.add(process)
    for stop in (psutil.Process.kill,) if at_once else (psutil.Process.terminate, psutil.Process.kill):
        for process in family:
            with contextlib.suppress(psutil.Error):
                stop(process)
        family = set(psutil.wait_procs(family, timeout=GRACE)[1])


class Services:
    """Named processes, each with a session and a log of its own.

    ``home/services.json`` lists them, so that the next command finds those of a command that was killed.
    """

    def __init__(self, home: Path, logs: Path, env: dict[str, str]) -> None:
        self.register, self.logs, self.env = home / "services.json", logs, env
        self.running: dict[str, psutil.Popen] = {}
        self._last: set[str] = set()
        self._logged: set[str] = set()

    def start(
        self, name: str, *command: str, env: dict[str, str] | None = None, last: bool = False, **options: Any
    ) -> None:
        """Starts a process; its output goes to ``<name>.log``, behind that of the process that it replaces.

        Args:
            env: its environment, where it is not that of all services.
            last: it ends after the services that are not last, because they need it.
            options: further arguments of :class:`subprocess.Popen`.
        """
        with signals_deferred(), (self.logs / f"{name}.log").open("ab" if name in self._logged else "wb") as log:
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
        for name, process in self.running.items():
            if process.poll() is not None:
                log = self.logs / f"{name}.log"
                lines = log.read_text("utf-8", "replace").strip().splitlines()
                raise UserError(f"{name} ended by itself ({lines[-1] if lines else 'no output'}); its log is {log}.")

    def stop(self) -> None:
        """Ends all of them."""
        with signals_deferred():
            for last in (False, True):
                services = [process for name, process in self.running.items() if (name in self._last) == last]
                end(psutil.Process(p.pid) for p in services if p.poll() is None)
                for process in services:
                    process.wait()
            self.running.clear()
            self.register.unlink(missing_ok=True)

    def stop_leftovers(self) -> bool:
        """Ends the services of a command that was killed; True if there were any."""
        leftovers = []
        with contextlib.suppress(OSError, ValueError):
            for pid, created in json.loads(self.register.read_text()):
                with contextlib.suppress(psutil.Error):
                    process = psutil.Process(pid)
                    if abs(process.create_time() - created) < 1:  # else the number belongs to another process by now
                        leftovers.append(process)
        end(leftovers)
        self.register.unlink(missing_ok=True)
        return bool(leftovers)
