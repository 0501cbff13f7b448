"""Captures of a batch in, staged rows out: the same whatever the order and the split, and as often as it is done."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klartext.batch import Batch
from klartext.extract import extract_batch, pool, step, worker
from klartext.lake import Lake, tables
from klartext.model import Capture
from klartext.sources import Addresses, Source
from klartext.warc import reader
from support import sample_pages, warc_files
from support.noise_samples import CARDS

BATCH = Batch.of_interval(
    sample_pages.SOURCE, dt.datetime(2024, 5, 20, tzinfo=dt.UTC), dt.datetime(2024, 5, 21, tzinfo=dt.UTC)
)
BASE = "https://www.hafenkurier.example/region/deich"
NOTE = "Unsere Leserinnen und Leser finden das Gezeitenbuch am Kiosk an der Mole."


def story(number: int, *, note: bool = False, cards: bool = False) -> tuple[str, str]:
    """An article of its own, with a line that recurs, with cards."""
    lines = [f"{line} Das gilt auch für Abschnitt {number}." if len(line) > 60 else line for line in sample_pages.STORY]
    body = sample_pages.lines(lines, inside=f"<p>{NOTE}</p>" if note else "").replace("<h2>", f"<h2>{number}. ")
    title = f"{sample_pages.TITLE} ({number})"
    html = sample_pages.page(body, below=CARDS if cards else "").replace(f"<h1>{sample_pages.TITLE}", f"<h1>{title}")
    return f"{BASE}-{number}.html", html


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extraction in this process, its results in any order: what the pool does is tested beside."""

    def all_here(tasks: Iterable[pool.Task], **_: object) -> Iterator[tuple[int, worker.Result]]:
        done = [(index, worker.work(*task)) for index, task in enumerate(tasks)]
        random.shuffle(done)
        yield from done

    monkeypatch.setattr(pool, "extract_all", all_here)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def keep(lake: Lake, *pages: tuple[str, str] | tuple[str, str | bytes, int]) -> None:
    local = warc_files.write(lake.scratch_folder(BATCH) / "pages.warc.gz", pages)
    lake.add_raw_file(BATCH, local)


def staged(lake: Lake) -> dict[str, bytes]:
    found = {}
    for name in ("articles", "teasers", "rejects"):
        table = lake.staged(BATCH, name)
        assert table is not None
        found[name] = tables.to_parquet(name, table).to_pybytes()
    return found


def test_all_captures_of_a_batch_are_rows(lake: Lake) -> None:
    keep(
        lake, story(1, cards=True), story(2), (f"{BASE}-3.html", "<body><h1>Leer</h1></body>"), (f"{BASE}-4.html", b"")
    )
    keep(lake, story(5), (f"{BASE}-6.html", "weg", 404), (f"{BASE}-7.html", "", 301))
    counts = extract_batch(lake, BATCH, sample_pages.SOURCE)
    assert {name: counts[name] for name in ("articles", "teasers", "rejects")} == {
        "articles": 3,
        "teasers": 4,
        "rejects": 2,
    }
    articles = lake.staged(BATCH, "articles").to_pylist()
    assert [row["url"] for row in articles] == [f"{BASE}-{n}.html" for n in (1, 2, 5)]
    assert articles[0]["capture"]["file"] == lake.raw_files(BATCH)[0]
    assert articles[2]["capture"]["file"] == lake.raw_files(BATCH)[1]
    assert {row["fetched_at"] for row in articles} == {sample_pages.FETCHED}
    rejects = lake.staged(BATCH, "rejects").to_pylist()
    assert [(row["url"][-6:], row["reasons"], row["stage"]) for row in rejects] == [
        ("3.html", ["no-text"], "extract"),
        ("4.html", ["empty"], "extract"),
    ]
    assert all(row["detail"] and row["publisher"] == "Hafenkurier" and row["text"] is None for row in rejects)
    assert [row["title"] for row in lake.staged(BATCH, "teasers").to_pylist()][3].startswith("Krabbenfischer")
    first = staged(lake)
    assert extract_batch(lake, BATCH, sample_pages.SOURCE) == counts
    assert staged(lake) == first


@pytest.mark.usefixtures("here")
def test_a_batch_without_captures_has_empty_tables(lake: Lake) -> None:
    counts = extract_batch(lake, BATCH, sample_pages.SOURCE)
    assert (counts["articles"], counts["teasers"], counts["rejects"]) == (0, 0, 0)
    assert lake.staged(BATCH, "articles").num_rows == 0


