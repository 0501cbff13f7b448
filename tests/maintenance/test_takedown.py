"""Taken down: gone from every file, kept out of whatever comes later, and nothing else touched."""

from __future__ import annotations

import gzip
import html
import io
import os
from pathlib import Path
from types import SimpleNamespace

import fastwarc
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from klartext.lake import Lake, layout, linked_files, linked_state, tables, takedown_filter
from klartext.link import link_pending
from klartext.maintenance.takedown import take_down, undo_take_down
from klartext.warc import redact
from support.sample_lake import contents, republish, stage
from support.sample_rows import article, batch, fetch, moment, teaser
from support.sample_takedown import GONE, NOW, SLUG, URL, WHY, copied, lives, problems, record, traces
from support.sample_view import prose


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake in which the article is, to be copied."""
    root = tmp_path_factory.mktemp("lived") / "lake"
    lives(Lake.open(str(root)))
    return root


@pytest.fixture(scope="module")
def clean(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a take-down leaves that nothing disturbed."""
    lake = copied(lived, tmp_path_factory.mktemp("clean") / "lake")
    take_down(lake, URL, WHY, captures=True, now=NOW)
    return contents(lake) | contents(lake, "raw")


def test_it_is_gone_from_every_table_and_all_else_stays(lake: Lake) -> None:
    lives(lake)
    assert len(traces(lake)) == 4 * 2 + 1 + 6 * 2, "or the test below proves nothing"
    done = take_down(lake, URL, WHY, "R. Redlich", now=NOW)
    assert traces(lake) == []
    assert problems(lake) == []
    assert [name.rpartition("/")[2] for name in lake.storage.files("quality", "")] == ["verdict.json"] * 2
    assert (done.article_id, done.by, done.why, done.taken_down_at, done.done_at) == (
        "dwn:500009", "R. Redlich", WHY, NOW, NOW
    )  # fmt: skip
    assert (done.versions, done.teasers, done.rejects, done.fetches) == (2, 4, 2, 2)
    for day in ("2024-05-01", "2024-05-02"):
        for table, count in {"versions": 1, "teasers": 1, "rejects": 1, "fetches": 2}.items():
            rows = lake.published(batch(day), table)
            assert rows is not None and rows.num_rows == count, table
        by_outcome = {row["outcome"]: row for row in rows.to_pylist()}
        assert by_outcome["refused"]["reason"] == "taken-down"
        assert by_outcome["refused"]["capture"], "what was captured is still there"
        assert by_outcome["captured"]["discovered_from"] == takedown_filter.URN


@pytest.mark.parametrize(
    "url",
    [
        f"http://www.deutsche-wirtschafts-nachrichten.de/500009/{SLUG}/?utm_source=x#top",
        "https://deutsche-wirtschafts-nachrichten.de/500009/umbenannt",
        f"https://web.archive.org/web/20240502000000id_/{URL}",
    ],
    ids=["folded", "same-number", "archived"],
)
def test_any_of_its_addresses_will_do(lake: Lake, url: str) -> None:
    lives(lake)
    take_down(lake, url, WHY)
    assert traces(lake) == []


@pytest.mark.parametrize("title", ["Rücktritt", 'Das Wort "Nein" im Rathaus', "Müller & Söhne\u00a0gehen"])
def test_the_results_of_validation_do_not_quote_it(lake: Lake, title: str) -> None:
    own = article(500009, url=URL, canonical_url=URL, title=title)
    stage(lake, batch(), [own, article(1)], [], [], [])
    republish(lake, batch())
    lake.save_quality_file(batch(), "page.html", f"<td>{html.escape(title)}</td>")
    lake.save_quality_file(batch(), "verdict.json", {"examples": [title]})
    other = lake.save_quality_file(batch(), "other.json", {"examples": [f"{title}sforderungen", "Anderes"]})
    take_down(lake, URL, WHY)
    assert lake.storage.files("quality", "") == ([other] if len(title) <= 20 else [])


def test_what_ended_runs_have_left_is_without_it(lake: Lake) -> None:
    lives(lake)
    of = batch("2024-05-09")
    pages = {"https://deutsche-wirtschafts-nachrichten.de/1": "<h1>Anderes</h1>", URL: f"<h1>{GONE}</h1>"}
    whole = b"".join(
        record(kind, url, body, n) for n, (url, body) in enumerate(pages.items()) for kind in ("request", "response")
    )
    scratch = lake.scratch_folder(of) / "fetch.warc.gz"
    scratch.write_bytes(whole + whole[:-10])
    raw = lake.scratch_folder(of) / "raw.warc.gz"
    raw.write_bytes(whole)
    name = lake.add_raw_file(of, raw)  # and the run ended before it saved which captures are in it
    writing = lake.storage.disk and lake.storage.disk / layout.WRITING / "abc"
    if writing:
        writing.parent.mkdir(parents=True, exist_ok=True)
        writing.write_text(GONE)
    take_down(lake, URL, WHY)
    assert scratch.stat().st_size == 2 * len(whole) - 10, "captures stay unless asked for"
    take_down(lake, URL, WHY, captures=True)
    left = gzip.decompress(scratch.read_bytes()[: len(whole)]) + gzip.decompress(lake.storage.read(name) or b"")
    assert SLUG.encode() not in left and GONE.encode() not in left
    assert left.count(b"Anderes") == 2
    assert scratch.stat().st_size == 2 * len(whole) - 10, "a run may be writing the last record"
    os.utime(scratch, (0, 0))
    take_down(lake, URL, WHY, captures=True)
    assert scratch.stat().st_size < 2 * len(whole) - 10
    assert GONE.encode() not in gzip.decompress(scratch.read_bytes())
    assert not writing or not writing.exists()
    scratch.unlink()


