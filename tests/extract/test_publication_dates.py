from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from klartext.extract.publication_dates import parse
from klartext.model import Article
from support import sample_pages

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "wanted", "precision"),
    [
        ("2024-05-20T10:30:05+02:00", "2024-05-20T08:30:05", "second"),
        ("2024-05-20T10:30:05.123+0200", "2024-05-20T08:30:05", "second"),
        ("2024-05-20T08:30:05Z", "2024-05-20T08:30:05", "second"),
        ("2024-05-20T08:30:05.000000Z", "2024-05-20T08:30:05", "second"),
        ("2024-05-20 08:30:05 UTC", "2024-05-20T08:30:05", "second"),
        ("2024-05-20T10:30", "2024-05-20T08:30:00", "minute"),
        ("2024-05-20T10:30:05", "2024-05-20T08:30:05", "second"),
        ("2024-01-20T10:30:05", "2024-01-20T09:30:05", "second"),
        ("2024-03-31T01:59:59", "2024-03-31T00:59:59", "second"),
        ("2024-03-31T03:00:00", "2024-03-31T01:00:00", "second"),
        ("2024-10-27T03:30:00", "2024-10-27T02:30:00", "second"),
        ("2024-05-20", "2024-05-19T22:00:00", "day"),
        ("2024-01-20", "2024-01-19T23:00:00", "day"),
        ("2024-05-20T00:00:00", "2024-05-19T22:00:00", "day"),
        ("2024-05-20T00:00:00+02:00", "2024-05-19T22:00:00", "day"),
        ("2024-05-20T00:00:01+02:00", "2024-05-19T22:00:01", "second"),
        ("20. Mai 2024", "2024-05-19T22:00:00", "day"),
        ("20. Mai 2024, 10:30 Uhr", "2024-05-20T08:30:00", "minute"),
        ("Montag, 20. Mai 2024 um 10.30 Uhr", "2024-05-20T08:30:00", "minute"),
        ("20.05.2024", "2024-05-19T22:00:00", "day"),
        ("20.05.2024, 10:30", "2024-05-20T08:30:00", "minute"),
        ("20.5.24 – 10:30:05 Uhr", "2024-05-20T08:30:05", "second"),
        ("Stand: 01.12.2023 | 18:05 Uhr", "2023-12-01T17:05:00", "minute"),
        ("3. März 2024, 7:05 Uhr", "2024-03-03T06:05:00", "minute"),
        ("3. Jänner 2024", "2024-01-02T23:00:00", "day"),
        ("12. Dez. 2023", "2023-12-11T23:00:00", "day"),
        ("Fri Apr 28 19:20:36 CEST 2023", "2023-04-28T17:20:36", "second"),
        ("Tue Dec  5 09:01:02 CET 2023", "2023-12-05T08:01:02", "second"),
        ("Tue Dec  5 09:01:02 MEZ 2023", "2023-12-05T08:01:02", "second"),
        ("Mon, 20 May 2024 08:30:05 GMT", "2024-05-20T08:30:05", "second"),
        ("Mon, 20 May 2024 10:30:05 +0200", "2024-05-20T08:30:05", "second"),
        ("1716193805", "2024-05-20T08:30:05", "second"),
        ("1716193805000", "2024-05-20T08:30:05", "second"),
    ],
)
def test_times_in_every_form(text: str, wanted: str, precision: str) -> None:
    moment = parse(text, BERLIN, "meta")
    assert moment is not None
    assert moment.at == dt.datetime.fromisoformat(wanted).replace(tzinfo=dt.UTC)
    assert moment.at.tzinfo is dt.UTC
    assert (moment.precision, moment.origin) == (precision, "meta")


