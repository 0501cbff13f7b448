"""Locks that a suspended process holds: who waits for them learns which process it is, and others do not wait."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from klartext.lake import Lake, file_lock, layout
from klartext.lake.lease import Lease, LeaseHeld

LOCKED = """
import os, signal, sys
from klartext.lake.file_lock import lock
file = open(sys.argv[1], "ab")
lock(file)
os.kill(os.getpid(), signal.SIGSTOP)
sys.stdin.read()
"""


@pytest.fixture
def suspended(tmp_path: Path) -> Iterator[tuple[Lake, int]]:
    """A lake, and the number of a process that is suspended while it writes the lease ``a``."""
    lake = Lake.open(str(tmp_path))
    file = tmp_path / layout.lock_file(layout.lease_file("a"))
    file.parent.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", LOCKED, str(file)], stdin=subprocess.PIPE)
    assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
    yield lake, process.pid
    process.kill()
    process.wait()


def test_a_lock_of_a_suspended_process_ends_the_wait_with_what_to_do(suspended: tuple[Lake, int]) -> None:
    lake, process = suspended
    with (
        pytest.raises(TimeoutError, match=rf"process {process}, which is suspended: .*kill -CONT {process}.*leases-"),
        lake.storage.lock(layout.lease_file("a"), 0.1),
    ):
        pass


def test_only_the_lease_that_it_was_writing_has_to_wait(
    suspended: tuple[Lake, int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lake, process = suspended
    monkeypatch.setattr("klartext.lake.lease._LOCK_PATIENCE", 0.1)
    other = Lease(lake.storage, "b")
    other.acquire(0)
    other.release()
    with pytest.raises(LeaseHeld):
        Lease(lake.storage, "a").acquire(0)
    assert f"kill -CONT {process}" in caplog.text
    os.kill(process, signal.SIGKILL)
    Lease(lake.storage, "a").acquire(10)


def test_who_waits_for_long_says_so_and_goes_on_when_the_lock_is_free(
    suspended: tuple[Lake, int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lake, process = suspended
    logged, had = threading.Event(), threading.Event()
    monkeypatch.setattr(file_lock, "LONG_WAIT", 0.05)
    monkeypatch.setattr(file_lock.logger, "filters", [lambda _: logged.set() or True])

    def wait() -> None:
        with lake.storage.lock(layout.lease_file("a")):
            had.set()

    with caplog.at_level(logging.WARNING):
        thread = threading.Thread(target=wait)
        thread.start()
        assert logged.wait(10)
        assert not had.is_set()
        os.kill(process, signal.SIGKILL)
        thread.join(10)
    assert had.is_set()
    assert f"locked by process {process}, which is suspended" in caplog.text


def test_a_holder_that_the_system_does_not_name(
    suspended: tuple[Lake, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake, _ = suspended
    monkeypatch.setattr(file_lock, "_LOCKS", tmp_path / "none")
    with pytest.raises(TimeoutError, match="another process"), lake.storage.lock(layout.lease_file("a"), 0):
        pass


def test_leases_and_batches_share_no_lock() -> None:
    names = [f"{layout.STAGING}/batch-{number}" for number in range(2000)]
    leases = [layout.lease_file(f"publisher-{number}") for number in range(2000)]
    assert {layout.lock_file(name) for name in names}.isdisjoint(layout.lock_file(name) for name in leases)
    assert len({layout.lock_file(name) for name in [*names, *leases]}) == 512
