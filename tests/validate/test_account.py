"""The account adds up, whatever happened: in first runs, reruns, replays and imports."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext import model, sources
from klartext.curate import curate
from klartext.extract import extract_batch
from klartext.fetch import import_warc
from klartext.lake import Lake
from klartext.maintenance.check import check
from klartext.publish import publish_batch
from klartext.sources import Addresses
from klartext.validate import account, validate_batch
from support import sample_pages, warc_files
from support.sample_rows import SOURCE, article, batch, fetch, moment, reject

UNCAPTURED = [outcome for outcome in model.OUTCOMES if outcome not in ("published", "withheld", "rejected")]
MADE = ["accepted", "by-extract", "by-check"]
ATTEMPTS = st.lists(st.sampled_from([*UNCAPTURED, *MADE]), max_size=4)
"""What happened to a page, attempt by attempt, over all runs of the batch; nothing for a candidate that was lost."""


def tally(pages: dict[int, list[str]], origins: int = 0) -> account.PageCounts:
    """The tally of a batch with these pages."""
    fetches, articles, rejects = [], [], []
    for number, attempts in pages.items():
        for n, happened in enumerate(attempts, start=1):
            at = moment(f"2024-05-02T{n:02}:00")
            page = article(number, fetched_at=at)
            captured = happened in MADE
            fetches.append(fetch(number, attempt=n, outcome="captured" if captured else happened,
                                 capture=page.capture if captured else None))  # fmt: skip
            if happened in ("accepted", "by-check"):
                articles.append(page)
            if happened in ("by-extract", "by-check"):
                stage = "extract" if happened == "by-extract" else "validate"
                rejects.append(reject(number, capture=page.capture, stage=stage))
    fetches += [fetch(f"feed{n}", outcome="failed", capture=None, discovered_from="source:dwn") for n in range(origins)]
    return account.count_pages(
        SOURCE,
        map(dataclasses.asdict, reversed(fetches)),
        [article(number).url for number in pages],
        map(dataclasses.asdict, articles),
        map(dataclasses.asdict, rejects),
    )


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.integers(1, 30), ATTEMPTS.filter(bool), max_size=12), st.integers(0, 3))
def test_any_outcomes_add_up(pages: dict[int, list[str]], origins: int) -> None:
    found = tally(pages, origins)
    assert found.adds_up
    assert found.discovered == len(pages) == sum(found.outcomes.values())
    assert found.origins_failed == origins
    for number, attempts in pages.items():
        one = tally({number: attempts})
        made = [happened for happened in attempts if happened in MADE]
        expected = "published" if "accepted" in made else "rejected" if made else attempts[-1]
        assert {name for name, count in one.outcomes.items() if count} == {expected}


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(1, 30), ATTEMPTS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_a_page_that_came_to_nothing_is_missed_however_many_did_not(pages: dict[int, list[str]], chance: Any) -> None:
    lost = [number for number, attempts in pages.items() if not attempts]
    found = tally(pages)
    assert found.adds_up == (not lost)
    assert found.discovered - sum(found.outcomes.values()) == len(lost)
    if lost:
        assert f"{len(lost)} of {len(pages)} pages have no outcome" in found.explain_difference()


def test_a_captured_page_of_which_nothing_was_made_is_missed() -> None:
    found = account.count_pages(SOURCE, [dataclasses.asdict(fetch(1))], [], [], [])
    assert (found.adds_up, found.unused_captures, found.without_outcome) == (False, 1, [article(1).url])


def test_a_page_under_two_addresses_counts_once() -> None:
    url = article(1).url
    found = account.count_pages(
        SOURCE,
        [dataclasses.asdict(fetch(1, url=f"{url}?utm_source=feed"))],
        [url],
        [dataclasses.asdict(article(1))],
        [],
    )
    assert (found.discovered, found.outcomes["published"], found.adds_up) == (1, 1, True)


def test_parameters_that_the_source_ignores_make_no_further_page() -> None:
    source = SOURCE.model_copy(update={"addresses": Addresses(ignore_parameters=["cid"])})
    url = article(1).url
    rows = [dataclasses.asdict(fetch(1, url=f"{url}?cid=feed"))]
    found = account.count_pages(source, rows, [f"{url}?cid=news"], [dataclasses.asdict(article(1))], [])
    assert (found.discovered, found.outcomes["published"], found.adds_up) == (1, 1, True)


def test_of_a_refused_batch_nothing_is_published_and_nothing_lost() -> None:
    found = tally({1: ["accepted"], 2: ["by-check"], 3: ["failed", "accepted"], 4: ["unchanged"]})
    articles = model.table(model.Article, [article(n) for n in (1, 2, 3)])
    shown = account.batch_metrics(articles, [], SOURCE)
    row = account.new_account(batch(), found, shown, articles, [], [])
    assert (row.published, row.withheld) == (2, 0)
    held = account.with_verdict(row, reasons=["batch-texts: none"], warnings=[], great_expectations=None)
    assert (held.verdict, held.published, held.withheld, held.discovered) == ("refused", 0, 2, 4)
    assert account.summary_line(held).startswith(
        "dwn-2024-05-01: refused: 4 discovered = 2 withheld + 1 rejected + 1 unchanged; median 490 characters; "
    )
    assert "\n" not in account.summary_line(held)


@pytest.mark.parametrize(("removed", "noise"), [(None, None), ([], 0.0), ([("caption", 30), ("lead", 99)], 15.0)])
def test_noise_is_what_was_removed_of_a_page_but_for_its_lead(removed: Any, noise: float | None) -> None:
    rows = None if removed is None else model.table(
        model.Removed, [model.Removed(rule=rule, characters=n) for rule, n in removed]
    )  # fmt: skip
    articles = model.table(model.Article, [article(1), article(2)])
    assert account.batch_metrics(articles, [], SOURCE, removed=rows)["noise_removed"] == noise


def test_what_there_is_none_of_has_no_share() -> None:
    shown = account.batch_metrics(model.table(model.Article, []), [], SOURCE)
    assert shown.pop("pages") == shown.pop("equal_texts") == 0
    assert shown.pop("published_from") == shown.pop("published_precision") == []
    assert set(shown.values()) == {None}


def test_times_are_counted_by_where_they_were_read() -> None:
    rows = [
        article(1),
        article(2, published_from="text", published_precision="day"),
        article(3, published_from="url", published_precision="day"),
        article(4, published_at=None),
    ]
    shown = account.batch_metrics(model.table(model.Article, rows), [], SOURCE)
    counts = {entry.value: entry.count for entry in shown["published_from"]}
    assert counts == {"jsonld": 1, "text": 1, "url": 1, None: 1}
    assert {entry.value: entry.count for entry in shown["published_precision"]} == {"second": 1, "day": 2, None: 1}
    assert (shown["unstated_time_share"], shown["coarse_time_share"]) == (0.5, 0.75)


def test_a_placeholder_is_no_page_of_the_other_shares() -> None:
    rejects = [dataclasses.asdict(reject(n, reasons=[why])) for n, why in enumerate(("consent-page", "no-text"), 3)]
    shown = account.batch_metrics(model.table(model.Article, [article(1), article(2)]), rejects, SOURCE)
    assert (shown["pages"], shown["rejected_share"], shown["without_text_share"]) == (3, 1 / 3, 1 / 3)
    assert shown["placeholder_share"] == 0.25


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ([], None),
        ([("old", "lead", ".a", 10, 0)], None),
        ([("old", "body", ".a", 10, 10)], 0.0),
        ([("old", "body", ".a", 10, 4), ("old", "body", ".b", 10, 3), ("old", "body", ".a, .b", 10, 7)], 0.3),
        ([("old", "body", ".a", 10, 10), ("new", "body", ".b", 30, 0)], 0.75),
    ],
)
def test_a_page_has_a_body_if_any_selector_of_its_rules_matched(selectors: Any, expected: float | None) -> None:
    names = ("rules", "field", "selector", "pages", "matched")
    found = account.without_body_share(dict(zip(names, row, strict=True)) for row in selectors)
    assert found == pytest.approx(expected)


def test_the_account_of_an_imported_file_adds_up_however_odd_the_file(tmp_path: Path) -> None:
    html = sample_pages.page(head=sample_pages.ld(datePublished="2024-05-20T09:00:00+02:00"))
    story, other = sample_pages.URL, sample_pages.URL.replace("4711", "4712")
    file = warc_files.write(tmp_path / "odd.warc.gz", [
        (story, html), (story, html.replace("Klei", "Sand")), (story, "gone", 404),  # the same page three times
        (other, "moved away", 410), (other.replace("4712", "4713"), "%PDF-1.4"),
        ("https://www.hafenkurier.example/", "<p>Start</p>"),
        ("https://anderswo.example/deich-1.html", html), ("not an address", html),
    ])  # fmt: skip
    file.write_bytes(file.read_bytes()[:-40])
    lake = Lake.open(str(tmp_path / "lake"))
    found = {}
    for part in import_warc(lake, file):
        source = sources.of_slug(part.source)
        extract_batch(lake, part, source)
        validate_batch(lake, part, source)
        for key in publish_batch(lake, part)["partitions"]:
            curate(lake, *key.split("|"))
        found[part.source] = lake.published(part, "batches").to_pylist()[0]
    assert list(check(lake)) == []
    (ours,) = found.values()
    counted = {name: ours[name] for name in model.OUTCOMES if ours[name]}
    assert (ours["batch"].partition("-")[0], ours["discovered"]) == ("other", 5)
    assert counted == {"published": 2, "rejected": 2, "gone": 1}
    assert (ours["captures"], ours["imported"]) == (5, True)
    skipped = [(row["reason"], row["count"]) for account in found.values() for row in account["skipped"]]
    assert skipped == [("not-http", 1)]
