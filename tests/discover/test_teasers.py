"""Teasers on captured pages as candidates of the next run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from klartext.batch import Batch
from klartext.discover.interval import Interval
from klartext.discover.origins import Teasers
from klartext.lake import Lake
from klartext.model import Capture, Fetch, Teaser, table
from klartext.sources import Addresses, Discover, Source

DAY = dt.timedelta(days=1)
START = dt.datetime(2024, 5, 15, tzinfo=dt.UTC)
SOURCE = Source(
    slug="b", name="B", hosts=["www.b.de"], addresses=Addresses(article=r"/artikel/\d+$"),
    discover=Discover(teasers=True),
)  # fmt: skip
NOWHERE = Capture(file="raw/x.warc.gz", offset=0, digest="sha1:x")


def batch(start: dt.datetime) -> Batch:
    return Batch.of_interval(SOURCE, start, start + DAY)


def teaser(target: str | None, seen: dt.datetime, *, is_self: bool = False) -> Teaser:
    return Teaser(
        article_id="b:1", url="https://www.b.de/artikel/1", position=1, title="T", kicker=None, section=None,
        shown_date=None, text=None, target_url=target, is_self=is_self, fetched_at=seen, capture=NOWHERE,
    )  # fmt: skip


def fetched(url: str, outcome: str = "captured") -> Fetch:
    return Fetch(
        url=url, discovered_from="x", outcome=outcome, reason=None, status=200, final_url=url, bytes=1,  # type: ignore[arg-type]
        attempt=1, fetched_at=START, capture=NOWHERE, candidate_title=None, candidate_published_at=None,
    )  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path))


def found(lake: Lake, of: Batch) -> list[tuple[str, str]]:
    interval = Interval(of.start, of.end, of.end, SOURCE.zone)
    return [(c.url, c.discovered_from) for c in Teasers().gather(lake, of, SOURCE, interval).candidates]


def test_what_the_run_before_saw_and_nobody_has_captured(lake: Lake) -> None:
    before, own = batch(START - DAY), batch(START)
    seen = START + dt.timedelta(minutes=5)  # it ran when its interval was over
    cards = [
        teaser("https://www.b.de/artikel/1", seen, is_self=True),
        teaser("https://www.b.de/artikel/2", seen),
        teaser("https://www.b.de/artikel/2?utm_source=x", seen),
        teaser("https://www.b.de/artikel/3", seen),
        teaser("https://www.b.de/video/4", seen),
        teaser("https://www.fremd.example/artikel/5", seen),
        teaser("https://www.b.de/artikel/6", seen),
        teaser("https://www.b.de/artikel/7", START - 3 * DAY),
        teaser("https://www.b.de/artikel/8", own.end),
        teaser(None, seen),
    ]
    lake.publish(before, "teasers", table(Teaser, cards))
    account = [fetched("http://b.de/artikel/3/"), fetched("https://www.b.de/artikel/6", "gone")]
    lake.publish(before, "fetches", table(Fetch, account))
    page = "https://www.b.de/artikel/1"
    assert found(lake, own) == [("https://www.b.de/artikel/2", page), ("https://www.b.de/artikel/6", page)]


def test_a_batch_does_not_follow_its_own_pages(lake: Lake) -> None:
    own = batch(START)
    card = teaser("https://www.b.de/artikel/2", START + dt.timedelta(hours=1))
    lake.publish(own, "teasers", table(Teaser, [card]))
    assert found(lake, own) == []
    assert found(lake, batch(START + DAY)) == [("https://www.b.de/artikel/2", "https://www.b.de/artikel/1")]
    assert found(lake, batch(START + 4 * DAY)) == []


def test_it_is_off_unless_the_source_says_so() -> None:
    interval = Interval(START, START + DAY, START + DAY, SOURCE.zone)
    assert Teasers().covers(SOURCE, interval)
    assert not Teasers().covers(SOURCE.model_copy(update={"discover": Discover()}), interval)
