"""What installs everything else is itself installed with hashes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from local_airflow import install

DOCKERFILE = install.PROJECT / "Dockerfile"


def test_uv_is_pinned_with_the_hashes_of_its_wheels() -> None:
    lines = [line.strip(" \\") for line in install.UV.read_text().splitlines() if not line.startswith("#")]
    assert re.fullmatch(r"uv==\d+\.\d+\.\d+", lines[0])
    assert len(lines) > 10, "wheels for Linux and macOS, on Intel and ARM"
    assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines[1:])
    assert len(set(lines)) == len(lines)


def test_make_install_asks_pip_for_these_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def call(command: list[str], **_: object) -> int:
        asked.append(command)
        return 1

    monkeypatch.setattr(install, "PROJECT", tmp_path)
    monkeypatch.setattr(install.subprocess, "call", call)
    (tmp_path / ".uv").mkdir()
    assert "could not be installed" in (install._install([]) or "")
    (command,) = asked
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert "--require-hashes" in command
    assert command[-2:] == ["--requirement", str(install.UV)]
    assert not any(part.startswith("uv==") for part in command)


def test_every_pip_of_the_image_requires_hashes() -> None:
    runs = re.findall(r"^RUN (pip install .*)$", DOCKERFILE.read_text(), re.MULTILINE)
    packages = [run for run in runs if "--editable ." not in run]
    assert len(packages) == 2
    assert all("--require-hashes" in run for run in packages)
    assert f"COPY --chown=50000:0 {install.UV.relative_to(install.PROJECT)}" in DOCKERFILE.read_text()
