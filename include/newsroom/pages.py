"""Pages as HTML: the site's template, filled for one moment."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from newsroom.blocks import inline, plain
from newsroom.model import HERE, ZONE, Article, Card, Site

MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()


def local(moment: dt.datetime, form: str) -> str:
    """A moment at the publisher's place; ``%B`` is the month's German name."""
    moment = moment.astimezone(ZONE)
    return moment.strftime(form.replace("%B", MONTHS[moment.month - 1]).replace("%-d", str(moment.day)))


def shorten(text: str, length: int = 130) -> str:
    """The beginning of a text, cut at a word and dotted, as teaser boxes show it."""
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + "..."


def obfuscated(text: str) -> str:
    """Text that only a script makes readable: base64 of its latin-1 bytes."""
    return base64.b64encode(text.encode("latin-1")).decode()


def fingerprint(text: object) -> str:
    """A stable stand-in for the hashes with which sites mark their boxes."""
    return hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest()


def as_json(value: Any) -> Markup:
    """A JSON string literal for a script element, without its quotes; ``<`` cannot end the script."""
    return Markup(json.dumps(value, ensure_ascii=False)[1:-1].replace("<", "\\u003c"))


@functools.cache
def environment(folder: Path) -> jinja2.Environment:
    """The Jinja environment of a folder of templates, in which an undefined name is an error."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    found.filters.update(
        inline=inline, plain=plain, local=local, shorten=shorten, obfuscated=obfuscated, fingerprint=fingerprint,
        json=as_json, quoted=lambda text: quote(text, safe=""),
    )  # fmt: skip
    return found


def cards(site: Site, article: Article, moment: dt.datetime, number: int) -> list[Article | Card]:
    """Teasers for a page: the site's other pages of then, newest first, filled up with older cards.

    On a page with ``self_card`` the third one is the page itself.
    """
    others: Sequence[Article | Card] = [a for a in site.as_of(moment) if a.path != article.path and a.in_gold]
    found = [*others[: number - 2], *site.cards, *others[number - 2 :]][:number]
    if article.self_card:
        found[2] = article
    return found


def render(site: Site, article: Article, base: str, moment: dt.datetime) -> bytes:
    """A page as it is served. What the article's charset cannot hold stands as a character reference."""
    html = environment(HERE / "sites" / site.slug).get_template(article.template).render(
        site=site,
        article=article,
        base=base,
        url=base + article.path,
        moment=moment,
        cards=lambda number: cards(site, article, moment, number),
        section=site.sections.get(article.section, article.section),
    )  # fmt: skip
    return html.encode(article.charset, "xmlcharrefreplace")


def render_home(site: Site, base: str, moment: dt.datetime, section: str | None = None) -> bytes:
    """The home page, or the page of a section: links to what was there at that moment."""
    pages = [a for a in site.as_of(moment) if section in (None, a.section)]
    template = environment(HERE / "sites").get_template("home.html.j2")
    return template.render(site=site, base=base, pages=pages, section=site.sections.get(section or "")).encode()
