"""A batch held against its own past."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from klartext import model
from klartext.batch import Batch
from klartext.lake import Lake
from klartext.validate import BatchRefused, validate_batch
from support.sample_batch import extracted
from support.sample_rows import SOURCE, TEXT, account, article, reject

DAY = dt.datetime(2024, 5, 1, tzinfo=SOURCE.zone)
WEDNESDAY = Batch.of_interval(SOURCE, DAY, DAY + dt.timedelta(days=1))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def with_past(lake: Lake, **changes: Any) -> None:
    """Eight Wednesdays of twenty articles before the batch."""
    for weeks in range(1, 9):
        before = WEDNESDAY.before(SOURCE, weeks)
        assert before is not None
        counts = dict.fromkeys(("discovered", "published", "pages", "articles", "captures"), 20)
        found = account(before, **counts, median_length=479.0, noise_removed=None, **changes)
        lake.publish(before, "batches", model.table(model.Account, [found]))


def test_a_batch_that_lost_its_leads_is_stopped_by_its_past_and_not_without(lake: Lake) -> None:
    pages = [article(n, lead=None) for n in range(20)]
    assert validate_batch(lake, extracted(lake, pages, of=WEDNESDAY), SOURCE)["warnings"] == ["batch-leads"]
    with_past(lake)
    with pytest.raises(BatchRefused) as refused:
        validate_batch(lake, WEDNESDAY, SOURCE)
    assert refused.value.result["reasons"] == [
        "past-leads: more articles without a lead than before, 100% where 50% may be"
    ]


def test_a_source_that_never_has_leads_is_not_warned_of_for_ever(lake: Lake) -> None:
    with_past(lake, without_lead_share=1.0)
    extracted(lake, [article(n, lead=None) for n in range(20)], of=WEDNESDAY)
    assert validate_batch(lake, WEDNESDAY, SOURCE)["verdict"] == "passed"


def test_figures_of_a_few_articles_are_not_held_against_it(lake: Lake) -> None:
    with_past(lake)
    text = "\n".join(f"{n}. {' '.join(TEXT.split())}" for n in range(20))
    odd = [article(n, lead=None, published_at=None, text=f"{text} {n}") for n in range(4)]
    extracted(lake, odd, [reject(n) for n in (8, 9)], of=WEDNESDAY)
    refused = "batch-texts: too many pages without a text"
    with pytest.raises(BatchRefused, match=refused):
        validate_batch(lake, WEDNESDAY, SOURCE)
    extracted(lake, odd, [reject(8, reasons=["no-title"])], of=WEDNESDAY)
    assert validate_batch(lake, WEDNESDAY, SOURCE)["warnings"] == ["past-articles"]


def test_no_article_where_there_always_are_many_is_no_quiet_day(lake: Lake) -> None:
    with_past(lake)
    extracted(lake, [], of=WEDNESDAY)
    with pytest.raises(BatchRefused, match=r"past-articles: no article, .*, 0 where at least 1 has to be"):
        validate_batch(lake, WEDNESDAY, SOURCE)
    extracted(lake, [article(n) for n in range(4)], of=WEDNESDAY)
    assert validate_batch(lake, WEDNESDAY, SOURCE)["warnings"] == ["past-articles"]
