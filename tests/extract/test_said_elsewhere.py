"""A page that says no time of its own takes the one that its feed or sitemap gave."""

import dataclasses
import datetime as dt

from klartext.extract import page as pages
from klartext.model import Capture
from klartext.sources import Source
from klartext.warc.reader import Page

BODY = (
    "<html><head><title>Ein Dorf baut seine Brücke selbst</title></head><body><article>"
    "<h1>Ein Dorf baut seine Brücke selbst</h1>"
    + "".join(
        f"<p>Im {n}. Jahr nach dem Hochwasser haben die Leute von Ahlbeck beschlossen, nicht länger auf das Amt zu "
        "warten. Sie kauften Holz, liehen sich einen Kran und fingen an einem Samstag an.</p>"
        for n in range(2, 7)
    )
    + "</article></body></html>"
)
PAGE = Page(
    url="https://www.ahlbecker-bote.example/orte/bruecke",
    fetched_at=dt.datetime(2024, 5, 16, 8, tzinfo=dt.UTC),
    status=200,
    content_type="text/html; charset=utf-8",
    body=BODY.encode(),
    capture=Capture(file="f", offset=0, digest="d"),
    published="2024-05-15T17:31:00+02:00",
)
SOURCE = Source(slug="bote", name="Ahlbecker Bote", hosts=["www.ahlbecker-bote.example"])


def test_the_sitemaps_time_is_taken_and_named() -> None:
    article = pages.extract(PAGE, SOURCE).article
    assert article.published_at == dt.datetime(2024, 5, 15, 15, 31, tzinfo=dt.UTC)
    assert article.published_from == "sitemap"


def test_the_pages_own_time_counts_before_it() -> None:
    own = BODY.replace("</h1>", '</h1><time datetime="2024-05-14T09:02:03+02:00">14. Mai</time>')
    article = pages.extract(dataclasses.replace(PAGE, body=own.encode()), SOURCE).article
    assert article.published_at == dt.datetime(2024, 5, 14, 7, 2, 3, tzinfo=dt.UTC)
    assert article.published_from == "page"


def test_nothing_said_is_nothing_known() -> None:
    article = pages.extract(dataclasses.replace(PAGE, published=None), SOURCE).article
    assert (article.published_at, article.published_precision, article.published_from) == (None, None, None)
