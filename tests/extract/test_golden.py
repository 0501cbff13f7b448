"""Every page of the newsroom as its gold says, over HTTP, with the rules of its source and without."""

from __future__ import annotations

import datetime as dt
import json
import re
import statistics
import urllib.request
from collections import Counter
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import newsroom
from klartext import model, sources
from klartext.extract.page import Extraction, extract
from klartext.model import Article, Capture
from klartext.sources import Source
from klartext.warc.reader import Page, payload_digest
from newsroom.model import HERE

GOLD = {
    line["name"]: (path.name.partition(".")[0], line)
    for path in sorted((HERE / "gold").glob("*.jsonl"))
    for line in map(json.loads, path.read_text("utf-8").splitlines())
}


def fetched(url: str, moment: dt.datetime) -> Page:
    """A page of the press as it was at a moment."""
    asked = urllib.request.Request(url, headers={"Accept-Datetime": format_datetime(moment, usegmt=True)})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        body, kind = answer.read(), answer.headers.get("Content-Type", "")
    place = Capture(file="raw/press.warc.gz", offset=0, digest=payload_digest(body))
    return Page(url=url, fetched_at=moment, status=200, content_type=kind, body=body, capture=place)


class Reader:
    """Gives what extraction makes of a gold line's page; each page is asked for and read once."""

    def __init__(self, press: newsroom.Press, known: dict[str, Source]) -> None:
        self.press, self.known = press, known
        self.made: dict[tuple[str, bool], Extraction] = {}

    def __call__(self, name: str, generic: bool = False) -> Extraction:
        if (name, generic) not in self.made:
            slug, line = GOLD[name]
            url = self.press.url(slug, urlsplit(line["url"]).path)
            page = fetched(url, dt.datetime.fromisoformat(line["fetched_at"]))
            self.made[name, generic] = extract(page, self.known[slug], generic=generic)
        return self.made[name, generic]


