"""Installs everything from the lock into `.venv`: what `make install` runs, with the Python that is there.

The arguments are dependency groups that are installed too.

Needs only pip, which installs uv into `.uv`; uv installs what `uv.lock` lists. Run as a script, by any Python from 3.8
on, before any package is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
UV = PROJECT / "include" / "local_airflow" / "uv-requirements.txt"
"""The version of uv and the hashes of its wheels."""
OLDEST, TOO_NEW = (3, 11), (3, 14)
STAMP = PROJECT / ".venv" / "installed"


def main() -> str | None:
    """None if everything is installed, else what to do."""
    try:
        (PROJECT / ".uv").mkdir(exist_ok=True)
        lock = (PROJECT / ".uv" / "lock").open("a")
    except OSError as error:
        return f"Cannot write to {PROJECT} ({error.strerror}); copy the project to a folder of yours."
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second process waits, and then has nothing to do
        groups = sys.argv[1:]
        wanted, *installed = STAMP.read_text().split() if STAMP.is_file() else [""]
        if wanted == _wanted() and set(groups) <= set(installed):
            return None
        return _install(groups)


def _install(groups: list[str]) -> str | None:
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    env["UV_PYTHON_DOWNLOADS"] = "never"
    folder = PROJECT / ".uv"
    uv, version = folder / "bin" / "uv", folder / "version"
    if not (uv.is_file() and version.is_file() and version.read_text() == UV.read_text()):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(folder)]
        pip += ["--require-hashes", "--only-binary=:all:", "--no-deps", "--requirement", str(UV)]
        if subprocess.call(pip):
            return "uv could not be installed; see pip's messages above."
        version.write_text(UV.read_text())
    python = _python(uv, env)
    if not python:
        have = ".".join(map(str, sys.version_info[:2]))
        return f"Klartext needs Python 3.11, 3.12 or 3.13, and this is {have}; install one of them and try again."
    print("Installing from uv.lock into .venv …", flush=True)
    sync = [str(uv), "sync", "--frozen", "--quiet", "--project", str(PROJECT), "--python", python]
    # Where Python may not write bytecode, each process would otherwise compile all that it imports.
    sync += ["--compile-bytecode"]
    sync += [f"--group={group}" for group in groups]
    if subprocess.call(sync, env=env, cwd=PROJECT):
        return "The packages could not be installed; see uv's messages above."
    STAMP.write_text(" ".join([_wanted(), *groups]))
    return None


def _python(uv: Path, env: dict[str, str]) -> str:
    """The Python that runs us if it will do, else one that is installed beside it; empty if there is none."""
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return sys.executable
    found = subprocess.run([str(uv), "python", "find", ">=3.11,<3.14"], env=env, stdout=subprocess.PIPE, check=False)
    return found.stdout.decode().strip()


def _wanted() -> str:
    """Changes when something else is to be installed, or when the project has moved."""
    parts = [(PROJECT / name).read_bytes() for name in ("uv.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*parts, bytes(PROJECT)])).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
