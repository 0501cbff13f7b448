"""Two pages that become one article are found; edits and repeated captures of one page are not."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext import model
from klartext.lake import Lake
from klartext.maintenance.check import check
from klartext.maintenance.takedown import take_down
from klartext.publish import publish_batch
from klartext.validate import account, validate_batch
from klartext.validate.folded_articles import FoldedArticle, folded_articles
from support.sample_batch import extracted
from support.sample_lake import contents
from support.sample_rows import SOURCE, article, batch

CODE = model.ARTICLES_FOLDED
ID, URL = "dwn:500001", "https://www.dwn.example/politik/deich-500001.html"


def rows(*captures: tuple[str, str], article_id: str = ID) -> pa.Table:
    made = [article(n, article_id=article_id, url=url, text=text) for n, (url, text) in enumerate(captures)]
    return model.table(model.Article, made)


@pytest.mark.parametrize(
    ("captures", "addresses"),
    [
        ([(URL, "Der Deich."), (f"{URL}?cid=2", "Die Fähre.")], (URL, f"{URL}?cid=2")),
        ([(URL, "Der Deich."), (f"{URL}?seite=2", "Die Fähre."), (f"{URL}?seite=3", "Das Ende.")],
         (URL, f"{URL}?seite=2", f"{URL}?seite=3")),
        ([(URL, "Der Deich."), (URL, "Die Fähre.")], ()),  # an edit
        ([(URL, "Der Deich."), (f"{URL}?utm_source=x", "Der  deich.")], ()),
        ([(URL, "Der Deich."), (URL, "Die Fähre."), (f"{URL}?utm_source=x", "Die Fähre.")], ()),  # an edit between
        ([(URL, "Der Deich."), (URL.replace("https://www.", "http://") + "#top", "Die Fähre.")], ()),
        ([(f"{URL}/", "Der Deich."), (URL, "Die Fähre.")], ()),
        ([(f"{URL}#!/1", "Der Deich."), (f"{URL}#!/2", "Die Fähre.")], (f"{URL}#!/1", f"{URL}#!/2")),
        ([(URL, "Der Deich."), (f"{URL}#/2", "Die Fähre."), (f"{URL}#/2", "Das Ende.")], (URL, f"{URL}#/2")),
        ([(URL, "Der Deich.")], ()),
        ([], ()),
    ],
)  # fmt: skip
def test_what_is_two_pages(captures: list[tuple[str, str]], addresses: tuple[str, ...]) -> None:
    expected = [FoldedArticle(ID, addresses)] if addresses else []
    assert folded_articles(rows(*captures)) == expected
    assert folded_articles(rows(*captures[::-1])) == expected


def test_different_articles_are_not_compared() -> None:
    apart = pa.concat_tables(
        [rows((URL, "a"), (URL, "b")), rows((f"{URL}?x", "c"), (f"{URL}?x", "c"), article_id="dwn:2")]
    )
    assert folded_articles(apart) == []


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), max_size=12), st.randoms())
def test_found_exactly_if_no_chain_of_texts_joins_the_addresses(captures: list[tuple[str, str]], chance: Any) -> None:
    joined = {address: {address} for address, _ in captures}
    for address, text in captures:
        for other, same in captures:
            if text == same:
                together = joined[address] | joined[other]
                for each in together:
                    joined[each] = together
    groups = {frozenset(each) for each in joined.values()}
    found = folded_articles(rows(*((f"https://dwn.example/{a}", t) for a, t in captures)))
    assert [len(each.addresses) for each in found] == ([len(groups)] if len(groups) > 1 else [])
    chance.shuffle(captures)
    assert folded_articles(rows(*((f"https://dwn.example/{a}", t) for a, t in captures))) == found


def folded_batch(lake: Lake) -> list[model.Article]:
    one = article(1)
    other = article(2, article_id=one.article_id, text=one.text.replace("Rat", "Hafen") + " Die Fähre fährt wieder.",
                    canonical_url=one.canonical_url)  # fmt: skip
    extracted(lake, [one, other, *(article(n) for n in range(3, 9))])
    return [one, other]


def test_the_batch_warns_with_both_addresses(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    one, other = folded_batch(lake)
    lake.stage(batch(), "skipped_by_discover", [model.Skipped(origin="https://dwn.example/feed", reason="x", count=2)])
    lake.stage(batch(), "skipped_by_extract", [model.Skipped(origin="https://dwn.example/feed", reason="x", count=1)])
    with caplog.at_level(logging.INFO):
        result = validate_batch(lake, batch(), SOURCE)
    assert (result["verdict"], result["warnings"], result["articles"]) == ("warned", [CODE], 8)
    named = [
        record.message for record in caplog.records if f"{CODE}: {one.article_id} has different texts" in record.message
    ]
    assert len(named) == 1
    assert one.url in named[0]
    assert other.url in named[0]
    publish_batch(lake, batch())
    (row,) = lake.published(batch(), "batches").to_pylist()
    assert row["skipped"] == sorted(
        [{"origin": "https://dwn.example/feed", "reason": "x", "count": 3},
         *({"origin": each.url, "reason": CODE, "count": 1} for each in (one, other))],
        key=lambda entry: entry["origin"],
    )  # fmt: skip
    assert row["discovered"] == sum(row[outcome] for outcome in model.OUTCOMES)
    assert f"skipped: x 3, {CODE} 2; " in result["account"]
    html = (lake.quality_file("dwn", batch().date, batch().name, "index.html") or b"").decode()
    assert f"{one.url}<br>{other.url}<br>" in html
    assert "<td>https://dwn.example/feed</td><td><code>x</code></td><td>3</td>" in html
    assert [problem for problem in check(lake, captures=False) if "articles.parquet" not in problem.file] == []


def test_a_take_down_removes_the_address_from_what_was_skipped(lake: Lake) -> None:
    _one, other = folded_batch(lake)
    validate_batch(lake, batch(), SOURCE)
    publish_batch(lake, batch())
    assert other.url in str(lake.published(batch(), "batches").to_pylist())
    take_down(lake, other.url, "request of the publisher")
    names = [name for folder in ("lake/batches", "staging", "quality") for name in contents(lake, folder)]
    assert len(names) > 2
    left = [name for name in names if other.url.encode() in (lake.storage.read(name) or b"")]
    assert left == []
    (row,) = lake.published(batch(), "batches").to_pylist()
    assert sum(entry["count"] for entry in row["skipped"]) == 2
    assert row["discovered"] == sum(row[outcome] for outcome in model.OUTCOMES)
    assert [problem for problem in check(lake, captures=False) if "skipped" in problem.what] == []


def test_a_line_of_what_was_skipped() -> None:
    entries = [{"origin": "a", "reason": "cut", "count": 1}, {"origin": "b", "reason": "undated", "count": 1200},
               {"origin": "c", "reason": "cut", "count": 2}]  # fmt: skip
    assert account.skipped_line(entries) == "undated 1,200, cut 3"
    assert account.skipped_line([]) == ""
    assert account.skipped_line(map(dataclasses.asdict, [model.Skipped(origin="a", reason="cut", count=1)])) == "cut 1"
