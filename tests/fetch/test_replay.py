"""A batch made anew from its captures: nobody is asked, and the rules of today hold."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.discover import discover_batch
from klartext.extract import extract_batch
from klartext.fetch import NothingCaptured, fetch_batch
from klartext.lake import Lake
from klartext.publish import publish_batch
from klartext.sources import Layout, Source
from klartext.validate import validate_batch

DAY = dt.datetime(2024, 5, 15, tzinfo=ZoneInfo("Europe/Berlin"))


def made(lake: Lake, batch: Batch, source: Source, *, replay: bool) -> dict[str, Any]:
    """The batch through all its steps, and what publishing said."""
    discover_batch(lake, batch, source, replay=replay)
    fetch_batch(lake, batch, source, replay=replay)
    extract_batch(lake, batch, source)
    validate_batch(lake, batch, source)
    return publish_batch(lake, batch)


def rows(lake: Lake, batch: Batch, table: str) -> list[dict[str, Any]]:
    found = lake.published(batch, table)
    return found.to_pylist() if found is not None else []


@pytest.mark.usefixtures("press_sources", "extraction_here")
def test_new_rules_reach_what_was_captured_without_a_request(press: newsroom.Press, tmp_path: Path) -> None:
    lake, source = Lake.open(str(tmp_path / "lake")), sources.load()["kontorblatt"]
    batch = Batch.of_interval(source, DAY, DAY + dt.timedelta(days=1))
    first = made(lake, batch, source, replay=False)
    before, account, raw = rows(lake, batch, "versions"), rows(lake, batch, "fetches"), lake.raw_files(batch)
    assert first["articles"] == len(before) >= 5
    shutil.rmtree(tmp_path / "lake" / "staging" / batch.name)  # the captures and what is published are enough
    asked = len(press.request_log)
    layouts = [
        Layout(**{**layout.model_dump(), "remove": [*layout.remove, "p:nth-of-type(2)"]}) for layout in source.layouts
    ]
    again = made(lake, batch, source.model_copy(update={"rules": layouts}), replay=True)
    assert len(press.request_log) == asked
    after = rows(lake, batch, "versions")
    assert again["articles"] == len(after) == first["articles"]
    assert rows(lake, batch, "fetches") == account
    assert lake.raw_files(batch) == raw
    assert {row["article_id"]: row["capture"] for row in after} == {row["article_id"]: row["capture"] for row in before}
    assert [row["text"] for row in after] != [row["text"] for row in before]


@pytest.mark.usefixtures("press_sources")
def test_there_is_nothing_to_replay_of_what_never_ran(press: newsroom.Press, tmp_path: Path) -> None:
    lake, source = Lake.open(str(tmp_path / "lake")), sources.load()["kontorblatt"]
    batch = Batch.of_interval(source, DAY, DAY + dt.timedelta(days=1))
    asked = len(press.request_log)
    assert discover_batch(lake, batch, source, replay=True)["candidates"] == 0
    with pytest.raises(NothingCaptured, match="run it without replay first"):
        fetch_batch(lake, batch, source, replay=True)
    assert len(press.request_log) == asked
