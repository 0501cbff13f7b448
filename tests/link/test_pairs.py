"""Pairs of articles that share text, and their columns."""

from __future__ import annotations

import collections
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext.link import keep, pairs, shingles, verify, words
from klartext.model import Article
from support.sample_rows import moment
from support.sample_view import page, prose, window_of


def found(*articles: Article, before: tuple[Article, ...] = ()) -> list[dict[str, Any]]:
    window = window_of(*articles, before=before)
    rows: list[dict[str, Any]] = pairs.rows(window, pairs.find(window)).to_pylist()
    return rows


def dropped(*articles: Article, before: tuple[Article, ...] = ()) -> dict[str, str]:
    window = window_of(*articles, before=before)
    rows = keep.rows(window, pairs.find(window)).to_pylist()
    assert {row["article_id"] for row in rows} == {each.article_id for each in articles}
    assert len(rows) == len(articles)
    assert all(row["kept"] == (row["because_of"] is None) for row in rows)
    return {row["article_id"]: row["because_of"] for row in rows if not row["kept"]}


def test_a_copy_is_found_with_its_numbers() -> None:
    story = prose("story", 95)
    copy = page(2, [*prose("own", 15), *story[:80]], "2024-05-02", "zeit", agencies=["dpa"])
    (row,) = found(page(1, story, agencies=["dpa", "afp"]), copy)
    assert (row["article_id"], row["other_id"]) == ("dwn:1", "zeit:2")
    assert row["version_id"] == page(1, story).version_id
    assert (row["shared_words"], row["longest_run"]) == (80, 80)
    assert row["share_of_this"] == row["share_of_other"] == pytest.approx(80 / 95)
    assert (row["kind"], row["same_agency"], row["same_publisher"]) == ("copy", True, False)
    assert row["first_published_id"] == "dwn:1"
    assert row["quoted_share"] == 0


def test_three_articles_on_one_event_and_two_on_the_same_war() -> None:
    """Shares of .84 and .54, as in the trial."""
    first = prose("report", 246)
    second = [*first[20:100], *prose("second", 15)]
    third = [*prose("third", 60), *first[30:163], *prose("end", 53)]
    others = [page(4, prose("war", 300), source="ntv"), page(5, prose("front", 280), source="zeit")]
    rows = found(page(1, first), page(2, second, source="ntv"), page(3, third, source="zeit"), *others)
    shares = {(row["article_id"], row["other_id"]): max(row["share_of_this"], row["share_of_other"]) for row in rows}
    assert shares.keys() == {("dwn:1", "ntv:2"), ("dwn:1", "zeit:3"), ("ntv:2", "zeit:3")}
    assert shares["dwn:1", "ntv:2"] == pytest.approx(0.84, abs=0.02)
    assert shares["dwn:1", "zeit:3"] == pytest.approx(0.54, abs=0.02)


def test_pairs_across_two_months_belong_to_the_later() -> None:
    story = prose("story", 90)
    early = page(1, story, "2024-04-25", "zeit")
    assert len(found(page(2, story, "2024-05-03"), before=(early,))) == 1
    assert found(before=(early, page(2, story, "2024-04-26"))) == [], "pairs of the month before are its own"
    assert found(page(2, story, "2024-05-29"), before=(early,)) == [], "more than 30 days"


@pytest.mark.parametrize(
    ("at", "precisions", "first"),
    [(("08:00", "09:00"), ("minute", "second"), "dwn:1"), (("09:00", "08:00"), ("minute", "second"), "zeit:2"),
     (("08:00", "08:00"), ("minute", "second"), None), (("08:00", "09:00"), ("day", "second"), None),
     ((None, "09:00"), (None, "second"), None)],
)  # fmt: skip
def test_the_first_is_named_only_where_both_times_are_known(at: Any, precisions: Any, first: str | None) -> None:
    story = prose("story", 90)
    pages = [
        page(number, story, source=source, published_precision=kind, published_at=time and moment(f"2024-05-02T{time}"))
        for number, source, time, kind in zip((1, 2), ("dwn", "zeit"), at, precisions, strict=True)
    ]
    assert [row["first_published_id"] for row in found(*pages)] == [first]