def test_done_again_it_changes_nothing(lake: Lake) -> None:
    lives(lake)
    first = take_down(lake, URL, WHY, now=NOW)
    before = contents(lake)
    assert take_down(lake, f"{URL}?share=1", "another reason", now=NOW) == first
    assert contents(lake) == before


def test_whatever_comes_later_is_without_it(lake: Lake) -> None:
    lives(lake)
    take_down(lake, URL, WHY, now=NOW)
    before = contents(lake)
    lives(lake)  # the same batches again, and their captures
    assert {name: content for name, content in contents(lake).items() if "/versions/" not in name} == {
        name: content for name, content in before.items() if "/versions/" not in name
    }
    new = article(500009, url=URL, canonical_url=URL, title=GONE, fetched_at=moment("2024-07-01T04:00"))
    stage(lake, batch("2024-07-01"), [new], [teaser(500009)], [], [fetch(500009, url=URL, candidate_title=GONE)])
    assert republish(lake, batch("2024-07-01")) == []
    assert traces(lake) == []


def test_its_bytes_go_where_asked_and_all_others_stay_where_they_are(lake: Lake) -> None:
    lives(lake)
    take_down(lake, URL, WHY)
    (first, _) = raws = [name for day in ("2024-05-01", "2024-05-02") for name in lake.raw_files(batch(day))]
    assert SLUG.encode() in b"".join(records(lake, first)), "captures stay unless asked for"
    sizes = {name: len(lake.storage.read(name) or b"") for name in raws}
    done = take_down(lake, URL, WHY, captures=True)
    assert done.with_captures and len(done.captures) == 2
    for name in raws:
        assert len(lake.storage.read(name) or b"") == sizes[name]
        whole = b"".join(records(lake, name))
        assert SLUG.encode() not in whole and GONE.encode() not in whole
        assert whole.count(b"Anderes") == 1
    assert problems(lake) == [], "every other version has its capture, with its digest"
    rows = lake.published(batch(), "fetches")
    assert rows is not None
    assert [row["capture"] is None for row in rows.to_pylist() if row["outcome"] == "refused"] == [True]


def records(lake: Lake, name: str) -> list[bytes]:
    with lake.open_raw(name) as stream:
        return [str(it.rec_headers).encode() + it.raw_stream.read() for it in ArchiveIterator(stream)]


def test_other_tools_read_a_file_in_which_something_was_erased(tmp_path: Path, lived: Path) -> None:
    lake = copied(lived, tmp_path / "lake")
    take_down(lake, URL, WHY, captures=True)
    (name,) = lake.raw_files(batch())
    path = tmp_path / "lake" / name
    assert b"reason: taken-down" in gzip.decompress(path.read_bytes())
    with path.open("rb") as stream:
        kinds = [it.headers["WARC-Type"] for it in fastwarc.ArchiveIterator(stream)]
    assert kinds == ["metadata", "metadata", "request", "response"]
    checker = Checker(SimpleNamespace(inputs=[str(path)], verbose=False))
    checker.process_all()
    assert checker.exit_value == 0, "digests that do not hold"


@pytest.mark.parametrize("length", [150, 190, 200, 250, 251, 65_000, *range(65_553, 65_569), 131_100, 1_000_003])
def test_a_record_of_any_length_can_take_anothers_place(length: int) -> None:
    made = redact.replacement(length, "x") if length > 150 else b""
    if length > 150:
        assert len(made) == length
        (kind,) = (it.rec_type for it in ArchiveIterator(io.BytesIO(made)))
        assert kind == "metadata"
    else:
        with pytest.raises(ValueError, match="no record of 150 bytes"):
            redact.replacement(length, "x")


class Killed(BaseException):
    pass


