"""How many processes may work at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from klartext import cores
from klartext.extract import pool


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cores.PROCESSES_VARIABLE, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def test_cores_are_those_of_the_affinity(tmp_path: Path) -> None:
    assert cores.available_cores(tmp_path) == 8


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("200000 100000", 2),
        ("250000 100000", 3),
        ("10000 100000", 1),
        ("max 100000", 8),
        ("", 8),
        ("1600000 100000", 8),
    ],
)
def test_a_quota_of_the_control_group_counts(tmp_path: Path, quota: str, expected: int) -> None:
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.max").write_text(quota)
    assert cores.available_cores(tmp_path) == expected


def test_a_quota_of_a_group_around_counts(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/system.slice/docker-1.scope\n")
    (tmp_path / "sys/fs/cgroup/system.slice/docker-1.scope").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/system.slice/docker-1.scope/cpu.max").write_text("max 100000")
    (tmp_path / "sys/fs/cgroup/system.slice/cpu.max").write_text("300000 100000")
    assert cores.available_cores(tmp_path) == 3


def test_a_quota_of_the_first_version_counts(tmp_path: Path) -> None:
    folder = tmp_path / "sys/fs/cgroup/cpu"
    folder.mkdir(parents=True)
    (folder / "cpu.cfs_quota_us").write_text("150000\n")
    (folder / "cpu.cfs_period_us").write_text("100000\n")
    assert cores.available_cores(tmp_path) == 2
    (folder / "cpu.cfs_quota_us").write_text("-1\n")
    assert cores.available_cores(tmp_path) == 8


def test_a_setting_counts_before_the_cores_and_pages_bound_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "available_cores", lambda: 4)
    assert (pool.process_count(), pool.process_count(0), pool.process_count(250), pool.process_count(251)) == (
        4,
        1,
        1,
        2,
    )
    assert pool.process_count(100_000) == 4
    monkeypatch.setenv(cores.PROCESSES_VARIABLE, "3")
    assert (pool.process_count(), pool.process_count(100_000), pool.process_count(10)) == (3, 3, 1)


@pytest.mark.parametrize("value", ["0", "two", "-1", "1.5"])
def test_a_setting_that_is_no_number_says_so(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(cores.PROCESSES_VARIABLE, value)
    with pytest.raises(ValueError, match=r"KLARTEXT_EXTRACT_PROCESSES is .* from 1 on"):
        pool.process_count()
