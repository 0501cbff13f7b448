"""Which origins cover an interval, and what is said where none does."""

from __future__ import annotations

import datetime as dt

import pytest

from klartext import sources
from klartext.discover.covering_origins import CoveringOrigin, NothingCovers, covering_origins, require_origins
from klartext.discover.interval import Interval
from klartext.sources import Discover, Source

NOW = dt.datetime(2024, 5, 20, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SETTINGS = {
    "cc-news": "KLARTEXT_CC_NEWS=https://data.commoncrawl.org", "wayback": "KLARTEXT_WAYBACK=https://web.archive.org",
}  # fmt: skip


@pytest.fixture(autouse=True)
def without_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KLARTEXT_CC_NEWS", "KLARTEXT_WAYBACK"):
        monkeypatch.delenv(name, raising=False)


def interval(start: dt.datetime) -> Interval:
    return Interval(start, start + DAY, NOW, dt.UTC)  # type: ignore[arg-type]


def source(**discover: object) -> Source:
    return Source(slug="b", name="B", hosts=["www.b.de"], discover=Discover(**discover))  # type: ignore[arg-type]


LONG_AGO, YESTERDAY = interval(dt.datetime(2016, 8, 12, tzinfo=dt.UTC)), interval(NOW - DAY)


@pytest.mark.parametrize("slug", ["dwn", "ntv", "tagesspiegel", "zeit"])
def test_every_shipped_source_can_be_asked_for_august_2016_with_an_archive(
    slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = sources.read(sources.DEFAULT_DIRECTORIES / f"{slug}.yaml")
    monkeypatch.setenv("KLARTEXT_WAYBACK", "https://web.archive.org")
    assert "wayback" in [origin.name for origin in covering_origins(shipped, LONG_AGO) if origin.missing is None]
    require_origins(shipped, YESTERDAY)


def test_an_archive_without_its_address_is_named_with_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = source(feeds=["https://www.b.de/feed"], cc_news=True, wayback=True)
    assert covering_origins(paper, LONG_AGO) == [CoveringOrigin(*pair) for pair in SETTINGS.items()]
    with pytest.raises(NothingCovers, match=f"Set {SETTINGS['cc-news']} or {SETTINGS['wayback']}, and run it again"):
        require_origins(paper, LONG_AGO)
    monkeypatch.setenv("KLARTEXT_CC_NEWS", "https://data.commoncrawl.org")
    require_origins(paper, LONG_AGO)
    assert covering_origins(paper, LONG_AGO)[0] == CoveringOrigin("cc-news", None)


def test_archives_that_do_not_reach_an_interval_are_not_named() -> None:
    paper = source(cc_news=True, wayback=True)
    before = interval(dt.datetime(2015, 8, 12, tzinfo=dt.UTC))
    assert [origin.name for origin in covering_origins(paper, before)] == ["wayback"]
    assert covering_origins(paper, YESTERDAY) == []
    with pytest.raises(NothingCovers, match="it has no feed, and no other origin covers that time"):
        require_origins(paper, YESTERDAY)


def test_what_lists_the_interval_needs_no_archive() -> None:
    feed = source(feeds=["https://www.b.de/feed"], wayback=True)
    assert covering_origins(feed, YESTERDAY) == [CoveringOrigin("recent", None)]
    require_origins(source(dated_sitemaps=["https://www.b.de/{day:%Y}.xml"], wayback=True), LONG_AGO)
    with pytest.raises(NothingCovers, match="its feeds and news sitemaps reach 3 days back"):
        require_origins(source(feeds=["https://www.b.de/feed"]), LONG_AGO)