@pytest.mark.parametrize("nth", [0, 1, 2, 3, 5, 8, 9, 14, 20, 21, 22, 23, 24])
def test_cut_off_at_any_write_the_next_call_finishes(
    tmp_path: Path, lived: Path, clean: dict[str, str], monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    lake = copied(lived, tmp_path / "lake")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        cut(patch, lake, nth)
        take_down(lake, URL, WHY, captures=True, now=NOW)
    take_down(lake, URL, WHY, captures=True, now=NOW)
    assert traces(lake) == []
    assert contents(lake) | contents(lake, "raw") == clean


def cut(patch: pytest.MonkeyPatch, lake: Lake, nth: int) -> None:
    count = iter(range(10_000))
    for verb in ("put", "remove"):
        whole = getattr(lake.storage, verb)

        def change(*arguments, whole=whole):  # type: ignore[no-untyped-def]
            if next(count) == nth:
                raise Killed
            whole(*arguments)

        patch.setattr(lake.storage, verb, change)


def test_cut_off_it_is_told(tmp_path: Path, lived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = copied(lived, tmp_path / "lake")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        cut(patch, lake, 4)
        take_down(lake, URL, WHY, captures=True)
    found = "\n".join(problems(lake))
    assert "the take-down of dwn:500009 was interrupted" in found
    assert "has rows of an article that was taken down" in found
    assert "has 1 captures of an article that was taken down" in found


def test_what_the_lake_never_had_is_kept_out(lake: Lake) -> None:
    done = take_down(lake, URL, WHY)
    assert (done.article_id, done.versions, done.fetches) == ("dwn:500009", 0, 0)
    lives(lake)
    assert traces(lake) == []


def test_an_article_without_a_number_is_known_by_all_its_addresses(lake: Lake) -> None:
    source = "beispiel.de"
    amp, page = "https://www.beispiel.de/amp/ruecktritt", "https://www.beispiel.de/politik/ruecktritt"
    hashed = takedown_filter.short_hash("beispiel.de/politik/ruecktritt")
    own = article(500009, article_id=f"{source}:{hashed}", url=amp, canonical_url=page, title=GONE)
    places = fetch(500009, url="https://www.beispiel.de/kurz/1", final_url=amp, capture=own.capture)
    stage(lake, batch(source=source), [own], [teaser(500009, target_url=amp, title=GONE)], [], [places])
    republish(lake, batch(source=source))
    done = take_down(lake, amp, WHY)
    assert traces(lake) == []
    assert (done.article_id, done.versions, done.teasers) == (own.article_id, 1, 1)
    assert all(lake.takedown_filter().matches_url(url) for url in (amp, page, "https://beispiel.de/kurz/1/"))
    assert not lake.takedown_filter().matches_url("https://www.beispiel.de/")


def test_where_its_address_leads_to_another_page_that_page_stays(lake: Lake) -> None:
    home = "https://deutsche-wirtschafts-nachrichten.de/"
    stage(lake, batch(), [article(1)], [], [], [fetch(500009, url=URL, final_url=home)])
    republish(lake, batch())
    done = take_down(lake, URL, WHY, captures=True)
    assert (done.fetches, done.captures) == (1, [])
    assert not lake.takedown_filter().matches_url(home)


def test_what_was_taken_down_by_mistake_may_come_back(lake: Lake) -> None:
    lives(lake)
    before = contents(lake)
    take_down(lake, URL, WHY)
    record, days = undo_take_down(lake, f"{URL}?utm_source=x")
    assert (record.article_id, days) == ("dwn:500009", [("dwn", "2024-05-01"), ("dwn", "2024-05-02")])
    assert not lake.takedown_filter().identifiers
    for _, day in days:
        fetches = lake.published(batch(day), "fetches")
        assert fetches is not None
        assert fetches["outcome"].to_pylist() == ["captured"], "the other article's"
    lives(lake)  # as a replay brings its rows
    assert contents(lake) == before
    with pytest.raises(ValueError, match="was not taken down"):
        undo_take_down(lake, URL)


@pytest.mark.parametrize(
    ("url", "why", "message"), [("Bürgermeister", WHY, "is not the address"), (URL, "  ", "give the reason")]
)
def test_nothing_is_written_for_what_is_wrong(tmp_path: Path, url: str, why: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        take_down(Lake.open(str(tmp_path)), url, why)
    assert not list(tmp_path.iterdir())


def test_what_it_shares_with_others_is_removed(lake: Lake) -> None:
    lives(lake)
    story = " ".join(prose("story", 80))
    copy = article(7, article_id="dwn:7", text=story, lead=None)
    stage(lake, batch("2024-05-03"), [copy, article(500009, url=URL, canonical_url=URL, text=story, lead=None)])
    republish(lake, batch("2024-05-03"))
    assert link_pending(lake).failed == {}

    def named() -> list[str]:
        ids = [(table, column) for table, columns in takedown_filter.ID_COLUMNS.items() for column in columns]
        folders = {"shingles": layout.SHINGLES, **{name: layout.table_folder(name) for name in linked_files.TABLES}}
        return [
            f"{name} {column}"
            for table, column in ids
            for name in lake.storage.files(folders[table], ".parquet")
            if "dwn:500009" in tables.from_parquet(table, lake.storage.read(name) or b"")[column].to_pylist()
        ]

    assert len(named()) >= 3, "or the test below proves nothing"
    take_down(lake, URL, WHY, now=NOW)
    assert named() == []
    assert [problem for problem in problems(lake) if "x--0.warc.gz: is missing" not in problem] == []
    assert linked_state.pending_shingles(lake) == linked_state.pending_months(lake) == []
