"""When an article was published and changed, as its page says it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext import dates
from klartext.dates import words
from klartext.extract.visible_dates import _may_hold_date, _without_day
from klartext.model import Article
from klartext.sources import Source, of_url
from support import sample_pages


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


@pytest.mark.parametrize(
    "value", ['["2024-05-20T09:00:00+02:00"]', '{"@type": "Date", "@value": "2024-05-20T09:00:00+02:00"}']
)
def test_json_ld_dates_in_lists_and_objects(value: str) -> None:
    script = f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": {value}}}</script>'
    assert published(head=script).published_at == NINE


def test_midnight_in_utc_is_that_day() -> None:
    found = published(head=sample_pages.ld(datePublished="2024-05-14T00:00:00Z"))
    assert (found.published_at, found.published_precision) == (dt.datetime(2024, 5, 13, 22, tzinfo=dt.UTC), "day")


def test_a_day_of_upload_after_the_last_change_gives_way_to_what_the_reader_sees() -> None:
    ld = sample_pages.ld(datePublished="2024-05-20", dateModified="2024-05-16")
    assert published(head=ld, top="<p>14.05.2024</p>").published_at == dt.datetime(2024, 5, 13, 22, tzinfo=dt.UTC)
    assert published(head=ld).published_at == dt.datetime(2024, 5, 19, 22, tzinfo=dt.UTC)


def test_the_last_resort_is_a_day_of_the_markup_or_of_a_line_of_its_own() -> None:
    found = published(
        below='<div class="info">Gedruckt von Hafenkurier</div><div class="x">Online seit 14.05.2024</div>'
    )
    assert found.published_at is None
    found = published(below='<footer><div class="stamp">Artikel vom 14.05.2024</div></footer>' + "<p>Impressum</p>" * 9)
    assert (found.published_precision, found.published_at and found.published_at.day) in (("day", 13), (None, None))


def _day(found: Article) -> str | None:
    return found.published_at.astimezone(sample_pages.SOURCE.zone).date().isoformat() if found.published_at else None


def test_a_day_that_the_reader_sees_counts_before_a_later_one_of_the_metadata() -> None:
    uploaded = sample_pages.ld(datePublished="2024-05-19T16:02:46Z")
    found = published(head=uploaded, top="<p>14. Mai 2024</p>")
    assert (_day(found), found.published_from) == ("2024-05-14", "page")
    # a later one is that of a change
    older = sample_pages.ld(datePublished="2024-05-10T16:02:46Z")
    assert _day(published(head=older, top="<p>14. Mai 2024</p>")) == "2024-05-10"
    # several days, a change, an event and a sentence decide nothing
    for top in (
        "<p>14. Mai 2024</p><p>12. Mai 2024</p>", "<p>Aktualisiert: 14. Mai 2024</p>", "<p>Termin: 14. Mai 2024</p>",
        "<p>Der Rat hatte das schon am 14. Mai 2024 entschieden.</p>",
        "<blockquote><p>— Ole Brodersen 14. Mai 2024</p></blockquote>",
    ):  # fmt: skip
        assert _day(published(head=uploaded, top=top)) == "2024-05-19"


def test_a_time_element_shows_its_day_and_what_is_beside_it_another() -> None:
    uploaded = sample_pages.ld(datePublished="2024-05-19T16:02:46Z")
    same, earlier = (f'<time datetime="2024-05-{day}T09:00:00Z">{day}. Mai 2024</time>' for day in (19, 14))
    for top, day in (
        (f"<p>{same} 2 Kommentare</p>", "2024-05-19"), (f"<p>{earlier} 2 Kommentare</p>", "2024-05-14"),
        (f"<p>{same}</p><p>14. Mai 2024</p>", "2024-05-19"),
        (f"<p>Aktualisiert: {same}</p><p>14. Mai 2024</p>", "2024-05-14"),
        (f"<p>{same} gestern, 9:00 Uhr</p>", "2024-05-19"),
    ):  # fmt: skip
        assert _day(published(head=uploaded, top=top)) == day, top


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
    assert _day(published(top=top)) == "2024-05-14"


def test_a_date_within_the_headline_is_not_the_articles() -> None:
    title = "Deichlauf am 11. Mai 2024: Nordkrog gewinnt zum vierten Mal"
    html = sample_pages.page(top="<p>14. Mai 2024</p>").replace(sample_pages.TITLE, title)
    assert _day(sample_pages.read(html).article) == "2024-05-14"


def test_a_line_below_the_headline_counts_before_those_above_it() -> None:
    ticker = "<ul><li>Montag, 20. Mai 2024</li></ul>"
    html = sample_pages.page(above=ticker, top="<p>14. Mai 2024</p>")
    assert _day(sample_pages.read(html).article) == "2024-05-14"
    # above it, several days are those of other articles
    others = "<ul><li>[ 18. Mai 2024 ] Regen</li><li>[ 17. Mai 2024 ] Wind</li></ul>"
    assert _day(sample_pages.read(sample_pages.page(above=f"<div><div>{others}</div></div>")).article) is None


def test_marked_dates_of_comments_and_other_articles_are_not_the_articles() -> None:
    comment = '<li class="comment"><time pubdate datetime="2024-05-19T10:00">gestern</time><p>{}</p></li>'
    said = "Das wurde auch Zeit, denn unsere Keller stehen seit Jahren jeden Winter unter Wasser, und keiner hilft uns."
    comments = f"<ol>{comment.format(said) * 3}</ol>"
    assert _day(published(top="<p>14. Mai 2024</p>", below=comments)) == "2024-05-14"
    cards = "".join(f'<p class="x"><time pubdate datetime="2024-05-{n}">{n}.5.</time></p>' for n in (11, 12, 13))
    assert _day(published(top="<p>14. Mai 2024</p>", below=f"<div>{cards}</div>")) == "2024-05-14"


def test_a_date_with_a_label_counts_wherever_it_stands_if_no_other_has_one() -> None:
    filler = "<p>Impressum</p>" * 9
    assert _day(published(below=f"{filler}<ul><li>Datum 14.05.2024</li></ul>")) == "2024-05-14"
    two = "<ul><li>Veröffentlicht 14.05.2024</li><li>Veröffentlicht 13.05.2024</li></ul>"
    assert _day(published(below=filler + two)) is None
    # without a label, but right before that of a change
    assert _day(published(below=f"{filler}<p>14.05.2024. Aktualisiert: 18.05.2024</p>")) == "2024-05-14"
    assert _day(published(below=f"{filler}<p>Aktualisiert: 18.05.2024</p><p>14.05.2024</p>")) == "2024-05-18"


def test_the_day_of_the_last_change_is_the_last_resort_and_never_a_time_of_publication() -> None:
    found = published(below="<p>Impressum</p>" * 9 + "<p>Page last modified 14.05.2024</p>")
    assert (_day(found), found.published_from) == ("2024-05-14", "page")
    found = published(top="<p>14.05.2024</p><p>Aktualisiert 14.05.2024, 11:30 Uhr</p>")
    assert (found.published_precision, _day(found)) == ("day", "2024-05-14")


def test_the_order_of_day_and_month_is_that_of_the_pages_other_dates() -> None:
    others = "<ul><li>02/27/2024</li><li>04/30/2024</li></ul>"
    html = sample_pages.page(top="<p>03/04/2024 by Wiebke Petersen</p>", below=others)
    for language, expected in (("en", "2024-03-04"), ("en-GB", "2024-04-03"), ("de", "2024-04-03")):
        made = sample_pages.read(html.replace('lang="de"', f'lang="{language}"'))
        assert _day(made.article) == expected


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2024/5/4/deich", "2024-05-04"), ("2024/05/14/deich", "2024-05-14"), ("2024/12/19/deich", None),
        ("20240514/deich", "2024-05-14"), ("deich-2024-05-14.html", "2024-05-14"), ("2024/may/4/deich", "2024-05-04"),
        ("2024/0514/deich", "2024-05-14"), ("2024/1/deich", None),
    ],
)  # fmt: skip
def test_days_in_addresses(path: str, day: str | None) -> None:
    assert _day(published(url=f"https://www.hafenkurier.example/{path}")) == day


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("٠٢:٠٠ الثلاثاء ١٤ / ٥ / ٢٠٢٤", "ar"), ("تم نشره الثلاثاء 14 أيار / مايو 2024 09:22 صباحا", "ar"),
        ("۲۵ ارديبهشت ۱۴۰۳ - ۱۸:۵۹", "fa"), ("2024-05-14 20:13 来源: 港口报", "zh"),
    ],
)  # fmt: skip
def test_dates_in_scripts_other_than_latin(line: str, language: str) -> None:
    html = sample_pages.page(top=f"<p>{line}</p>").replace('lang="de"', f'lang="{language}"')
    assert _day(sample_pages.read(html).article) == "2024-05-14"


def dated(stated: str, source: Source) -> Article:
    html = sample_pages.page(sample_pages.lines(), head=sample_pages.ld(datePublished=stated))
    return sample_pages.read(html, source=source, url=f"https://{source.hosts[0]}/2/deich").article


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2024-05-18T22:30:00Z", 19),
        ("2024-05-20T23:30:00-05:00", 21),
        ("2024-05-21T00:30:00+02:00", 21),
        ("2024-05-20T23:30", 20),
        ("2024-05-20", 20),
    ],
)
def test_the_day_of_a_source_is_that_of_its_time_zone(stated: str, day: int) -> None:
    found = dated(stated, Source(slug="hafenkurier", name="Hafenkurier", hosts=["www.hafenkurier.example"]))
    assert found.published_date == dt.date(2024, 5, day)
    assert isinstance(found.published_at, dt.datetime)


@pytest.mark.parametrize(
    ("host", "stated", "day"),
    [
        ("zeitung.de", "2024-05-18T22:30:00Z", 19),  # many systems write UTC
        ("zeitung.de", "2024-05-21T00:30:00+02:00", 21),
        ("zeitung.de", "2024-05-21T00:30", 21),
        ("paper.com", "2024-05-18T22:30:00Z", 18),
        ("paper.com", "2024-05-20T23:30:00-05:00", 20),
        ("paper.com", "2024-05-21T01:30:00+09:00", 21),
        ("paper.com", "2024-05-21", 21),
        ("paper.com", "2024-05-21T00:00:00-05:00", 21),
        ("paper.com", "2024-05-21T00:30", 21),
    ],
)
def test_the_day_of_a_publisher_without_a_file_is_the_stated_one(host: str, stated: str, day: int) -> None:
    assert dated(stated, of_url(f"https://{host}/")).published_date == dt.date(2024, 5, day)


def test_without_a_time_there_is_no_day() -> None:
    assert published().published_date is None


def opened(opening: str) -> Article:
    """An article whose first paragraph begins with an opening."""
    story = [f"{opening}{sample_pages.STORY[0]}", *sample_pages.STORY[1:]]
    return sample_pages.read(sample_pages.page(sample_pages.lines(story))).article


@pytest.mark.parametrize(
    "opening",
    [
        "WUSTERAU (14. Mai 2024) — ", "Wusterau, 14. Mai 2024 – ", "14.05.2024 – ", "(wb) - WUSTERAU, 14 MAI 2024 - ",
        "WUSTERAU, May 14, 2024 /Wusterau Press/ -- ", "WUSTERAU, Mai 14, 2024 (wb)-- ",
    ],
)  # fmt: skip
def test_a_dateline_is_the_day_of_publication(opening: str) -> None:
    found = opened(opening)
    assert (_day(found), found.published_from) == ("2024-05-14", "page")


@pytest.mark.parametrize(
    "opening",
    ["Am 14. Mai 2024 – nach langem Streit – begann es. ", "Seit dem 14. Mai 2024 ist es so weit. ",
     "Die Mühle wurde am 14. Mai 2024 nach langem Streit verkauft – "],
)  # fmt: skip
def test_a_sentence_that_names_a_day_is_no_dateline(opening: str) -> None:
    assert opened(opening).published_at is None


def far(top: str, line: str) -> Article:
    """An article on a page with a line at its top, one between the menus and one far from the headline."""
    menu = "".join(f"<li><a href='/{n}'>Rubrik {n}</a></li>" for n in range(40))
    html = sample_pages.page().replace("<body>", f"<body><div class='now'>{top}</div><ul>{menu}</ul>")
    html = html.replace("</article>", f"</article><ul>{menu}</ul>{line}<ul>{menu}</ul>")
    assert (top or line) in html
    return sample_pages.read(html).article


def test_the_only_day_of_a_page_counts_wherever_it_stands() -> None:
    found = far("", "<div>14.05.2024 10:30</div>")
    assert (found.published_at, found.published_precision) == (dt.datetime(2024, 5, 14, 8, 30, tzinfo=dt.UTC), "minute")
    assert _day(far("", "<div>Dienstag, 14.05.2024</div>")) == "2024-05-14"
    address = "Adresse: www.hafenkurier.example/region/umwelt/news/2024/11485787.html"
    assert _day(far("", f"<div>{address} 10:30 14.05.2024 Druckansicht | Ansicht für Telefone</div>")) == "2024-05-14"
    assert far("", "<div>14.05.2024</div><div>15.05.2024</div>").published_at is None


def test_the_present_day_at_the_top_of_a_page_is_not_the_articles() -> None:
    assert far("Mittwoch, 15.05.2024", "").published_at is None
    assert _day(far("Mittwoch, 15.05.2024", "<div>14.05.2024</div>")) == "2024-05-14"
    assert _day(far("23:53:45 ¤ 15. Mai 2024", "<p>15.05.2024</p><div>14.05.2024</div>")) == "2024-05-14"


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
    if _may_hold_date(line, without_minutes=True):
        return
    now = dt.datetime(2024, 5, 20, 12, tzinfo=dt.UTC)
    for found in dates.find_in_text(line, zone=ZoneInfo("Europe/Berlin"), now=now, language=language):
        assert now - found.moment.at <= dt.timedelta(minutes=99)


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
    if _may_hold_date(_without_day(line, ("14.05.2024", "2024-05-14")), without_minutes=True):
        return
    zone = ZoneInfo("Europe/Berlin")
    now = dt.datetime(2024, 5, 14, 12, tzinfo=dt.UTC)
    for found in dates.find_in_text(line, zone=zone, now=now, language=language):
        assert found.moment.at.astimezone(zone).date() >= dt.date(2024, 5, 14)