def test_little_shared_text_is_no_pair() -> None:
    story = prose("story", 29)
    assert found(page(1, [*prose(1, 40), *story]), page(2, [*story, *prose(2, 40)], source="zeit")) == []
    story = prose("story", 40)
    assert found(page(1, [*prose(1, 300), *story]), page(2, [*story, *prose(2, 300)], source="zeit")) == []
    rows = found(page(1, [*prose(1, 300), *story]), page(2, [*story, *prose(2, 200)], source="zeit"))
    assert [row["kind"] for row in rows] == ["excerpt"]


def test_a_shared_quote_is_no_copy() -> None:
    speech = " ".join(prose("speech", 70))
    rows = found(
        page(1, f"{' '.join(prose(1, 60))}: „{speech}“"), page(2, f"“{speech}” {' '.join(prose(2, 80))}", source="zeit")
    )
    assert [row["kind"] for row in rows] == ["quote"]
    assert rows[0]["quoted_share"] == 1.0
    interview = f"„{speech}“ {' '.join(prose(1, 10))}"
    assert [row["kind"] for row in found(page(1, interview), page(2, interview, source="zeit"))] == ["copy"]


def test_one_publisher_has_versions() -> None:
    story = prose("story", 90)
    (row,) = found(page(1, story), page(2, story))
    assert (row["kind"], row["same_publisher"]) == ("version", True)
    (row,) = found(page(1, story, publisher="Der Bote"), page(2, story, source="zeit", publisher="DER BOTE"))
    assert (row["kind"], row["same_publisher"]) == ("version", True)
    sites = [page(n, story, source="other", publisher=f"p{n}", site=f"s{n}.example") for n in (1, 2)]
    assert [row["kind"] for row in found(*sites)] == ["copy"], "other is many publishers"


def daily(days: int, a_day: int = 1, source: str = "dwn", **more: Any) -> list[Article]:
    """Articles of text of their own behind a standing text of 40 words."""
    note = prose(f"note of {source}", 40)
    return [
        page(100 * day + n, [*prose((source, day, n), 70), *note], f"2024-05-{day:02}", source, **more)
        for day in range(1, days + 1) for n in range(a_day)
    ]  # fmt: skip


def test_standing_text_is_not_shared() -> None:
    assert len(found(*daily(3, 2))) == 15, "on three days it is not known as such"
    assert len(found(*daily(4)[:4])) == 6, "nor in four articles"
    assert found(*daily(5)) == []
    assert found(*daily(4, 2)) == []


def test_standing_text_is_known_by_two_months_and_by_publisher() -> None:
    april = tuple(page(n, [*prose(n, 70), *prose("note", 40)], f"2024-04-{20 + n}") for n in range(1, 5))
    may = page(9, [*prose(9, 70), *prose("note", 40)], "2024-05-01")
    assert found(may, before=april) == []
    stranger = page(8, [*prose(8, 70), *prose("note", 40)], "2024-05-01", "zeit")
    assert found(stranger, before=april) != [], "it is that of another publisher"
    story = prose("wire", 90)
    wire = [page(n, story, f"2024-05-{n:02}", "other", site=f"s{n}.example", publisher=f"p{n}") for n in range(1, 7)]
    assert len(found(*wire)) == 15, "what many sites carry is no site's standing text"


def test_text_of_scripts_without_spaces() -> None:
    chance = random.Random(5)
    story = "".join(chance.choices([chr(code) for code in range(0x4E00, 0x5200)], k=200))
    own = "".join(chance.choices([chr(code) for code in range(0x5200, 0x5600)], k=100))
    (row,) = found(page(1, story), page(2, own + story[:90], source="zeit"))
    assert row["shared_words"] == 90
    assert found(page(1, story), page(2, own + story[:60], source="zeit")) == [], "60 characters are no 30 words"


def test_a_text_of_one_word_over_and_over() -> None:
    rows = found(page(1, "la " * 5000), page(2, "la " * 4000, source="zeit"))
    assert [(row["shared_words"], row["share_of_other"]) for row in rows] in ([], [(4000, 1.0)])


