"""What the tests of the commands share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
from typer.testing import CliRunner, Result

from klartext.cli import app as commands
from support import sample_pages

PROJECT = Path(__file__).resolve().parents[2]
End = Callable[..., tuple[int, str]]

HTML = sample_pages.page(
    sample_pages.lines(inside='<p><a href="/region/moor-4701.html">Ein Moor wird nass und keiner ist dagegen</a></p>'),
    top=f'<p class="vorspann">{sample_pages.LEAD}</p><p>Von Wiebke Petersen</p>',
    head=sample_pages.ld(datePublished="2024-05-20T09:00:41+02:00"),
)


def run(*words: str | Path) -> Result:
    """What a command prints, and its exit code; typer's own runner leaves out the sentence of :func:`cli.main`."""
    return CliRunner().invoke(commands, [str(word) for word in words])


def rows(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