@pytest.fixture(scope="module")
def reader(press: newsroom.Press, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder: Path = press.sources(tmp_path_factory.mktemp("press-sources"))
    return Reader(press, sources.load([sources.DEFAULT_DIRECTORIES, folder]))


def people(article: Article) -> list[str]:
    """The authors who are people: a service that the page itself names as the author stands among them, too."""
    return [name for name in article.authors if name not in article.agencies]


@pytest.mark.parametrize("name", GOLD)
def test_a_page_with_its_sources_rules_is_what_a_careful_reader_takes(reader: Reader, name: str) -> None:
    slug, gold = GOLD[name]
    article = reader(name).article
    assert article.title in gold["titles"]
    assert article.lead == (gold["lead"][0] if gold["lead"] else None)
    neutral = tuple(gold["neutral"])
    assert [line for line in article.text.split("\n") if not (neutral and line.startswith(neutral))] == gold["lines"]
    assert people(article) == gold["authors"]
    assert article.published_at == dt.datetime.fromisoformat(gold["published_at"])
    assert article.published_precision == "second"
    assert article.topics == gold["topics"]
    assert article.publisher == reader.known[slug].name
    assert article.rules != "generic"


@pytest.mark.parametrize("name", GOLD)
def test_no_required_field_is_empty(reader: Reader, name: str) -> None:
    article = reader(name).article
    assert [field for field in model.required(Article) if getattr(article, field) in (None, "", [])] == []
    assert article.language == "de"
    assert article.article_id.startswith(GOLD[name][0])
    assert article.word_count == len(re.findall(r"\w+", f"{article.lead or ''} {article.text}"))


def data(name: str) -> newsroom.Article:
    """The press's own record of a page's version, which knows more than the gold."""
    slug, line = GOLD[name]
    site = next(site for site in newsroom.load() if site.slug == slug)
    found = site.find(urlsplit(line["url"]).path, dt.datetime.fromisoformat(line["fetched_at"]))
    assert found is not None
    return found


@pytest.mark.parametrize("name", GOLD)
def test_agencies_access_and_change_are_as_the_press_has_them(reader: Reader, name: str) -> None:
    known, article = data(name), reader(name).article
    assert article.agencies == known.agencies
    assert (article.access == "paid") == (known.access == "paid")
    assert article.kicker == known.kicker
    if known.modified:
        assert article.modified_at == known.modified.astimezone(dt.UTC)


def test_all_eight_teasers_of_a_kontorblatt_page_are_rows_and_its_own_card_is_marked(reader: Reader) -> None:
    marked = 0
    for name, (slug, _) in GOLD.items():
        if slug == "kontorblatt":
            cards = reader(name).teasers
            assert [card.position for card in cards] == [1, 2, 3, 4, 5, 6, 7, 8]
            assert all(card.title and card.text and card.section and card.target_url for card in cards)
            own = [card for card in cards if card.is_self]
            assert len(own) == data(name).self_card
            assert all(card.target_url == reader(name).article.canonical_url for card in own)
            marked += len(own)
    assert marked, "there are pages with a card of their own"


def test_not_a_line_of_a_teaser_is_in_an_articles_text(reader: Reader) -> None:
    assert sum(len(reader(name).teasers) for name in GOLD) > 100
    for name in GOLD:
        made = reader(name)
        lines = set(made.article.text.split("\n"))
        for card in made.teasers:
            assert not {card.title, card.text} & lines
            if card.text and not card.is_self:
                assert card.text.rstrip(".") not in made.article.text


def test_a_teasers_date_never_becomes_the_articles(reader: Reader) -> None:
    names = [name for name, (slug, _) in GOLD.items() if slug == "kontorblatt"]
    assert any(reader(name).teasers for name in names)
    for name in names:
        for generic in (False, True):
            article = reader(name, generic).article
            assert article.published_at == data(name).published.astimezone(dt.UTC)
            assert article.published_from == "jsonld"


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Every four words in a row."""
    words = re.findall(r"\w+", text.lower())
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def f1(made: str, gold: str) -> float:
    have, want = shingles(made), shingles(gold)
    return 2 * (have & want).total() / (have.total() + want.total())


def test_the_scorer_tells_good_from_bad() -> None:
    assert f1("eins zwei drei vier fünf", "Eins, zwei, drei, vier, fünf!") == 1
    assert f1("eins zwei drei vier", "fünf sechs sieben acht") == 0
    assert f1("a b c d e f g h", "a b c d e") == pytest.approx(2 * 2 / (5 + 2))


def whole(lead: str | None, text: str) -> str:
    return f"{lead or ''}\n{text}"


def test_without_any_rules_the_text_is_nearly_the_same(reader: Reader) -> None:
    scores = {}
    for name, (_, gold) in GOLD.items():
        article = reader(name, generic=True).article
        assert article.rules == "generic"
        wanted = whole(gold["lead"][0] if gold["lead"] else None, "\n".join(gold["lines"]))
        scores[name] = f1(whole(article.lead, article.text), wanted)
    assert statistics.mean(scores.values()) >= 0.97, sorted(scores.items(), key=lambda item: item[1])[:5]
    assert min(scores.values()) >= 0.85, min(scores, key=lambda name: scores[name])


def test_without_any_rules_headline_and_time_are_right(reader: Reader) -> None:
    made = {name: reader(name, generic=True).article for name in GOLD}
    assert [name for name, article in made.items() if article.title not in GOLD[name][1]["titles"]] == []
    wanted = {name: dt.datetime.fromisoformat(gold["published_at"]) for name, (_, gold) in GOLD.items()}
    assert [name for name, article in made.items() if article.published_at != wanted[name]] == []
    # where nobody signs, two of the houses name themselves in their JSON-LD, and no rule says where authors stand
    houses = {"Kontorblatt Redaktion", "telex8 NACHRICHTEN"}
    named = {name: [author for author in people(article) if author not in houses] for name, article in made.items()}
    assert [name for name, authors in named.items() if authors != GOLD[name][1]["authors"]] == []