@pytest.mark.parametrize(
    "text",
    ["", "gestern", "10:30 Uhr", "2024-13-01", "30.02.2024", "2024-05-20T25:00", "99.99.9999", "3. Krieg 2024",
     "0000-00-00", "0001-01-01T00:00:00", "Mon, 99 May 2024 08:30:05 GMT", "Mon, 20 May",
     "Xxx Foo 28 19:20:36 CEST 2023", "12345", "9999999999", "§ 3.1.2"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert parse(text, BERLIN, "page") is None


WORDS = "2024 0000 9999 1 31 99 - . : T Z + +02:00 -99:99 +2460 Mai Mär Fri Apr CEST , Uhr 23:59:59 1716193805".split()
PIECES = st.lists(st.sampled_from([*WORDS, " ", ", ", ". "]), max_size=14).map("".join)


@given(st.one_of(st.text(max_size=60), PIECES, st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d")))
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
@example("2024-05-20T10:30:00+99:99")
@example("Mon, 01 Jan 0001 00:00:00 +1400")
@example("Mon, 20 May 2024 10:30:05 +9999")
@example("19999999999999")
def test_any_text_is_a_time_or_none(text: str) -> None:
    for zone in (BERLIN, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("UTC")):
        moment = parse(text, zone, "page")
        assert moment is None or moment.at.tzinfo is dt.UTC


def published(
    *, top: str = "", head: str = "", after: str = "", below: str = "", url: str = sample_pages.URL
) -> Article:
    made = sample_pages.read(
        sample_pages.page(sample_pages.lines(after=after), top=top, head=head, below=below), url=url
    )
    assert sample_pages.text(made) == sample_pages.STORY
    return made.article


META = '<meta property="article:published_time" content="2024-05-20T09:00:00+02:00">'
NINE = dt.datetime(2024, 5, 20, 7, tzinfo=dt.UTC)


def test_json_ld_counts_before_meta_tags_and_those_before_the_page() -> None:
    shown = "<p>20.05.2024, 8:00 Uhr</p>"
    ld = sample_pages.ld(datePublished="2024-05-20T10:00:00+02:00")
    found = published(top=shown, head=META + ld)
    assert (found.published_at, found.published_from) == (NINE + dt.timedelta(hours=1), "jsonld")
    found = published(top=shown, head=META)
    assert (found.published_at, found.published_from) == (NINE, "meta")
    found = published(top=shown)
    assert (found.published_at, found.published_from) == (NINE - dt.timedelta(hours=1), "page")


def test_a_time_counts_before_a_day() -> None:
    found = published(head=META + sample_pages.ld(datePublished="2024-05-20"))
    assert (found.published_at, found.published_precision, found.published_from) == (NINE, "second", "meta")
    found = published(top="<p>20.05.2024, 9:00 Uhr</p>", url="https://www.hafenkurier.example/2024/05/20/deich.html")
    assert (found.published_at, found.published_precision) == (NINE, "minute")


def test_a_day_in_the_address_is_the_last_resort() -> None:
    found = published(url="https://www.hafenkurier.example/region/2024/05/18/deich.html")
    assert (found.published_at, found.published_precision, found.published_from) == (
        dt.datetime(2024, 5, 17, 22, tzinfo=dt.UTC), "day", "url",
    )  # fmt: skip


def test_a_month_in_the_address_is_no_day() -> None:
    assert published(url="https://www.hafenkurier.example/region/2024-05/deich").published_at is None


def test_a_page_without_a_time_has_none() -> None:
    found = published()
    assert (found.published_at, found.published_precision, found.published_from) == (None, None, None)


def test_the_time_of_an_update_is_not_the_time_of_publication() -> None:
    found = published(top="<p>Aktualisiert am 20.05.2024, 11:30 Uhr</p><p>19.05.2024, 18:15 Uhr</p>")
    assert found.published_at == dt.datetime(2024, 5, 19, 16, 15, tzinfo=dt.UTC)
    found = published(head=META + '<meta property="article:modified_time" content="2024-05-20T11:30:00+02:00">')
    assert (found.published_at, found.modified_at) == (NINE, NINE + dt.timedelta(hours=2.5))
    found = published(
        head=sample_pages.ld(dateModified="2024-05-20T11:30:00+02:00", datePublished="2024-05-20T09:00:00+02:00")
    )
    assert (found.published_at, found.modified_at) == (NINE, NINE + dt.timedelta(hours=2.5))


def test_a_change_is_not_a_day() -> None:
    assert published(head='<meta property="article:modified_time" content="2024-05-20">').modified_at is None


@pytest.mark.parametrize("house", sample_pages.HOUSES)
def test_a_teasers_date_never_becomes_the_articles(house: str) -> None:
    card = '<div class="newsbox"><a href="/region/a-{0}.html">Die Fähre nach Hallum fährt bald mit Strom</a>'
    card += (
        '<span class="pubdate">{0}.05.2024, 10:00 Uhr</span><time datetime="2024-05-{0}T10:00">vor Stunden</time></div>'
    )
    cards = "".join(card.format(day) for day in (11, 12, 13))
    html = sample_pages.page(
        sample_pages.lines(after=f"<div class='rec'>{cards}</div>"), below=f"<div>{cards}</div>", house=house
    )
    assert sample_pages.read(html).article.published_at is None


def test_a_date_in_the_text_is_not_the_articles() -> None:
    story = [*sample_pages.STORY[:2], "Am 16. Februar 1962 um 22.15 Uhr brach der alte Deich.", *sample_pages.STORY[2:]]
    assert sample_pages.read(sample_pages.page(sample_pages.lines(story))).article.published_at is None


def test_a_time_after_the_capture_is_none() -> None:
    later = sample_pages.FETCHED + dt.timedelta(days=3)
    assert published(head=sample_pages.ld(datePublished=later.isoformat())).published_at is None


def test_a_local_time_stamped_as_utc_that_would_lie_after_the_capture_is_local() -> None:
    said = (sample_pages.FETCHED + dt.timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    meant = sample_pages.FETCHED - dt.timedelta(minutes=90)
    assert published(head=sample_pages.ld(datePublished=said)).published_at == meant


def test_a_time_element_says_more_than_its_text() -> None:
    found = published(top='<p><time datetime="2024-05-20T09:00:41+02:00">vor 3 Stunden</time></p>')
    assert found.published_at == NINE + dt.timedelta(seconds=41)


def test_a_time_without_a_zone_is_the_publishers() -> None:
    lisbon = sample_pages.SOURCE.model_copy(update={"time_zone": "Europe/Lisbon"})
    html = sample_pages.page(head=sample_pages.ld(datePublished="2024-05-20T09:00:00"))
    assert sample_pages.read(html, source=lisbon).article.published_at == NINE + dt.timedelta(hours=1)
    assert sample_pages.read(html).article.published_at == NINE
