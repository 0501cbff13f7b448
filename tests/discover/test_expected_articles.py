"""A run that finds nothing where there always is something is an error."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from klartext.batch import Batch
from klartext.discover import discover_batch
from klartext.discover.expected_articles import NothingFound, require_candidates
from klartext.lake import Lake
from klartext.model import Fetch, table
from klartext.sources import Source
from support import loopback

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.datetime(2024, 4, 8, tzinfo=BERLIN)
"""A Monday; three Mondays before it were in summer time, the fourth was not."""


def source(**discover: Any) -> Source:
    return Source.model_validate({"slug": "beispiel", "name": "B", "hosts": ["beispiel.de"], "discover": discover})


def batch(start: dt.datetime) -> Batch:
    return Batch.of_interval(source(), start, start + dt.timedelta(days=1))


def publish(lake: Lake, start: dt.datetime, outcome: str = "captured") -> None:
    row = Fetch(url="https://beispiel.de/1", discovered_from="x", outcome=outcome, reason=None, status=200,  # type: ignore[arg-type]
                final_url=None, bytes=1, attempt=1, fetched_at=start, capture=None, candidate_title=None,
                candidate_published_at=None)  # fmt: skip
    lake.publish(batch(start), "fetches", table(Fetch, [row]))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.open(str(tmp_path))
    for weeks in (1, 2, 3, 4):
        publish(lake, DAY - dt.timedelta(weeks=weeks))
    return lake


def test_none_where_four_weeks_had_some(lake: Lake) -> None:
    with pytest.raises(NothingFound, match="each of the 4 weeks"):
        require_candidates(lake, batch(DAY), source(), 0)
    require_candidates(lake, batch(DAY), source(), 1)
    require_candidates(lake, batch(DAY), source(expects_articles=False), 0)
    require_candidates(lake, batch(DAY + dt.timedelta(days=1)), source(), 0)


@pytest.mark.parametrize("weeks", [1, 2, 3, 4])
def test_a_week_without_makes_it_nothing_strange(lake: Lake, weeks: int) -> None:
    publish(lake, DAY - dt.timedelta(weeks=weeks), "failed")
    require_candidates(lake, batch(DAY), source(), 0)


def test_a_fresh_source_may_have_none_unless_its_file_says_otherwise(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    require_candidates(lake, batch(DAY), source(), 0)
    with pytest.raises(NothingFound, match="expects some"):
        require_candidates(lake, batch(DAY), source(expects_articles=True), 0)


def test_the_step_is_red_and_keeps_what_it_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(str(tmp_path))
    with loopback.serve({}) as site:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
        rules = {"dated_sitemaps": [f"{site.base}/{{day:%Y-%m-%d}}.xml"], "expects_articles": True}
        press = Source.model_validate({"slug": "beispiel", "name": "B", "hosts": [site.host], "discover": rules,
                                       "fetch": {"delay": 0}})  # fmt: skip
        with pytest.raises(NothingFound):
            discover_batch(lake, batch(DAY), press)
    rows = lake.staged(batch(DAY), "fetches")
    assert rows is not None
    assert rows["reason"].to_pylist() == ["http-404"]