def test_articles_without_text_or_with_few_words_share_nothing() -> None:
    assert found(page(1, "kurz"), page(2, "kurz", source="zeit"), page(3, "", source="ntv")) == []
    assert found() == []


def test_duplicates_are_dropped_in_favour_of_the_earliest_kept() -> None:
    story = prose("story", 100)
    first, second, third = (
        page(n, story, f"2024-05-0{n}", source) for n, source in ((1, "dwn"), (2, "zeit"), (3, "ntv"))
    )
    assert dropped(third, second, first) == {"zeit:2": "dwn:1", "ntv:3": "dwn:1"}
    assert dropped(third, before=(second,)) == {"ntv:3": "zeit:2"}
    part = page(4, story[:60], "2024-05-04", "faz")
    assert dropped(first, part) == {"faz:4": "dwn:1"}, "all of it stands in the earlier one"
    longer = page(5, [*story, *prose("more", 60)], "2024-05-05", "faz")
    assert dropped(first, longer) == {}, "most of it does, but not enough"


def test_an_article_is_not_dropped_for_one_that_is() -> None:
    story = prose("story", 100)
    first = page(1, story, "2024-05-01")
    second = page(2, [*story[15:], *prose("b", 15)], "2024-05-02", "zeit")
    third = page(3, [*story[30:], *prose("b", 15), *prose("c", 15)], "2024-05-03", "ntv")
    assert dropped(first, second, third) == {"zeit:2": "dwn:1"}


def naive(one: str, another: str) -> tuple[int, int]:
    """Shared words and the longest run, by comparing every shingle with every other."""
    texts = [words.split(text) for text in (one, another)]
    parts = [[tuple(text.folded[n : n + 5]) for n in range(len(text.folded) - 4)] for text in texts]
    covered = [
        len({n + k for n, shingle in enumerate(own) if shingle in set(other) for k in range(5)})
        for own, other in (parts, parts[::-1])
    ]
    longest = 0
    lengths: dict[int, int] = {}
    for here in parts[0]:
        lengths = {n: lengths.get(n - 1, 0) + 1 for n, there in enumerate(parts[1]) if here == there}
        longest = max(longest, *lengths.values(), 0) if lengths else longest
    return min(covered), longest + 4 if longest else 0


PIECES = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 30)), min_size=3, max_size=10)


@settings(max_examples=60)
@given(PIECES, PIECES)
def test_what_is_found_is_what_comparing_everything_finds(one: Any, another: Any) -> None:
    texts = [" ".join(word for seed, count in pieces for word in prose(("piece", seed), 30)[:count])
             for pieces in (one, another)]  # fmt: skip
    window = window_of(page(1, texts[0]), page(2, texts[1], source="zeit"))
    exact = verify.find(window, np.array([0]), np.array([1]))
    shared, longest = naive(*texts)
    shortest = min(len(text.split()) for text in texts)
    if shared < max(verify.LEAST_WORDS, verify.LEAST_SHARE * shortest):
        assert len(exact.words) == 0
    else:
        assert exact.words.tolist() == [shared]
        repeated = any(max(collections.Counter(s for s, _ in pieces).values()) > 1 for pieces in (one, another))
        assert exact.longest_run.tolist() == [longest] or (repeated and exact.longest_run[0] <= longest)


@given(st.lists(st.integers(0, 60), max_size=12))
def test_fingerprints_are_the_smallest_of_every_window(lengths: list[int]) -> None:
    chance = np.random.default_rng(len(lengths))
    starts = np.cumsum([0, *lengths])
    hashes = chance.integers(-(2**63), 2**63 - 1, int(starts[-1]), dtype=np.int64)
    found, texts = shingles.fingerprints(hashes, starts)
    for number, length in enumerate(lengths):
        own = hashes[starts[number] : starts[number + 1]].tolist()
        windows = [own[n : n + 8] for n in range(max(1, length - 7))] if own else []
        assert set(found[texts == number].tolist()) == {min(window) for window in windows}
