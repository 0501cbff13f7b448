"""Dates that a reader sees on a page, ordered by how likely each is the article's day of publication."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext import dates
from klartext.dates import words
from klartext.extract import date_labels
from klartext.extract.visible_dates import _line_may_hold_date, _only_mentions, _without_day
from support import sample_pages
from support.dated_articles import day_of, far, opened, published


def test_a_time_element_says_more_than_its_text() -> None:
    found = published(top='<p><time datetime="2024-05-20T09:00:41+02:00">vor 3 Stunden</time></p>')
    assert found.published_at == dt.datetime(2024, 5, 20, 7, 0, 41, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("<p>14 Mai 2024</p>", "2024-05-13T22:00"), ("<p>May 14, 2024</p>", "2024-05-13T22:00"),
        ("<p>Published: 14 May 2024, 10:30 CEST</p>", "2024-05-14T08:30"),
        ("<p>14 mai 2024 à 10h30</p>", "2024-05-14T08:30"),
        ("<p>2024年5月14日 10:30</p>", "2024-05-14T08:30"),
        ("<p>Von Jule Sandmann | 14.05.2024</p>", "2024-05-13T22:00"),
        ("<p>Stand: 15.05.2024</p><p>Veröffentlicht: 14.05.2024</p>", "2024-05-13T22:00"),
        ("<p>Termin: 14.05.2024</p>", None), ("<p>Kommentare seit 14.05.2024</p>", None),
        ("<p>Member since May 14, 2024</p>", None),
    ],
)  # fmt: skip
def test_visible_dates_in_many_forms_by_what_their_line_says(top: str, expected: str | None) -> None:
    at = published(top=top).published_at
    assert (at and at.strftime("%Y-%m-%dT%H:%M")) == expected


def test_a_relative_time_counts_from_the_capture_and_a_day_in_the_text_does_not() -> None:
    story = ["Der Rat von Nordkrog hat am 3. März 1998 beschlossen, den Deich zu erhöhen.", *sample_pages.STORY]
    html = sample_pages.page(sample_pages.lines(story), top="<p>vor 3 Stunden</p>")
    found = sample_pages.read(html).article
    assert found.published_at == (sample_pages.FETCHED - dt.timedelta(hours=3)).replace(second=0, microsecond=0)
    assert found.published_precision == "day"
    assert sample_pages.read(sample_pages.page(sample_pages.lines(story))).article.published_at is None


def test_a_time_element_shows_its_day_and_what_is_beside_it_another() -> None:
    uploaded = sample_pages.ld(datePublished="2024-05-19T16:02:46Z")
    same, earlier = (f'<time datetime="2024-05-{day}T09:00:00Z">{day}. Mai 2024</time>' for day in (19, 14))
    for top, day in (
        (f"<p>{same} 2 Kommentare</p>", "2024-05-19"), (f"<p>{earlier} 2 Kommentare</p>", "2024-05-14"),
        (f"<p>{same}</p><p>14. Mai 2024</p>", "2024-05-19"),
        (f"<p>Aktualisiert: {same}</p><p>14. Mai 2024</p>", "2024-05-14"),
        (f"<p>{same} gestern, 9:00 Uhr</p>", "2024-05-19"),
    ):  # fmt: skip
        assert day_of(published(head=uploaded, top=top)) == day, top


@pytest.mark.parametrize(
    "top",
    [
        "<p>Autor: hafenfreund 14. Mai 2024 0 Kommentare</p>",
        "<p>editor — 14. Mai 2024 add comment</p>",
        "<p>14. Mai 2024 - aktualisiert am 18. Mai 2024</p>",
        "<p>14. Mai 2024 von Gesa Harms, Vertreterin der Anwohner im Ausschuss für Küstenschutz des Landes</p>",
        '<div class="header__teaser"><p>14. Mai 2024</p></div>',
        '<div class="date-comments"><p>14. Mai 2024</p><a href="#k">36 Kommentare</a></div>',
        '<p><time datetime="2024-05-14T08:30:00+02:00">vor 23 Minuten</time></p>',
        "<figure><img src='/a.jpg'><figcaption>14. Mai 2024, 09:53 Uhr</figcaption></figure>",
        "<p>Die neuen Gesichter am Deich, die keiner kennt, 2. Mai 2024</p><p>14. Mai 2024</p>",
        "<div><span>Coast and Dikes</span><span>MAY 14, 2024</span><span>Updated: MAY 16, 2024</span></div>",
        "<div><b>Wiebke Petersen, Reporter</b><i>Updated May 16, 2024</i></div><p>14 May 2024</p>",
    ],
)
def test_the_date_of_a_line_near_the_headline(top: str) -> None:
    assert day_of(published(top=top)) == "2024-05-14"


def test_a_date_within_the_headline_is_not_the_articles() -> None:
    title = "Deichlauf am 11. Mai 2024: Nordkrog gewinnt zum vierten Mal"
    html = sample_pages.page(top="<p>14. Mai 2024</p>").replace(sample_pages.TITLE, title)
    assert day_of(sample_pages.read(html).article) == "2024-05-14"


def test_a_line_below_the_headline_counts_before_those_above_it() -> None:
    ticker = "<ul><li>Montag, 20. Mai 2024</li></ul>"
    html = sample_pages.page(above=ticker, top="<p>14. Mai 2024</p>")
    assert day_of(sample_pages.read(html).article) == "2024-05-14"
    # above it, several days are those of other articles
    others = "<ul><li>[ 18. Mai 2024 ] Regen</li><li>[ 17. Mai 2024 ] Wind</li></ul>"
    assert day_of(sample_pages.read(sample_pages.page(above=f"<div><div>{others}</div></div>")).article) is None


def test_a_date_with_a_label_counts_wherever_it_stands_if_no_other_has_one() -> None:
    filler = "<p>Impressum</p>" * 9
    assert day_of(published(below=f"{filler}<ul><li>Datum 14.05.2024</li></ul>")) == "2024-05-14"
    two = "<ul><li>Veröffentlicht 14.05.2024</li><li>Veröffentlicht 13.05.2024</li></ul>"
    assert day_of(published(below=filler + two)) is None
    # without a label, but right before that of a change
    assert day_of(published(below=f"{filler}<p>14.05.2024. Aktualisiert: 18.05.2024</p>")) == "2024-05-14"
    assert day_of(published(below=f"{filler}<p>Aktualisiert: 18.05.2024</p><p>14.05.2024</p>")) == "2024-05-18"


def test_the_day_of_the_last_change_is_the_last_resort_and_never_a_time_of_publication() -> None:
    found = published(below="<p>Impressum</p>" * 9 + "<p>Page last modified 14.05.2024</p>")
    assert (day_of(found), found.published_from) == ("2024-05-14", "page")
    found = published(top="<p>14.05.2024</p><p>Aktualisiert 14.05.2024, 11:30 Uhr</p>")
    assert (found.published_precision, day_of(found)) == ("day", "2024-05-14")


def test_the_order_of_day_and_month_is_that_of_the_pages_other_dates() -> None:
    others = "<ul><li>02/27/2024</li><li>04/30/2024</li></ul>"
    html = sample_pages.page(top="<p>03/04/2024 by Wiebke Petersen</p>", below=others)
    for language, expected in (("en", "2024-03-04"), ("en-GB", "2024-04-03"), ("de", "2024-04-03")):
        made = sample_pages.read(html.replace('lang="de"', f'lang="{language}"'))
        assert day_of(made.article) == expected


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("٠٢:٠٠ الثلاثاء ١٤ / ٥ / ٢٠٢٤", "ar"), ("تم نشره الثلاثاء 14 أيار / مايو 2024 09:22 صباحا", "ar"),
        ("۲۵ ارديبهشت ۱۴۰۳ - ۱۸:۵۹", "fa"), ("2024-05-14 20:13 来源: 港口报", "zh"),
    ],
)  # fmt: skip
def test_dates_in_scripts_other_than_latin(line: str, language: str) -> None:
    html = sample_pages.page(top=f"<p>{line}</p>").replace('lang="de"', f'lang="{language}"')
    assert day_of(sample_pages.read(html).article) == "2024-05-14"


@pytest.mark.parametrize(
    "opening",
    [
        "WUSTERAU (14. Mai 2024) — ", "Wusterau, 14. Mai 2024 – ", "14.05.2024 – ", "(wb) - WUSTERAU, 14 MAI 2024 - ",
        "WUSTERAU, May 14, 2024 /Wusterau Press/ -- ", "WUSTERAU, Mai 14, 2024 (wb)-- ",
    ],
)  # fmt: skip
def test_a_dateline_is_the_day_of_publication(opening: str) -> None:
    found = opened(opening)
    assert (day_of(found), found.published_from) == ("2024-05-14", "page")


@pytest.mark.parametrize(
    "opening",
    ["Am 14. Mai 2024 – nach langem Streit – begann es. ", "Seit dem 14. Mai 2024 ist es so weit. ",
     "Die Mühle wurde am 14. Mai 2024 nach langem Streit verkauft – "],
)  # fmt: skip
def test_a_sentence_that_names_a_day_is_no_dateline(opening: str) -> None:
    assert opened(opening).published_at is None


def test_the_only_day_of_a_page_counts_wherever_it_stands() -> None:
    found = far("", "<div>14.05.2024 10:30</div>")
    assert (found.published_at, found.published_precision) == (dt.datetime(2024, 5, 14, 8, 30, tzinfo=dt.UTC), "minute")
    assert day_of(far("", "<div>Dienstag, 14.05.2024</div>")) == "2024-05-14"
    address = "Adresse: www.hafenkurier.example/region/umwelt/news/2024/11485787.html"
    assert day_of(far("", f"<div>{address} 10:30 14.05.2024 Druckansicht | Ansicht für Telefone</div>")) == "2024-05-14"
    assert far("", "<div>14.05.2024</div><div>15.05.2024</div>").published_at is None


def test_the_present_day_at_the_top_of_a_page_is_not_the_articles() -> None:
    assert far("Mittwoch, 15.05.2024", "").published_at is None
    assert day_of(far("Mittwoch, 15.05.2024", "<div>14.05.2024</div>")) == "2024-05-14"
    assert day_of(far("23:53:45 ¤ 15. Mai 2024", "<p>15.05.2024</p><div>14.05.2024</div>")) == "2024-05-14"


MINUTES = [word for word, unit in words.units().items() if unit in ("minute", "second")]
OTHERS = [*words.months_in("de"), *words.months_in("en"), *words.units(), *words.near_days(), *words.halves()]
PLAIN = ["vor", "ago", "il y a", "hace", "for", "siden", "um", "Uhr", "von", "Lesezeit:", "read", "|", "-", "ca."]


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(MINUTES) | st.sampled_from(OTHERS) | st.sampled_from(PLAIN), min_size=1, max_size=5),
    st.integers(0, 99), st.integers(0, 5), st.sampled_from(["de", "en", "fr", "da", None]),
)  # fmt: skip
def test_a_line_of_minutes_shows_no_earlier_day(said: list[str], number: int, place: int, language: str | None) -> None:
    line = " ".join([*said[:place], str(number), *said[place:]])
    if _line_may_hold_date(line, without_minutes=True):
        return
    now = dt.datetime(2024, 5, 20, 12, tzinfo=dt.UTC)
    for found in dates.find_in_text(line, zone=ZoneInfo("Europe/Berlin"), now=now, language=language):
        assert now - found.moment.at <= dt.timedelta(minutes=99)


NUMBERS = ["14", "5", "24", "'24", "14.", "14/5", "14.05", "05-14", "14/5/24", "14th", "12:37", "140524", "3,5"]
ANY_MONTH = sorted(words.all_months() | words.jalali_months().keys())
ANY_DAY = sorted(words.all_weekdays() | words.near_days().keys() | words.units().keys())


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(NUMBERS) | st.sampled_from(ANY_MONTH) | st.sampled_from(ANY_DAY), min_size=1, max_size=4),
    st.sampled_from([" ", ", ", " - ", "/", ".", "-", ""]),
    st.sampled_from(["de", "en-US", "fr", "pl", "tr", "fi", "cy", "mt", "eu", "vi", "ru", "fa", None]),
)  # fmt: skip
def test_a_line_that_may_hold_no_date_holds_none(said: list[str], between: str, language: str | None) -> None:
    line = between.join(said)
    if not _line_may_hold_date(line):
        now = dt.datetime(2024, 5, 20, 12, tzinfo=dt.UTC)
        assert dates.find_in_text(line, zone=ZoneInfo("Europe/Berlin"), now=now, language=language) == []


@pytest.mark.parametrize(("line", "language"), [("14 awst '24", "cy"), ("14 abe. 24", "eu")])
def test_a_month_of_any_language_may_be_a_date(line: str, language: str) -> None:
    now = dt.datetime(2024, 12, 20, 12, tzinfo=dt.UTC)
    assert dates.find_in_text(line, zone=ZoneInfo("Europe/Berlin"), now=now, language=language) != []
    assert _line_may_hold_date(line)


PIECES = [
    *PLAIN, "3.05.24", "3.5.2024", "03.05.2024", "2024-05-03", "3. Mai 24", "May 3, 2024", "06:12", "6.12", "6:12:30",
    "2024-05-14T06:12", "17.30", "05:30 Uhr", "gestern", "vor 3 Tagen", "1 min", "14.5.", "Stand:", "2023",
    "5/3/24", "14.05.2024", "2024-05-14",
]  # fmt: skip


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(PIECES), max_size=4), st.integers(0, 4), st.sampled_from(["14.05.2024", "2024-05-14"]),
    st.sampled_from([" ", ", ", "|"]), st.sampled_from(["de", "en-GB", "en-US", None]),
)  # fmt: skip
def test_a_line_of_the_stated_day_shows_no_earlier_one(
    pieces: list[str], place: int, form: str, between: str, language: str | None
) -> None:
    line = between.join([*pieces[:place], form, *pieces[place:]])
    if _line_may_hold_date(_without_day(line, ("14.05.2024", "2024-05-14")), without_minutes=True):
        return
    zone = ZoneInfo("Europe/Berlin")
    now = dt.datetime(2024, 5, 14, 12, tzinfo=dt.UTC)
    for found in dates.find_in_text(line, zone=zone, now=now, language=language):
        assert found.moment.at.astimezone(zone).date() >= dt.date(2024, 5, 14)


SENTENCE = [
    "der",
    "Deich",
    "wächst",
    "Sommer",
    "Schuten",
    "Klei",
    "Nordkrog",
    "Land",
    "trägt",
    "Schafe",
    "weiden",
    "Wasser",
]
DAYS = ["am 3. Mai 2024", "on May 3, 2024", "2024-05-03", "03.05.2024, 12:30 Uhr,", "im Jahr 2021", "2030"]


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(SENTENCE), min_size=12, max_size=22), st.sampled_from(DAYS), st.integers(0, 22),
    st.sampled_from([".", "?", "!“", "…"]), st.sampled_from(["de", "en-GB", None]),
)  # fmt: skip
def test_a_day_in_a_long_sentence_is_no_publication(
    said: list[str], day: str, place: int, end: str, language: str | None
) -> None:
    line = " ".join([*said[:place], day, *said[place:]]) + end
    if not _only_mentions(line):
        return
    now = dt.datetime(2024, 5, 20, 12, tzinfo=dt.UTC)
    for found in dates.find_in_text(line, zone=ZoneInfo("Europe/Berlin"), now=now, language=language):
        assert date_labels.role(found, sentence=True) is None


def test_a_long_sentence_that_names_the_publication_is_read() -> None:
    line = f"Dieser Text wurde am 3. Mai 2024 veröffentlicht, {' und '.join(SENTENCE)}."
    assert not _only_mentions(line)
    assert _only_mentions(line.replace("veröffentlicht", "beschlossen"))
