"""Pages of a lake on a disk and in an object store, and what they keep of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from klartext.console.console import Console
from klartext.console.view import BadQuery, NotAllowed, NotFound, View
from klartext.lake import Lake
from klartext.publish import publish_batch
from support.sample_lake import publish, stage
from support.sample_rows import account, article, batch, moment, reject

VIEW = View(may_read=lambda slug: slug == "dwn", now=moment("2024-05-03T12:00"), base="/console")
FIRST = batch("2024-05-01")


@pytest.fixture
def console(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Console:
    """Of a lake with a batch of dwn and one of another source."""
    monkeypatch.delenv("KLARTEXT_SOURCES", raising=False)
    stage(lake, FIRST, [article(500001)], rejects=[reject(500009)])
    publish_batch(lake, FIRST)
    publish(lake, batch("2024-05-01", source="zeit"), article(7, article_id="zeit:7", title="Watt"))
    return Console(lake)


def test_the_pages_of_any_lake_and_what_is_not_curated(console: Console) -> None:
    page = console.sources(VIEW)
    assert "/console/batch/dwn/dwn-2024-05-01" in page and "zeit" not in page
    assert "500009" in console.batch(VIEW, "dwn", FIRST.name)
    assert "no-text" in console.rejects(VIEW)
    assert "Articles" in console.source(VIEW, "dwn")
    later = dataclasses.replace(VIEW, now=moment("2025-05-03T12:00"))
    assert "these are the days until the last one, 2024-05-01" in console.sources(later)


def test_a_batch_that_is_published_later_is_there_at_once_where_files_are_on_a_disk(console: Console) -> None:
    if console.lake.storage.disk is None:
        pytest.skip("the listing of an object store is used for some seconds")
    console.sources(VIEW)
    publish(console.lake, batch("2024-05-02"), article(500002))
    assert "/console/batch/dwn/dwn-2024-05-02" in console.sources(VIEW)
    changed = dataclasses.replace(account(batch("2024-05-02")), verdict="refused", reasons=["batch-texts: gone"])
    console.lake.stage(batch("2024-05-02"), "batches", [changed])
    console.lake.publish(batch("2024-05-02"), "batches", console.lake.staged(batch("2024-05-02"), "batches"))
    assert "batch-texts: gone" in console.sources(VIEW)


def test_what_cannot_be_shown_is_an_error_in_words(console: Console) -> None:
    with pytest.raises(NotAllowed, match="zeit"):
        console.source(VIEW, "zeit")
    with pytest.raises(NotFound, match="no validated batch"):
        console.batch(VIEW, "dwn", "dwn-2020-01-01")
    with pytest.raises(NotFound, match="no WARC file"):
        console.capture(VIEW, "dwn", "../secret", 0)
    with pytest.raises(BadQuery, match="30, 90, 365"):
        console.sources(VIEW, 31)


def test_a_published_batch_that_is_not_in_the_view_is_shown_after_a_while(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext.console import uncurated
    from klartext.console.lake_cache import LakeCache

    stage(lake, FIRST, [article(500001)])
    publish_batch(lake, FIRST)
    assert LakeCache(lake).uncurated("dwn") == frozenset(), "its run may be under way"
    monkeypatch.setattr(uncurated, "WAIT", -5.0)
    assert LakeCache(lake).uncurated("dwn") == {FIRST.name}


def test_the_largest_sites_of_other_are_rows(lake: Lake) -> None:
    pages: list[Any] = [article(n, article_id=f"faz.net:{n}", site="faz.net", url=f"https://faz.net/{n}")
                        for n in range(3)]  # fmt: skip
    publish(lake, batch("2024-05-01", source="other"), *pages)
    page = Console(lake).sources(dataclasses.replace(VIEW, may_read=lambda slug: True))
    assert "faz.net" in page and "3 rows" in page
    assert dt.date(2024, 5, 1).isoformat() in page
