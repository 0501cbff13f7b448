"""The number of processor cores that this process may use."""

from __future__ import annotations

import os
from pathlib import Path

PROCESSES_VARIABLE = "KLARTEXT_EXTRACT_PROCESSES"
"""The environment variable with the number of processes of one extraction."""


def available_cores(root: Path = Path("/")) -> int:
    """The cores that the scheduler gives this process: those of its affinity, and of its control group's quota
    (``cpu.max`` of cgroup v2, ``cpu.cfs_quota_us`` of v1), rounded up. ``root`` is that of the file system."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    quotas = [quota for folder in _cgroups(root) if (quota := _quota(folder)) is not None]
    return max(1, min([cores, *(-int(-quota // 1) for quota in quotas)]))


def configured_processes() -> int | None:
    """The number in ``KLARTEXT_EXTRACT_PROCESSES``; None if it is not set. Raises ValueError for what is no number."""
    value = os.environ.get(PROCESSES_VARIABLE, "").strip()
    if not value:
        return None
    if not value.isdecimal() or not 0 < int(value) < 10_000:
        raise ValueError(f"{PROCESSES_VARIABLE} is {value!r}: set it to a number of processes from 1 on")
    return int(value)


def _cgroups(root: Path) -> list[Path]:
    """The folders of this process's control groups and of those around them."""
    base = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        lines = []
    folders = [base, base / "cpu"]
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        top = base if not controllers else base / "cpu" if "cpu" in controllers.split(",") else None
        parts = [part for part in path.split("/") if part not in ("", "..")]
        folders += [top.joinpath(*parts[:n]) for n in range(1, len(parts) + 1)] if top else []
    return folders


def _quota(folder: Path) -> float | None:
    """The cores of a control group's quota; None if it has none."""
    try:
        if (folder / "cpu.max").is_file():
            quota, period = (folder / "cpu.max").read_text().split()[:2]
        else:
            quota, period = ((folder / f"cpu.cfs_{name}_us").read_text().strip() for name in ("quota", "period"))
        return float(quota) / float(period) if float(quota) > 0 and float(period) > 0 else None
    except (OSError, ValueError):
        return None
