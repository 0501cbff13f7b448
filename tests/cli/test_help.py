"""The commands tell what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import klartext
from klartext.cli import app as commands
from support.command_line import PROJECT, run

NAMES = sorted(typer.main.get_command(commands).commands)  # type: ignore[attr-defined]


def test_help_names_every_command() -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    assert NAMES == [
        "batches", "changes", "coverage", "discover", "explain", "export", "extract", "fetch", "fetch-again",
        "fetches", "lake", "land", "link", "rejects", "replay", "report", "shared", "sources", "takedown", "validate",
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
        ("lake", ["check", "rebuild", "card"]),
        ("replay", ["source", "--from", "--to", "--data", "without any request"]),
        (
            "rejects",
            ["--source", "--site", "--reason", "--day", "--from", "--to", "--file", "--data", "--out", "--json"],
        ),
        ("fetches", ["--source", "--outcome", "--reason", "--day", "--file", "--json"]),
        ("batches", ["--source", "--verdict", "--day", "--from", "--to", "--file", "--json"]),
        ("explain", ["page", "article_id", "--capture", "--generic"]),
        ("land", ["source", "--from", "--to", "without airflow"]),
        ("shared", ["page", "article_id", "--data", "--json"]),
        ("report", ["--to", "--format", "--data", "report.svg"]),
        ("link", ["--data", "share text", "beside airflow"]),
        ("export", ["--to", "--format", "--table", "--where", "run it again"]),
        ("changes", ["--since", "--source", "take"]),
        ("coverage", ["source", "--from", "--to", "--json", "missing"]),
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


@pytest.mark.parametrize("name", NAMES)
def test_each_command_takes_h_for_help(name: str) -> None:
    assert run(name, "-h").stdout == run(name, "--help").stdout != ""


def test_the_version_is_shown() -> None:
    assert run("--version").stdout == f"klartext {klartext.__version__}\n"


def test_the_help_imports_no_more_than_it_needs() -> None:
    """Reading a lake, a page or a source file is left to the commands: the help takes a third of a second of CPU."""
    heavy = ["pyarrow", "trafilatura", "lxml", "pydantic", "scrapy", "great_expectations", "yaml", "tldextract"]
    code = f"import sys, klartext.cli; print([name for name in {heavy} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "include")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=environment)
    assert done.stdout == "[]\n", done.stderr


def test_without_a_command_the_help_is_shown() -> None:
    assert "extract" in run().output
