"""When an article was published and changed, as its page says it."""

from __future__ import annotations

import datetime as dt

import pytest

from klartext.model import Article
from klartext.sources import Source, of_url
from support import sample_pages
from support.dated_articles import day_of, published

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


def test_a_time_without_a_zone_is_the_publishers() -> None:
    lisbon = sample_pages.SOURCE.model_copy(update={"time_zone": "Europe/Lisbon"})
    html = sample_pages.page(head=sample_pages.ld(datePublished="2024-05-20T09:00:00"))
    assert sample_pages.read(html, source=lisbon).article.published_at == NINE + dt.timedelta(hours=1)
    assert sample_pages.read(html).article.published_at == NINE


@pytest.mark.parametrize(
    "value", ['["2024-05-20T09:00:00+02:00"]', '{"@type": "Date", "@value": "2024-05-20T09:00:00+02:00"}']
)
def test_json_ld_dates_in_lists_and_objects(value: str) -> None:
    script = f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": {value}}}</script>'
    assert published(head=script).published_at == NINE


@pytest.mark.parametrize("shape", ["{0}", '{{"@type": "ItemList", "itemListElement": [{{"item": {0}}}]}}'])
def test_the_day_of_another_article_in_the_json_ld_is_not_the_articles(shape: str) -> None:
    other = (
        '{"@type": "NewsArticle", "headline": "Die Brücke über die Au wird erneuert", "datePublished": '
        '"2023-01-12T03:04:05Z", "url": "https://www.hafenkurier.example/region/bruecke-12.html"}'
    )
    head = f'<script type="application/ld+json">{shape.format(other)}</script>'
    assert sample_pages.read(sample_pages.page(head=head)).article.published_at is None


@pytest.mark.parametrize("name", ["article:expiration_time", "event:start_time", "dc.rights", "validUntil"])
def test_a_day_that_a_meta_tag_calls_something_else_is_not_the_articles(name: str) -> None:
    head = f'<meta property="{name}" content="2024-05-14T10:30:00+02:00">'
    assert sample_pages.read(sample_pages.page(head=head)).article.published_at is None


@pytest.mark.parametrize(
    "attributes", ['http-equiv="Date"', 'property="x:y" name="date"', 'name="x" property="article:published_time"']
)
def test_a_time_in_a_meta_tag_of_any_kind(attributes: str) -> None:
    found = published(head=f'<meta {attributes} content="Mon, 20 May 2024 07:00:00 GMT">')
    assert (found.published_at, found.published_from) == (NINE, "meta")


def test_midnight_in_utc_is_that_day() -> None:
    found = published(head=sample_pages.ld(datePublished="2024-05-14T00:00:00Z"))
    assert (found.published_at, found.published_precision) == (dt.datetime(2024, 5, 13, 22, tzinfo=dt.UTC), "day")


def test_a_day_of_upload_after_the_last_change_gives_way_to_what_the_reader_sees() -> None:
    ld = sample_pages.ld(datePublished="2024-05-20", dateModified="2024-05-16")
    assert published(head=ld, top="<p>14.05.2024</p>").published_at == dt.datetime(2024, 5, 13, 22, tzinfo=dt.UTC)
    assert published(head=ld).published_at == dt.datetime(2024, 5, 19, 22, tzinfo=dt.UTC)


def test_a_day_that_the_reader_sees_counts_before_a_later_one_of_the_metadata() -> None:
    uploaded = sample_pages.ld(datePublished="2024-05-19T16:02:46Z")
    found = published(head=uploaded, top="<p>14. Mai 2024</p>")
    assert (day_of(found), found.published_from) == ("2024-05-14", "page")
    # a later one is that of a change
    older = sample_pages.ld(datePublished="2024-05-10T16:02:46Z")
    assert day_of(published(head=older, top="<p>14. Mai 2024</p>")) == "2024-05-10"
    # several days, a change, an event and a sentence decide nothing
    for top in (
        "<p>14. Mai 2024</p><p>12. Mai 2024</p>", "<p>Aktualisiert: 14. Mai 2024</p>", "<p>Termin: 14. Mai 2024</p>",
        "<p>Der Rat hatte das schon am 14. Mai 2024 entschieden.</p>",
        "<blockquote><p>— Ole Brodersen 14. Mai 2024</p></blockquote>",
    ):  # fmt: skip
        assert day_of(published(head=uploaded, top=top)) == "2024-05-19"


def test_marked_dates_of_comments_and_other_articles_are_not_the_articles() -> None:
    comment = '<li class="comment"><time pubdate datetime="2024-05-19T10:00">gestern</time><p>{}</p></li>'
    said = "Das wurde auch Zeit, denn unsere Keller stehen seit Jahren jeden Winter unter Wasser, und keiner hilft uns."
    comments = f"<ol>{comment.format(said) * 3}</ol>"
    assert day_of(published(top="<p>14. Mai 2024</p>", below=comments)) == "2024-05-14"
    cards = "".join(f'<p class="x"><time pubdate datetime="2024-05-{n}">{n}.5.</time></p>' for n in (11, 12, 13))
    assert day_of(published(top="<p>14. Mai 2024</p>", below=f"<div>{cards}</div>")) == "2024-05-14"


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2024/5/4/deich", "2024-05-04"), ("2024/05/14/deich", "2024-05-14"), ("2024/12/19/deich", None),
        ("20240514/deich", "2024-05-14"), ("deich-2024-05-14.html", "2024-05-14"), ("2024/may/4/deich", "2024-05-04"),
        ("2024/0514/deich", "2024-05-14"), ("2024/1/deich", None),
    ],
)  # fmt: skip
def test_days_in_addresses(path: str, day: str | None) -> None:
    assert day_of(published(url=f"https://www.hafenkurier.example/{path}")) == day


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