@pytest.mark.usefixtures("here")
def test_what_the_rules_took_is_counted(lake: Lake) -> None:
    link = '<p><a href="/region/moor-4701.html">Ein Moor wird nass und keiner ist dagegen</a></p>'
    keep(lake, (f"{BASE}-1.html", sample_pages.page(sample_pages.lines(inside=link))))
    counts = extract_batch(lake, BATCH, sample_pages.SOURCE)
    assert counts["removed_characters"] == {"teaser-link": len("Ein Moor wird nass und keiner ist dagegen")}


@pytest.mark.usefixtures("here")
def test_pages_on_which_the_rules_selectors_match_are_counted(lake: Lake) -> None:
    rules = [{"valid_from": "2016-08-01", "body": [".vormals", ".article-body"], "title": "h1.titel",
              "teasers": [{"item": ".karte", "title": "b"}]}]  # fmt: skip
    source = Source.model_validate(sample_pages.SOURCE.model_dump() | {"rules": rules})
    source = source.model_copy(update={"addresses": Addresses(exclude=["/thema/"])})
    former = sample_pages.page().replace("article-body", "vormals")
    renamed = sample_pages.page().replace("article-body", "neu")
    keep(lake, story(1), (f"{BASE}-2.html", former), (f"{BASE}-3.html", renamed), (f"{BASE}-4.html", b""),
         (f"{BASE}/thema/5.html", renamed))  # fmt: skip
    extract_batch(lake, BATCH, source)
    rows = lake.staged(BATCH, "selectors").to_pylist()
    assert {(row["field"], row["selector"]): (row["matched"], row["pages"]) for row in rows} == {
        ("body", ".vormals"): (1, 3),
        ("body", ".article-body"): (1, 3),
        ("body", ".vormals, .article-body"): (2, 3),
        ("title", "h1.titel"): (0, 3),
        ("teasers", ".karte"): (0, 3),
    }
    assert {row["rules"] for row in rows} == {"hafenkurier 2016-08-01"}


@pytest.mark.usefixtures("here")
def test_damage_is_a_reject_with_its_reason(lake: Lake) -> None:
    local = warc_files.write(lake.scratch_folder(BATCH) / "pages.warc.gz", [story(1), story(2)])
    local.write_bytes(local.read_bytes()[:-300])
    lake.add_raw_file(BATCH, local)
    counts = extract_batch(lake, BATCH, sample_pages.SOURCE)
    assert counts["articles"] == 1
    assert counts["rejects"] >= 1
    for row in lake.staged(BATCH, "rejects").to_pylist():
        assert row["reasons"][0] in ("record-truncated", "warc-damaged", "payload-damaged")
        assert row["capture"]["file"] == lake.raw_files(BATCH)[0]
        assert row["detail"]


@pytest.mark.usefixtures("here")
def test_a_line_that_recurs_in_the_batch_is_taken_from_all_of_its_articles(lake: Lake) -> None:
    keep(lake, *(story(n, note=n < 5) for n in range(6)))
    extract_batch(lake, BATCH, sample_pages.SOURCE)
    rows = lake.staged(BATCH, "articles").to_pylist()
    assert [NOTE in row["text"] for row in rows] == [False] * 6
    assert all(len(row["text"].split("\n")) == len(sample_pages.STORY) for row in rows)


@pytest.mark.usefixtures("here")
def test_a_version_does_not_change_by_what_else_is_in_the_batch() -> None:
    with_note = [record(n, note=True) for n in range(5)]
    without = [record(n) for n in range(5)]
    many = step.extract_records(with_note, lambda url: sample_pages.SOURCE).articles
    assert [row.version_id for row in many] == [
        row.version_id for row in step.extract_records(without, lambda url: sample_pages.SOURCE).articles
    ]
    assert [row.word_count for row in many] == [
        row.word_count for row in step.extract_records(without, lambda url: sample_pages.SOURCE).articles
    ]


def record(number: int, *, note: bool = False) -> reader.Page:
    url, html = story(number, note=note)
    return sample_pages.capture(html, url=url, offset=number)


KNOWN: dict[tuple[int, bool], worker.Result] = {}


