"""What `make run` shows at its end."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest

from klartext.lake import Lake
from klartext.terminal import Terminal
from local_airflow.result import show_lake
from local_airflow.screen import Screen
from local_airflow.settings import Settings
from support.sample_lake import publish, republish, stage
from support.sample_rows import article, batch, reject


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return dataclasses.replace(Settings.read({}), data=str(tmp_path))


def shown(settings: Settings) -> str:
    file = io.StringIO()
    show_lake(Screen(Terminal(file=file, width=120)), settings)
    return file.getvalue()


def test_an_empty_lake(settings: Settings) -> None:
    text = shown(settings)
    assert "One of the articles" not in text
    assert "No page was rejected." in text


def test_the_lake_is_shown_by_counts_its_newest_article_and_what_to_do_next(settings: Settings, tmp_path: Path) -> None:
    publish(Lake.open(str(tmp_path)), batch(), article())
    text = shown(settings)
    assert article().title in text
    assert f"read_parquet('{tmp_path}/lake/articles/**/*.parquet'" in text
    assert f"{tmp_path}/README.md describes the tables" in " ".join(text.split())
    assert "**1 article of 1 source**" in (tmp_path / "README.md").read_text("utf-8")
    next_steps = text.partition("Next:\n")[2]
    assert f"  export KLARTEXT_DATA={tmp_path}\n" in next_steps
    assert "KLARTEXT_SOURCES" not in next_steps, "it has nothing of the newsroom"
    assert "  make up\n      Airflow with the console" in next_steps
    assert f"  .venv/bin/klartext explain {article().url}\n" in next_steps
    for line in text.splitlines():
        assert "{'" not in line, "no Python values"


@pytest.mark.parametrize(("number", "heading"), [(1, "One page was rejected:"), (7, "7 pages were rejected:")])
def test_rejects_are_shown_with_their_reasons(number: int, heading: str, settings: Settings, tmp_path: Path) -> None:
    same = {"detail": "the text has 3 words", "reasons": ["text-short"]}
    rows = [reject(n, url=f"https://example.org/{n}", **same) for n in range(number)]
    lake = Lake.open(str(tmp_path))
    stage(lake, batch(), [article()])
    lake.stage(batch(), "rejects", rows)
    republish(lake, batch())
    text = shown(settings)
    assert heading in text
    assert "  https://example.org/0\n    text-short: the text has 3 words\n" in text
    assert ("and 2 more; `.venv/bin/klartext rejects` lists them all." in text) == (number == 7)


def test_commands_on_pages_of_the_newsroom_need_its_sources(settings: Settings, tmp_path: Path) -> None:
    publish(Lake.open(str(tmp_path)), batch(source="kontorblatt"), article())
    text = shown(dataclasses.replace(settings, port=8090))
    assert "export KLARTEXT_SOURCES=" in text and "include/newsroom/sources" in text
    assert "KLARTEXT_PORT=8090 make up" in text
