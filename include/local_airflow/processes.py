"""Processes that we start and that end with us, whatever happens."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from local_airflow.settings import Trouble

PATIENCE = 10.0
"""Seconds that a process has for ending by itself."""


def port_is_free(port: int) -> bool:
    """Whether something could listen there on loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for_port(port: int, seconds: float = 20) -> bool:
    """Whether something answers there within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.1)
    return False


def writable(folder: Path, advice: str) -> None:
    """Makes the folder if need be. Raises Trouble if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Trouble(f"Cannot write to {folder} ({error.strerror}); {advice}.") from error


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that come meanwhile are heard afterwards."""
    came: list[int] = []
    usual = {n: signal.signal(n, lambda n, _: came.append(n)) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


@contextlib.contextmanager
def only_one(home: Path, purpose: str) -> Iterator[None]:
    """Holds the lock of Airflow's home. Raises Trouble if another of us holds it."""
    with contextlib.ExitStack() as stack:
        try:
            lock = stack.enter_context((home / "lock").open("a+"))
        except OSError as error:
            raise Trouble(f"Cannot write to {home / 'lock'} ({error.strerror}); it must be a file of yours.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            held = holder(home)
            what = f"`{held[1]}` (process {held[0]})" if held else "Klartext"
            raise Trouble(f"{what} is running here already; wait for it, or end it with `make down`.") from error
        lock.truncate(0)
        lock.write(json.dumps([os.getpid(), purpose]))
        lock.flush()
        yield
        lock.truncate(0)


def holder(home: Path) -> tuple[int, str] | None:
    """The process that holds the lock, and what it was started as."""
    with contextlib.suppress(OSError, ValueError):
        pid, purpose = json.loads((home / "lock").read_text())
        return int(pid), str(purpose)
    return None


def end(processes: list[psutil.Process]) -> None:
    """Ends processes with all that they started: asked first, killed after PATIENCE."""
    family = set(processes)
    for process in processes:
        with contextlib.suppress(psutil.Error):
            family.update(process.children(recursive=True))
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
    _, left = psutil.wait_procs(list(family), timeout=PATIENCE)
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=PATIENCE)


class Services:
    """Named long-running processes, each with a session and a log of its own.

    They are written down in ``home/services.json``, so that those of a launcher that was killed are found again.
    """

    def __init__(self, home: Path, logs: Path, env: dict[str, str]) -> None:
        self.register, self.logs, self.env = home / "services.json", logs, env
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str) -> None:
        with undisturbed(), (self.logs / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            started = [(p.pid, psutil.Process(p.pid).create_time()) for p in self.running.values() if p.poll() is None]
            self.register.write_text(json.dumps(started))

    def check(self) -> None:
        """Raises Trouble if one of them has ended."""
        for name, process in self.running.items():
            if process.poll() is not None:
                log = self.logs / f"{name}.log"
                lines = log.read_text("utf-8", "replace").strip().splitlines()
                raise Trouble(f"{name} ended by itself ({lines[-1] if lines else 'no word'}); its log is {log}.")

    def stop(self) -> None:
        """Ends all of them; a signal that comes meanwhile has to wait."""
        with undisturbed():
            end([psutil.Process(p.pid) for p in self.running.values() if p.poll() is None])
            for process in self.running.values():
                process.wait()
            self.running.clear()
            self.register.unlink(missing_ok=True)

    def stop_left_behind(self) -> bool:
        """Ends what a launcher that was killed has left running; whether there was any."""
        left = []
        with contextlib.suppress(OSError, ValueError):
            for pid, created in json.loads(self.register.read_text()):
                with contextlib.suppress(psutil.Error):
                    process = psutil.Process(pid)
                    if abs(process.create_time() - created) < 1:  # the number may belong to another by now
                        left.append(process)
        end(left)
        self.register.unlink(missing_ok=True)
        return bool(left)
