"""`klartext link` and `klartext shared`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from klartext.lake import Lake
from support.command_line import run
from support.sample_lake import publish
from support.sample_rows import article, batch, moment
from support.sample_view import prose

STORY = prose("story", 90)


@pytest.fixture
def root(tmp_path: Path) -> str:
    lake = Lake.open(str(tmp_path))
    own = [" ".join(prose(n, 30)) for n in (1, 2)]
    texts = [f"{' '.join(STORY[:45])}\n{own[0]}\n{' '.join(STORY[45:])}", f"{own[1]} {' '.join(STORY)}"]
    rows = [
        article(n, lead=None, text=text, title=f"Titel {n}", published_at=moment(f"2024-05-01T0{n}:00"))
        for n, text in enumerate([*texts, " ".join(prose(3, 80))], start=1)
    ]
    publish(lake, batch(), *rows)
    return str(tmp_path)


def test_what_shares_text_is_shown_with_its_passages(root: str) -> None:
    done = run("link", "--data", root)
    assert done.exit_code == 0
    assert "1 pairs of articles" in done.stderr
    shown = run("shared", article(1).url, "--data", root)
    assert shown.exit_code == 0
    assert "version: Titel 2" in shown.stdout
    assert "90 words, 75% of the shorter" in shown.stdout
    assert "this one was published first" in shown.stdout
    marked = [line.strip() for line in shown.stdout.splitlines() if "[[" in line]
    assert marked == [f"[[{' '.join(STORY[:45])}]]", f"[[{' '.join(STORY[45:])}]]"]
    assert "1 articles share text with dwn:1" in shown.stderr
    (pair,) = [json.loads(line) for line in run("shared", "dwn:2", "--data", root, "--json").stdout.splitlines()]
    assert (pair["article_id"], pair["other_id"], pair["kind"]) == ("dwn:1", "dwn:2", "version")
    assert run("shared", "dwn:3", "--data", root).stdout == ""
    assert "0 months" in run("link", "--data", root).stderr


def test_an_article_that_the_lake_does_not_have(root: str) -> None:
    done = run("shared", "dwn:77", "--data", root)
    assert done.exit_code != 0
    assert "is no article of the lake" in str(done.exception)
