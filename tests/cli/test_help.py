"""The commands tell what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from klartext.cli import app as commands
from support.command_line import PROJECT, run

NAMES = sorted(typer.main.get_command(commands).commands)  # type: ignore[attr-defined]


def test_help_names_every_command() -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    assert NAMES == [
        "batches", "coverage", "discover", "explain", "extract", "fetch", "fetches", "lake", "land", "rejects", "replay",
        "sources", "takedown", "validate",
    ]  # fmt: skip
    assert all(name in shown.stdout for name in NAMES)
    assert "klartext extract page.html --url" in shown.stdout


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("sources", ["sources"]),
        ("discover", ["source", "--from", "--to", "--out", "publisher's time zone"]),
        ("fetch", ["addresses", "--out", "warc", "robots.txt"]),
        ("extract", ["paths", "--url", "--out", "--generic", "--explain", ".parquet or .jsonl"]),
        ("validate", ["path", "--out", "step validate"]),
        ("lake", ["check", "rebuild"]),
        ("replay", ["source", "--from", "--to", "--data", "without any request"]),
        ("rejects", ["--source", "--reason", "--date", "--data", "--out"]),
    ],
)
def test_each_commands_help_says_what_it_needs(command: str, words: list[str]) -> None:
    shown = run(command, "--help")
    assert shown.exit_code == 0
    assert [word for word in words if word not in shown.stdout.lower()] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_stands_in_the_readme_or_in_the_operators_guide(name: str) -> None:
    pages = ((PROJECT / page).read_text("utf-8") for page in ("README.md", "docs/operating.md"))
    assert any(f"klartext {name}" in page for page in pages)


def test_the_installed_command_ends_without_a_traceback(tmp_path: Path) -> None:
    code = "from klartext.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "include")}
    words = [sys.executable, "-c", code, "extract", "fehlt.html"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("klartext: ")
    assert len(done.stderr.splitlines()) == 1


def test_without_a_command_the_help_is_shown() -> None:
    assert "extract" in run().output
