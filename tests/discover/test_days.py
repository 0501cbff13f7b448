"""Days of the newsroom: found by the schedule, found again, and found by a backfill years later."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

import newsroom
from klartext import sources
from klartext import urls as urls_of
from klartext.batch import Batch
from klartext.discover import discover, discover_batch
from klartext.lake import Lake
from klartext.sources import Source

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


@pytest.mark.usefixtures("press_sources")
def test_days_of_the_newsroom(press: newsroom.Press, lake: Lake) -> None:
    """Every page that a site published on a day is found for that day, and found again the same."""
    publisher = sources.load()[min(press.ports.keys() - {"hostile"})]
    found = []
    for day in (14, 15, 16):
        start = dt.datetime(2024, 5, day, tzinfo=BERLIN)
        batch = Batch.of_interval(publisher, start, start + dt.timedelta(days=1))
        counts = discover_batch(lake, batch, publisher)
        assert counts["problems"] == 0
        staged = lake.staged(batch, "candidates")
        assert staged is not None
        assert counts["candidates"] == staged.num_rows >= 4
        found += staged.to_pylist()
    assert discover_batch(lake, batch, publisher) == counts
    assert lake.staged(batch, "candidates") == staged
    assert len({candidate["url"] for candidate in found}) >= 12


@pytest.mark.parametrize("slug", [site.slug for site in newsroom.load()])
@pytest.mark.usefixtures("press_sources")
def test_a_backfill_finds_through_the_dated_sitemap_what_the_schedule_found(press: newsroom.Press, slug: str) -> None:
    """The schedule asked an hour after the day, a backfill asks years later what the press shows by then."""
    paper = sources.load()[slug]
    paper = paper.model_copy(update={"discover": paper.discover.model_copy(update={"recent_days": 3})})
    today = paper.model_copy(update={"fetch": paper.fetch.model_copy(update={"memento": False})})
    start = dt.datetime(2024, 5, 15, tzinfo=BERLIN)
    end = start + dt.timedelta(days=1)
    recent = {urlsplit(url).path for url in (*paper.discover.feeds, *paper.discover.news_sitemaps)}

    def found(asked: Source, now: dt.datetime) -> tuple[set[str], set[str]]:
        """Pages, and which of the origins that know the last days were asked."""
        since = len(press.request_log)
        result = discover(asked, start, end, now=now)
        assert result.problems == []
        pages = {urls_of.page_key(candidate.url) for candidate in result.candidates}
        return pages, recent & {row.target for row in press.request_log[since:]}

    scheduled, asked = found(paper, end + dt.timedelta(hours=1))
    assert asked == recent
    assert len(scheduled) >= 5
    assert found(today, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == (scheduled, set())
