"""The body of an article file: blocks with an empty line between them.

A block is a paragraph, ``## a subheading``, a list of lines that begin with ``- ``, or something that is not the
article's text: a line ``::: kind`` and its fields as ``name: value`` lines below it. The kinds are ``embed`` (vendor),
``image`` (name, caption, credit), ``quote`` (text, name, role), ``infobox`` (title, text), ``promo`` (title, text),
``related`` (a box of links to other pages), ``ad`` and ``paywall``. Within text: ``[words](address)``, ``**bold**``,
``*italic*``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, get_args

import yaml
from markupsafe import Markup, escape
from pydantic import BaseModel, ConfigDict

Kind = Literal[
    "paragraph", "heading", "list", "embed", "image", "quote", "infobox", "promo", "related", "ad", "paywall"
]
TEXT = ("paragraph", "heading", "list")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_ITALIC = re.compile(r"\*([^*]+)\*")


class Block(BaseModel):
    """A block; ``lines`` is what of it belongs to the article's text, with its markup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    lines: list[str] = []
    fields: dict[str, str] = {}


def plain(text: str) -> str:
    """Text without markup, as a reader sees it."""
    return _ITALIC.sub(r"\1", _BOLD.sub(r"\1", _LINK.sub(r"\1", text)))


def inline(text: str, link: str = '<a href="{href}">{text}</a>') -> Markup:
    """Text as HTML; ``link`` is how the site writes a link within a paragraph."""
    html = str(escape(text)).replace("&#34;", '"')
    html = _LINK.sub(lambda m: link.format(text=m[1], href=m[2]), html)
    return Markup(_ITALIC.sub(r"<i>\1</i>", _BOLD.sub(r"<strong>\1</strong>", html)))


def _blocks(body: str) -> Iterator[Block]:
    for part in filter(None, re.split(r"\n\s*\n", body.strip())):
        first, _, rest = part.partition("\n")
        if first.startswith(":::"):
            kind = first.removeprefix(":::").strip()
            if kind not in get_args(Kind) or kind in TEXT:
                raise ValueError(f"no such block: {first!r}")
            yield Block.model_validate({"kind": kind, "fields": yaml.safe_load(rest) or {}})
        elif first.startswith("## "):
            yield Block(kind="heading", lines=[first.removeprefix("## ")])
        elif first.startswith("- "):
            yield Block(kind="list", lines=[line.removeprefix("- ") for line in part.split("\n")])
        else:
            yield Block(kind="paragraph", lines=[" ".join(part.split())])


def parse(body: str) -> list[Block]:
    """The blocks of a body in order. Raises ValueError for a kind that does not exist."""
    return list(_blocks(body))
