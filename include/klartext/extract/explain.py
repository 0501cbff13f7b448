"""Every line of a page with what decided on it, for a person who looks into a publisher's pages."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from lxml.html import HtmlElement

from klartext.extract import main_text
from klartext.extract.blocks import Block, blocks
from klartext.extract.document import Document

OUTSIDE = "outside-container"
"""The rule of a line that was not looked at, as the source's rules name a container of the text."""


class Line(NamedTuple):
    """A line of a page."""

    keep: bool
    """True for a line of the article's text."""
    rule: str
    """The rule that decided; empty for a line that no rule named."""
    text: str
    earlier: tuple[str, ...] = ()
    """The rules that decided before, in their order."""
    alone: bool | None = None
    """True if trafilatura alone takes the line from the whole page; None where it was not asked."""


@dataclasses.dataclass(slots=True)
class Reading:
    """What was read of a page: the lines of its ``frame`` with what was decided, the containers that rules name, and
    the numbers of the selectors that matched, as of :meth:`klartext.extract.rules.Rules.matched`; None for a page that
    is none of the source's."""

    document: Document
    lines: list[Block]
    frame: HtmlElement
    named: list[HtmlElement]
    matched: list[int] | None = None

    @property
    def notes(self) -> list[str]:
        """Stable codes of what could not be read as it stands, such as ``page-too-deep``."""
        return list(self.document.notes)


def decided(reading: Reading) -> list[Line]:
    """The lines that were decided on."""
    return [_line(block, block.rule) for block in reading.lines]


def whole(reading: Reading) -> list[Line]:
    """Every line of the page in its order, those outside of the named containers too, with what trafilatura alone would
    do. It reads the page once more."""
    made = _lines(reading)
    page = blocks(reading.document.body)
    main_text.vote(page, main_text.lines_of_page(reading.document))
    if len(page) != len(made):
        return made
    return [line._replace(alone=block.keep) for line, block in zip(made, page, strict=True)]


def _lines(reading: Reading) -> list[Line]:
    if not reading.named:
        return decided(reading)
    named = set(reading.named)
    inside = [
        _line(block, block.rule or (OUTSIDE if named.isdisjoint(block.around) else "")) for block in reading.lines
    ]
    page = [*reading.frame.iterancestors("body")]
    around = blocks(page[-1]) if page else []
    places = [block.index for block in around if reading.frame in block.around]
    before, behind = (around[: places[0]], around[places[-1] + 1 :]) if places else ([], [])
    return [*_outside(before), *inside, *_outside(behind)]


def _line(block: Block, rule: str) -> Line:
    return Line(block.keep, rule, block.text, tuple(name for _, name in block.earlier))


def _outside(lines: list[Block]) -> list[Line]:
    return [Line(False, OUTSIDE, block.text) for block in lines]
