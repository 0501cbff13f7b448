"""Small inputs with a property that real pages, feeds, sitemaps, addresses or WARC files have.

Each folder of ``tests/cases`` holds one input. Pages are captured on 20 June 2024; feeds and sitemaps are read for the
14th of May 2024, those of ``sm-lastmod-*`` five weeks later, as a backfill does.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from klartext import urls
from klartext.crawler import Limits
from klartext.discover.step import Discovery, discover
from klartext.extract import extract_batch
from klartext.extract.page import extract
from klartext.fetch import ImportFailed, import_warc
from klartext.lake import Lake
from klartext.model import Article
from klartext.sources import Source
from support import loopback, sample_pages
from support.loopback import Answer

CASES = Path(__file__).parent / "cases"
URL = "https://www.wusterauer-bote.example/lokales/muehle-1234.html"
CAPTURED = dt.datetime(2024, 6, 20, 10, tzinfo=dt.UTC)
BERLIN = ZoneInfo("Europe/Berlin")
START, END = dt.datetime(2024, 5, 14, tzinfo=BERLIN), dt.datetime(2024, 5, 15, tzinfo=BERLIN)
BOTE = Source(slug="wusterauer-bote", name="Wusterauer Bote", hosts=["www.wusterauer-bote.example"])
HALF_PAST_TEN = dt.datetime(2024, 5, 14, 8, 30, tzinfo=dt.UTC)
TITLE = "Mühle am Fluss wird saniert"


def article(case: str) -> Article:
    body = (CASES / case / "input.html").read_bytes()
    return extract(sample_pages.capture(body, url=URL, type="text/html", fetched=CAPTURED), BOTE).article


def test_every_case_has_a_test() -> None:
    """A folder without an assertion would be a case that nothing holds."""
    source = Path(__file__).read_text("utf-8")
    missing = [case.name for case in CASES.iterdir() if f'"{case.name}"' not in source]
    assert missing == []


@pytest.mark.parametrize(
    ("case", "field", "value"),
    [
        ("base-href", "canonical_url", "https://www.wusterauer-bote.example/lokales/muehle-saniert-99.html"),
        ("date-de-nodot", "published_at", dt.datetime(2024, 5, 13, 22, tzinfo=dt.UTC)),
        ("date-de-nodot", "published_precision", "day"),
        ("date-list", "published_at", HALF_PAST_TEN),
        ("date-utcmidnight", "published_precision", "day"),
        ("h1-logo", "title", TITLE),
        ("ld-author-family", "authors", ["Jule Sandmann"]),
        ("ld-author-nested", "authors", ["Jule Sandmann"]),
        ("ld-comment", "authors", ["Jule Sandmann"]),
        ("ld-comment", "published_at", HALF_PAST_TEN),
        ("ld-entities", "authors", ["Jürgen Mühlbach"]),
        ("ld-trailing-comma", "authors", ["Jule Sandmann"]),
        ("ld-trailing-comma", "published_at", HALF_PAST_TEN),
        ("ld-two-objects", "authors", ["Jule Sandmann"]),
        ("ld-two-objects", "published_at", HALF_PAST_TEN),
        ("meta-authors", "authors", ["Jule Sandmann"]),
    ],
)
def test_a_field_of_a_page(case: str, field: str, value: Any) -> None:
    assert getattr(article(case), field) == value


def test_midnight_in_utc_is_the_day_at_the_publishers_place() -> None:
    published = article("date-utcmidnight").published_at
    assert published is not None and published.astimezone(BERLIN).date() == dt.date(2024, 5, 14)


def test_a_time_before_now_counts_from_the_capture_and_never_is_a_day_in_the_text() -> None:
    found = article("date-relative-only").published_at
    assert found is None or found == CAPTURED - dt.timedelta(hours=3)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("iso2022jp", "水車の修理についての記事です"),
        ("meta-late", "Świętosławski"),
        ("nested-list", "Erster Abschnitt der Arbeiten"),
        ("nested-list", "Dach und Sparren"),
        ("nested-list", "Rinnen"),
        ("nested-list", "und danach der Innenhof"),
        ("nested-list", "Zweiter Abschnitt der Arbeiten"),
        ("table", "12.400"),
        ("table", "9.100"),
    ],
)
def test_words_of_a_page(case: str, words: str) -> None:
    assert words in article(case).text


@pytest.mark.parametrize(
    ("case", "begin", "end"),
    [
        ("custom-inline", "Das Vorhaben hängt am Denkmals", "r den Antrag entscheiden will."),
        ("ruby", "Das Wort Wehr", "steht hier für Stauanlage im Sinn des Gesetzes, das seit dem Jahr 1998 gilt."),
    ],
)
def test_a_sentence_stays_in_one_line(case: str, begin: str, end: str) -> None:
    lines = article(case).text.split("\n")
    assert [line for line in lines if line.startswith(begin) and line.endswith(end)], lines


def discovered(case: str, kind: str, weeks_later: int = 0, **pages: Answer) -> tuple[Discovery, list[str]]:
    """What discover finds in a feed or sitemap on loopback that lists pages of ``www.bote.example``, and what it asked
    for."""
    body = (CASES / case / "input.xml").read_bytes()
    with loopback.serve({"/list": Answer(body, type="application/xml"), **pages}) as site:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
            source = Source(slug="bote", name="Bote", hosts=["www.bote.example"], fetch={"delay": 0},
                            discover={kind: [f"{site.base}/list"], "recent_days": 90})  # type: ignore[arg-type]  # fmt: skip
            now = END + dt.timedelta(weeks=weeks_later)
            found = discover(source, START, END, now=now, limits=Limits(timeout=2, backoff=0.01, retries=0))
        return found, site.paths()


@pytest.mark.parametrize(
    ("case", "at"),
    [
        ("fd-cest", dt.datetime(2024, 5, 14, 8, tzinfo=dt.UTC)),
        ("fd-mesz", dt.datetime(2024, 5, 14, 8, tzinfo=dt.UTC)),
        ("fd-german-date", dt.datetime(2024, 5, 14, 8, tzinfo=dt.UTC)),
        ("fd-json", dt.datetime(2024, 5, 14, 8, tzinfo=dt.UTC)),
        ("fd-tracker", dt.datetime(2024, 5, 14, 8, tzinfo=dt.UTC)),
    ],
)
def test_the_entry_of_a_feed(case: str, at: dt.datetime) -> None:
    (candidate,) = discovered(case, "feeds")[0].candidates
    assert (candidate.url, candidate.published_at) == ("https://www.bote.example/a.html", at)


@pytest.mark.parametrize(("case", "number"), [("sm-amp", 3), ("sm-double-gz", 1), ("sm-http-host", 4), ("sm-txt", 2)])
def test_the_number_of_candidates_of_a_sitemap(case: str, number: int) -> None:
    found = discovered(case, "news_sitemaps")[0]
    assert (len(found.candidates), found.problems) == (number, [])


@pytest.mark.parametrize(
    "case",
    ["sm-lastmod-dotted", "sm-lastmod-month", "sm-lastmod-single", "sm-lastmod-slash", "sm-lastmod-zlower"],
)
def test_a_last_change_in_an_unusual_form(case: str) -> None:
    (candidate,) = discovered(case, "dated_sitemaps", weeks_later=5)[0].candidates
    assert candidate.url == "https://www.bote.example/a-1.html"


@pytest.mark.parametrize(
    ("case", "child"), [("sm-idx-future", "s-2024-05.xml"), ("sm-idx-otherhost", "cdn.bote-static.example/s1.xml")]
)
def test_a_child_of_an_index_is_asked_for_or_a_problem(case: str, child: str) -> None:
    """The hosts do not exist: a child that was asked for is a problem, too."""
    problems = discovered(case, "dated_sitemaps", weeks_later=5)[0].problems
    assert any(problem.url.endswith(child) for problem in problems)


@pytest.mark.parametrize(
    ("case", "same"),
    [
        ("url-cid", False),
        ("url-dot-host", True),
        ("url-dotdot", True),
        ("url-idn-sharp-s", True),
        ("url-latin1-query", False),
        ("url-nfd", True),
    ],
)
def test_two_addresses_of_a_page(case: str, same: bool) -> None:
    one, other = (CASES / case / "input.txt").read_text("utf-8").split()
    assert (urls.page_key(one) == urls.page_key(other)) is same


def test_a_semicolon_in_a_query_stays() -> None:
    (url,) = (CASES / "url-semicolon" / "input.txt").read_text("utf-8").split()
    assert urls.normalize(url) == "https://a.de/a?b=1;c=2"


@pytest.mark.parametrize(
    ("case", "name", "month"),
    [
        ("w-arc", "input.arc", "2024-05"),
        ("w-brotli", "input.warc", "2024-05"),
        ("w-date-short", "input.warc", "2024-05"),
        ("w-dns", "input.warc", "2024-05"),
        ("w-warc-zst", "input.warc.zst", "2024-05"),
    ],
)
def test_a_file_of_captures(case: str, name: str, month: str, tmp_path: Path, extraction_here: None) -> None:
    lake = Lake.open(str(tmp_path))
    try:
        batches = import_warc(lake, CASES / case / name)
    except ImportFailed as error:
        assert case in ("w-arc", "w-warc-zst") and ("ARC" in str(error) or "zstd" in str(error))
        return
    counts = [extract_batch(lake, batch, Source(slug=batch.source, name="Bote", hosts=["x"])) for batch in batches]
    assert [(each["articles"], each["rejects"]) for each in counts] == [(1, 0)]
    rows = lake.staged(batches[0], "articles")
    assert rows is not None and rows["fetched_at"][0].as_py().isoformat().startswith(month)
