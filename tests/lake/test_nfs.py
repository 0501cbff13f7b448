"""Locks as NFS has them: a file that is open for reading only, and a folder, cannot be locked."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from klartext.crawler.publisher_lease import PublisherBusy, lease_publisher
from klartext.lake import Lake
from local_airflow.services import exclusive


@pytest.fixture(autouse=True)
def _nfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """``flock`` fails where Linux's NFS client fails: it asks the server for a lock of a range of bytes, and that needs
    a regular file that is open for writing."""
    flock = fcntl.flock

    def on_nfs(file: Any, operation: int) -> None:
        descriptor = file if isinstance(file, int) else file.fileno()
        exclusive_lock = operation & fcntl.LOCK_EX
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        if exclusive_lock and not (is_file and fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", on_nfs)


def test_the_shim_refuses_folders_and_files_that_are_only_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(OSError, match="Bad file descriptor"):
        fcntl.flock(folder, fcntl.LOCK_EX)
    os.close(folder)
    with (tmp_path / "file").open("rb") as file, pytest.raises(OSError, match="Bad file descriptor"):
        fcntl.flock(file, fcntl.LOCK_EX)


def test_a_folder_is_locked_for_one_at_a_time(tmp_path: Path) -> None:
    storage = Lake.open(str(tmp_path)).storage
    inside: list[str] = []

    def other() -> None:
        with storage.lock("index/source=a"):
            inside.append("other")

    with storage.lock("index/source=a"):
        thread = threading.Thread(target=other)
        thread.start()
        with storage.lock("index/source=b"):
            thread.join(0.3)
        inside.append("first")
    thread.join()
    assert inside == ["first", "other"]


def test_lock_files_do_not_become_more_with_the_batches(tmp_path: Path) -> None:
    storage = Lake.open(str(tmp_path)).storage
    for number in range(600):
        with storage.lock(f"staging/batch-{number}/chunks/00000"), storage.lock("index/source=a"):
            pass
    assert len(list((tmp_path / "staging" / ".locks").iterdir())) <= 257


def test_files_are_written_and_what_is_half_written_is_removed(tmp_path: Path) -> None:
    storage = Lake.open(str(tmp_path)).storage
    storage.put("lake/a/b.parquet", b"whole")
    assert storage.replace_if_unchanged("lake/a/b.parquet", storage.stat("lake/a/b.parquet"), b"new")
    left_over = tmp_path / "staging" / ".writing" / "0123"
    left_over.write_bytes(b"half")
    storage.remove_unfinished()
    assert not left_over.exists()
    assert storage.read("lake/a/b.parquet") == b"new"


def test_a_publisher_is_asked_by_one_run_at_a_time(tmp_path: Path) -> None:
    storage = Lake.open(str(tmp_path)).storage
    with lease_publisher(storage, "beispiel", 0), pytest.raises(PublisherBusy):
        lease_publisher(storage, "beispiel", 0).__enter__()


def test_the_local_airflow_is_started_once(tmp_path: Path) -> None:
    with exclusive(tmp_path, "make run"):
        pass
