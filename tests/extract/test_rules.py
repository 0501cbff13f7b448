"""A source's dated rules on pages of their time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import lxml.html
import pytest

from klartext import sources
from klartext.extract import main_text, rules
from klartext.extract.page import Extraction, NoArticle, extract
from klartext.sources import Layout, Source
from support import sample_pages
from support.sample_pages import LEAD, STORY, TITLE

TREE = lxml.html.document_fromstring("""<body><meta name="autor" content=" Wiebke  Petersen ">
<time datetime="2024-05-20">gestern</time><p class="a">Eins</p>
<p class="a"> <b>Zwei</b> </p><p class="a"> </p><p class="b">Drei</p></body>""")


@pytest.mark.parametrize(
    ("css", "wanted"),
    [
        ("p.a", ["Eins", "Zwei"]),
        ("p.b, p.a", ["Eins", "Zwei", "Drei"]),
        ("meta[name=autor]", ["Wiebke Petersen"]),
        ("time", ["2024-05-20"]),
        (".fehlt", []),
        (None, []),
    ],
)
def test_what_a_selector_says(css: str | None, wanted: list[str]) -> None:
    layout = Layout(valid_from=dt.date(2016, 8, 1), section=css)
    assert rules.Rules(TREE, layout).texts("section") == wanted
    assert rules.Rules(TREE, layout).text("section") == next(iter(wanted), None)
    assert rules.Rules(TREE, None).texts("section") == []


def with_rules(*layouts: dict[str, Any]) -> Source:
    dated = [{"valid_from": "2016-08-01", **layout} for layout in layouts]
    return Source.model_validate({**sample_pages.SOURCE.model_dump(), "rules": dated})


def read(
    html: str, *layouts: dict[str, Any], fetched: dt.datetime = sample_pages.FETCHED, generic: bool = False
) -> Extraction:
    return extract(sample_pages.capture(html, fetched=fetched), with_rules(*layouts), generic=generic)


BODY = {"body": [".article-body"]}


def test_only_the_named_container_is_read() -> None:
    other = "".join(f"<p>{line} Noch einmal in anderen Worten, damit die Zeile lang ist.</p>" for line in STORY)
    made = read(sample_pages.page(below=f'<div class="anderer">{other}</div>'), BODY)
    assert sample_pages.text(made) == STORY


def test_the_first_selector_that_finds_anything_names_the_container() -> None:
    assert sample_pages.text(read(sample_pages.page(), {"body": [".frueher", ".article-body", "body"]})) == STORY


def test_several_containers_are_one_text() -> None:
    half = f'<div class="teil">{sample_pages.lines(STORY[:5])}</div><p>Dazwischen steht Werbung.</p>'
    half += f'<div class="teil">{sample_pages.lines(STORY[5:])}</div>'
    assert sample_pages.text(read(sample_pages.page(half), {"body": [".teil"]})) == STORY


def test_short_paragraphs_in_the_container_stay_though_trafilatura_drops_them() -> None:
    story = [*STORY[:5], "Das hält.", *STORY[5:]]
    assert sample_pages.text(read(sample_pages.page(sample_pages.lines(story)), BODY)) == story


@pytest.mark.parametrize(
    ("box", "asked"),
    [
        ("<button>Externen Inhalt anzeigen</button>", 0),
        ("<form><span>Bitte eine Adresse eingeben</span><input type='text'></form>", 0),
        ("<blockquote>Ein Satz, der einem Menschen gehört und hier wiederholt wird.</blockquote>", 1),
    ],
)
def test_trafilatura_is_asked_about_a_container_if_a_line_may_be_the_texts(
    box: str, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    choose = main_text.chosen_lines
    monkeypatch.setattr(
        main_text, "chosen_lines", lambda tree, url, **how: calls.append(url) or choose(tree, url, **how)
    )
    page = sample_pages.page(sample_pages.lines(inside=box)).replace("<body>", "<body><form>")  # as some systems write
    made = read(page.replace("</body>", "</form></body>"), BODY)
    assert len(calls) == asked
    assert [line for line in sample_pages.text(made) if line in STORY] == STORY
    assert "anzeigen" not in made.article.text and "Adresse" not in made.article.text


def test_what_the_rules_remove_is_gone_and_says_so() -> None:
    box = '<div class="kasten"><p>Ein Kasten mit einem Satz, der sonst niemandem auffiele.</p></div>'
    made = read(sample_pages.page(sample_pages.lines(inside=box)), {**BODY, "remove": [".kasten"]})
    assert sample_pages.text(made) == STORY
    assert sample_pages.rules_of(made, "niemandem auffiele") == {"rule .kasten"}


def test_what_the_rules_remove_reaches_into_the_container_not_around_it() -> None:
    assert sample_pages.text(read(sample_pages.page(), {**BODY, "remove": ["main", "article"]})) == STORY


def test_the_page_is_looked_at_up_to_the_headline_that_the_rules_name() -> None:
    html = sample_pages.page(top=f'<h2 class="titel">{TITLE}</h2>', below="<p>Wetter: Regen</p>")
    html = html.replace(f"<h1>{TITLE}</h1>", "").replace('<a href="/">Hafenkurier</a>', "<h1>Hafenkurier</h1>")
    near, far = (read(html, {**BODY, **title}) for title in ({"title": ".titel"}, {}))
    assert (near.article.title, sample_pages.text(near), sample_pages.text(far)) == (TITLE, STORY, STORY)
    assert ["Wetter: Regen" in [b.text for b in made.lines] for made in (near, far)] == [False, True]


def test_every_field_that_rules_can_name() -> None:
    top = f"""<div class="k">Küste</div><div class="t">{TITLE}!</div><div class="l">{LEAD}</div>
    <span class="au">Wiebke Petersen</span><span class="au">Jan Harms</span><i class="s">Region</i>
    <i class="th">Deich</i>
    <i class="th">Schafe</i><i class="th">Deich</i><i class="p">20.05.2024, 10:30 Uhr</i>"""
    layout = {**BODY, "title": ".t", "kicker": ".k", "lead": ".l", "authors": ".au", "section": ".s", "topics": ".th",
              "published": ".p"}  # fmt: skip
    found = read(sample_pages.page(top=top), layout).article
    assert (found.title, found.kicker, found.lead) == (f"{TITLE}!", "Küste", LEAD)
    assert found.authors == ["Wiebke Petersen", "Jan Harms"]
    assert (found.section, found.topics) == ("Region", ["Deich", "Schafe"])
    assert found.published_at == dt.datetime(2024, 5, 20, 8, 30, tzinfo=dt.UTC)
    assert (found.published_precision, found.published_from) == ("minute", "page")
    assert found.rules == "hafenkurier 2016-08-01"


def test_a_lead_that_only_the_description_has() -> None:
    html = sample_pages.page(head=f'<meta name="description" content="{LEAD}">')
    assert read(html, {**BODY, "lead_in_description": True}).article.lead == LEAD
    assert read(html, BODY).article.lead is None


def test_what_the_rules_do_not_find_is_found_without_them() -> None:
    layout = {"body": [".weg"], "title": ".weg", "lead": ".weg", "authors": ".weg", "teasers": []}
    html = sample_pages.page(top=f'<p class="vorspann">{LEAD}</p><p>Von Wiebke Petersen</p>')
    found = read(html, layout).article
    assert (found.title, found.lead, found.authors) == (TITLE, LEAD, ["Wiebke Petersen"])
    assert found.text.split("\n") == STORY


def test_generic_leaves_the_rules_out() -> None:
    html = sample_pages.page(top='<div class="t">Ein anderer Titel, den nur die Regel kennt</div>')
    assert read(html, {"title": ".t"}).article.title == "Ein anderer Titel, den nur die Regel kennt"
    found = read(html, {"title": ".t"}, generic=True).article
    assert (found.title, found.rules) == (TITLE, "generic")


@pytest.mark.parametrize(
    ("fetched", "wanted"),
    [
        ("2015-01-01T00:00:00", "2016-08-01"),
        ("2020-12-31T22:59:59", "2016-08-01"),
        ("2020-12-31T23:00:00", "2021-01-01"),  # midnight at the publisher's place
        ("2024-05-20T12:00:00", "2021-01-01"),
    ],
)
def test_the_rules_of_the_day_at_the_publishers_place(fetched: str, wanted: str) -> None:
    moment = dt.datetime.fromisoformat(fetched).replace(tzinfo=dt.UTC)
    layouts = [{"valid_from": "2016-08-01", "title": ".alt"}, {"valid_from": "2021-01-01", "title": ".neu"}]
    top = '<b class="alt">Wie er früher auf der Seite stand</b><b class="neu">Wie er heute auf der Seite steht</b>'
    found = read(sample_pages.page(top=top), *layouts, fetched=moment).article
    assert found.rules == f"hafenkurier {wanted}"
    assert found.title == (
        "Wie er heute auf der Seite steht" if wanted > "2020" else "Wie er früher auf der Seite stand"
    )


def test_an_empty_container_is_no_text() -> None:
    with pytest.raises(NoArticle) as refusal:
        read(sample_pages.page('<div class="leer"></div>'), {"body": [".leer"]})
    assert refusal.value.reason == "no-text"


OLD_DWN = """<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>{title} | DWN</title>
<meta name="description" content="{lead}"><script type="application/ld+json">{{"@type": "NewsArticle",
"headline": "{title}", "datePublished": "2017-03-02T08:15:22+01:00"}}</script></head><body id="siteid_DWN">
<div class="article section">Wirtschaft</div><div class="article-title"><h1>{title}</h1></div>
<div id="article" data-id="4711"><div class="art-content"><div class="radar-in-article">Mehr zum Thema:
<a href="/tag/1">Deiche</a></div>{body}<aside class="fin2box"><p>Weiterlesen</p><a href="/x">Mehr</a></aside></div>
</div><div id="article_rec">{cards}</div></body></html>"""


def test_a_dwn_page_of_2017_whose_lead_is_only_in_the_description() -> None:
    card = """<div class="newsbox"><span class="edition">DWN</span><a class="section" href="/s">Finanzen</a>
    <a class="title" href="/50{0}/karte">Karte Nummer {0} mit einem Titel</a>
    <p class="flash">Auf Karte {0}.</p></div>"""
    cards = "".join(card.format(n) for n in range(100, 108))
    html = OLD_DWN.format(title=TITLE, lead=LEAD, body=sample_pages.lines(), cards=cards)
    url = "https://deutsche-wirtschafts-nachrichten.de/504711/deich-in-nordkrog"
    page = sample_pages.capture(html, url=url, fetched=dt.datetime(2017, 3, 3, tzinfo=dt.UTC))
    made = extract(page, sources.load([sources.DEFAULT_DIRECTORIES])["dwn"])
    assert (made.article.title, made.article.lead, sample_pages.text(made)) == (TITLE, LEAD, STORY)
    assert made.article.article_id == "dwn:504711"
    assert made.article.section == "Wirtschaft"
    assert made.article.published_at == dt.datetime(2017, 3, 2, 7, 15, 22, tzinfo=dt.UTC)
    assert [card.shown_date for card in made.teasers] == [None] * 8
    assert [card.title for card in made.teasers] == [f"Karte Nummer {n} mit einem Titel" for n in range(100, 108)]