def remembered(tasks: Iterable[pool.Task], **_: object) -> Iterator[tuple[int, worker.Result]]:
    """Each page is read once; the results are copies, as from a child."""
    import copy

    for index, (page, source, generic) in enumerate(tasks):
        key = (page.capture.offset, NOTE.encode() in page.body)
        if key not in KNOWN:
            KNOWN[key] = worker.work(page, source, generic)
        yield index, copy.deepcopy(KNOWN[key])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=8, unique_by=lambda t: t[0]), st.randoms())
def test_the_order_of_the_captures_makes_no_difference(
    monkeypatch: pytest.MonkeyPatch, made: list[tuple[int, bool]], dice: random.Random
) -> None:
    monkeypatch.setattr(pool, "extract_all", remembered)
    records = [record(number, note=note) for number, note in made]
    shuffled = records.copy()
    dice.shuffle(shuffled)
    one = step.extract_records(records, lambda url: sample_pages.SOURCE)
    other = step.extract_records(shuffled, lambda url: sample_pages.SOURCE)
    assert sorted(one.articles, key=lambda a: a.url) == sorted(other.articles, key=lambda a: a.url)
    assert [a.url for a in other.articles] == [r.url for r in shuffled], "rows stand in the captures' order"


@pytest.mark.usefixtures("here")
def test_lines_recur_within_a_source_not_across() -> None:
    other = sample_pages.SOURCE.model_copy(update={"slug": "anderes-blatt"})
    records = [record(n, note=True) for n in range(6)]
    made = step.extract_records(records, lambda url: sample_pages.SOURCE if url < f"{BASE}-3" else other)
    assert [NOTE in row.text for row in made.articles] == [True] * 6


@pytest.mark.usefixtures("here")
def test_every_line_is_told_if_asked() -> None:
    made = step.extract_records([record(1)], lambda url: sample_pages.SOURCE, explain=True)
    ((url, lines, disbelieved),) = made.explained
    assert (url, disbelieved) == (f"{BASE}-1.html", [])
    assert [line.text for line in lines if line.keep] == made.articles[0].text.split("\n")
    assert step.extract_records([record(1)], lambda url: sample_pages.SOURCE).explained == []


@pytest.mark.usefixtures("here")
def test_what_recurs_is_told_and_counted_under_its_rule() -> None:
    noted = [record(n, note=True) for n in range(5)]
    made = step.extract_records(noted, lambda url: sample_pages.SOURCE, explain=True)
    for _, lines, _ in made.explained:
        assert [(line.keep, line.rule) for line in lines if line.text == NOTE] == [(False, "recurring")]
    assert made.removed["recurring"] == 5 * len(NOTE)


@pytest.mark.usefixtures("here")
def test_a_damaged_record_of_nothing_known_is_a_row_all_the_same() -> None:
    damage = reader.UnusableRecord(
        url=None, fetched_at=sample_pages.FETCHED, reason="warc-damaged", detail="bricht ab",
        capture=Capture(file="x.warc.gz", offset=7, digest=""),
    )  # fmt: skip
    (reject,) = step.extract_records([damage], lambda url: sample_pages.SOURCE).rejects
    assert (reject.url, reject.publisher, reject.reasons, reject.detail) == (None, None, ["warc-damaged"], "bricht ab")
    assert tables.as_table("rejects", [reject]).num_rows == 1


@pytest.mark.usefixtures("here")
def test_lines_recur_by_site_in_a_batch_of_many_sites() -> None:
    pages = [
        dataclasses.replace(record(n, note=site == "a"), url=f"https://www.blatt-{site}.example/ort/deich-{n}.html")
        for n in range(5)
        for site in "abcdef"
    ]
    made = step.extract_records(pages, lambda url: sample_pages.SOURCE, explain=True)
    assert len(made.articles) == 30
    assert not any(NOTE in article.text for article in made.articles)
    assert made.removed["recurring"] == 5 * len(NOTE)


@pytest.mark.usefixtures("here")
def test_pages_of_which_a_part_was_not_read_are_counted() -> None:
    whole, deep = record(1), record(2)
    body = deep.body.replace(b"</article>", b"<div>" * 3000 + b"</div>" * 3000 + b"</article>")
    made = step.extract_records([whole, dataclasses.replace(deep, body=body)], lambda url: sample_pages.SOURCE)
    assert dict(made.skipped) == {(deep.capture.file, "page-too-deep"): 1}
