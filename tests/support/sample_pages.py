"""A paper of our own for the tests: pages built as news sites build theirs, around one story."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from klartext.extract.page import Extraction, extract
from klartext.model import Capture
from klartext.sources import Source
from klartext.warc.reader import Page

URL = "https://www.hafenkurier.example/region/deich-in-nordkrog-4711.html"
FETCHED = dt.datetime(2024, 5, 20, 12, tzinfo=dt.UTC)
SOURCE = Source(slug="hafenkurier", name="Hafenkurier", hosts=["www.hafenkurier.example"])

KICKER = "Küstenschutz"
TITLE = "In Nordkrog soll der Deich nun doch zwei Meter wachsen"
LEAD = "Nach acht Jahren Streit haben sich Gemeinde und Land geeinigt. Die Schafe müssen für drei Sommer umziehen."
STORY = [
    "Als Bürgermeisterin Gesa Thomsen am Montagabend den Plan an die Wand heftete, blieb es im Saal der alten Schule "
    "zunächst still. Auf dem Blatt war der Deich von Nordkrog zu sehen, wie er in sechs Jahren aussehen soll: zwei "
    "Meter höher, oben flach und breit genug für einen Radweg.",
    "„Wir haben lange genug auf das Wasser gewartet“, sagte Thomsen. Die Sturmflut vom Januar habe auch die letzten "
    "Zweifler überzeugt. Damals stand die See keine Handbreit unter der Krone, und die Feuerwehr schleppte eine Nacht "
    "lang Sandsäcke an das Siel.",
    "Der Klei kommt vom anderen Ufer",
    "Rund 310.000 Kubikmeter schwerer Boden sind für das Bauwerk nötig. Er soll nicht wie früher neben dem Deich "
    "abgegraben werden, sondern mit Schuten vom anderen Ufer kommen. Das ist teurer, schont aber die Wiesen, auf "
    "denen im Herbst die Gänse rasten.",
    "Das Land übernimmt neun Zehntel der Kosten, die ein Gutachter auf 41 Millionen Euro schätzt. Den Rest tragen der "
    "Deichverband und die Gemeinde, die dafür ihr Schwimmbad ein Jahr später sanieren will als geplant.",
    "Am schwersten trifft die Sache den Schäfer Ole Brodersen. Seine 800 Tiere halten seit vier Generationen das Gras "
    "auf dem Deich kurz und treten den Boden fest. Während gebaut wird, dürfen sie nicht hinauf. „Ich habe Flächen "
    "hinter dem Kirchspiel gepachtet“, sagt er, „aber ein Schaf ist auf der Marsch nicht zu Hause.“",
    "Erste Schuten im kommenden Frühjahr",
    "Begonnen wird im März am östlichen Ende, wo der Boden am weichsten ist. Dort drücken die Ingenieure zunächst "
    "Dochte aus Kunststoff in den Untergrund, durch die das Wasser entweichen kann. Erst wenn er sich gesetzt hat, "
    "wird die erste Lage Klei aufgebracht.",
    "Thomsen hofft, dass der Radweg bis zum Jubiläum des Ortes fertig wird. Vor 400 Jahren ging das erste Nordkrog in "
    "einer einzigen Nacht unter; eine Glocke, die man später im Watt fand, hängt noch heute in der Kirche.",
]
HEADINGS = (STORY[2], STORY[6])


def ld(**more: Any) -> str:
    """A JSON-LD script of a news article."""
    thing = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, **more}
    return f'<script type="application/ld+json">{json.dumps(thing, ensure_ascii=False)}</script>'


def lines(story: Sequence[str] = STORY, *, at: int = 5, inside: str = "", after: str = "", p: str = "p") -> str:
    """The story as markup, with something put in before the paragraph ``at`` and behind the last one."""
    made = []
    for place, line in enumerate(story):
        if place == at:
            made.append(inside)
        made.append(f"<h2>{line}</h2>" if line in HEADINGS else f"<{p}>{line}</{p}>")
    return "\n".join([*made, after])


def _semantic(above: str, top: str, body: str, below: str) -> str:
    return f"""<body><header class="site-header"><a href="/">Hafenkurier</a>
<nav><ul><li><a href="/region">Region</a></li>
<li><a href="/sport">Sport</a></li><li><a href="/kultur">Kultur</a></li></ul></nav></header>
<main><article class="article"><header class="article-head">{above}<h1>{TITLE}</h1>{top}</header>
<div class="article-body">{body}</div></article>{below}</main>
<footer><ul><li><a href="/impressum">Impressum</a></li>
<li><a href="/datenschutz">Datenschutz</a></li></ul></footer></body>"""


def _bare(above: str, top: str, body: str, below: str) -> str:
    return f"""<body id="kurier"><div id="top"><a href="/">Hafenkurier</a> <a href="/region">Region</a>
<a href="/sport">Sport</a></div><div id="wrap"><div class="spalte">{above}<div class="titel"><h1>{TITLE}</h1></div>
<div class="kopf">{top}</div><div class="inhalt">{body}</div></div>{below}</div>
<div id="bottom"><a href="/impressum">Impressum</a> <a href="/datenschutz">Datenschutz</a></div></body>"""


def _flat(above: str, top: str, body: str, below: str) -> str:
    return f"""<body><div class="page"><nav><a href="/region">Region</a><a href="/sport">Sport</a></nav>
<article class="c-story">{above}<h1>{TITLE}</h1>{top}{body}</article>{below}</div>
<footer><p>Hafenkurier</p></footer></body>"""


HOUSES = {"semantic": _semantic, "bare": _bare, "flat": _flat}
"""Three ways in which sites build their pages: with HTML's own elements, with div alone, all in one element."""


def page(
    body: str | None = None, *, house: str = "semantic", head: str = "", above: str = "", top: str = "", below: str = ""
) -> str:
    """A whole page. ``above`` the headline, ``top`` between it and the text, ``below`` the article."""
    inner = HOUSES[house](above, top, lines() if body is None else body, below)
    return (
        f'<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>{TITLE}</title>{head}</head>{inner}</html>'
    )


def capture(
    html: str | bytes,
    *,
    url: str = URL,
    type: str = "text/html; charset=utf-8",
    fetched: dt.datetime = FETCHED,
    status: int = 200,
    offset: int = 0,
) -> Page:
    body = html.encode() if isinstance(html, str) else html
    place = Capture(file="raw/test.warc.gz", offset=offset, digest="sha1:TEST")
    return Page(url=url, fetched_at=fetched, status=status, content_type=type, body=body, capture=place)


def read(
    html: str | bytes, *, url: str = URL, source: Source = SOURCE, without: Sequence[str] = (), **how: Any
) -> Extraction:
    """What extraction makes of a page."""
    return extract(capture(html, url=url, **how), source, without=without)


def text(made: Extraction) -> list[str]:
    return made.article.text.split("\n")


def rules_of(made: Extraction, words: str) -> set[str]:
    """The rules that took the lines in which words stand."""
    return {line.rule for line in made.lines if words in line.text and not line.keep}
