"""Every line of a page with what decided on it: what a person wants to see when a publisher breaks."""

from __future__ import annotations

import dataclasses

from lxml.html import HtmlElement

from klartext.extract.blocks import Block, blocks

Line = tuple[bool, str, str]
"""Whether a line was kept, the rule that decided, and the line."""

OUTSIDE = "outside-container"
"""The rule of a line that was not looked at, as the source's rules name a container of the text."""


@dataclasses.dataclass(slots=True)
class Reading:
    """What was read of a page: the lines of its ``frame`` with what was decided, and the containers that rules name."""

    lines: list[Block]
    frame: HtmlElement
    named: list[HtmlElement]


def looked_at(reading: Reading) -> list[Line]:
    """The lines that were decided on."""
    return [(block.keep, block.rule, block.text) for block in reading.lines]


def whole(reading: Reading) -> list[Line]:
    """Every line of the page in its order, those outside of the named containers too. It reads the page once more."""
    if not reading.named:
        return looked_at(reading)
    named = set(reading.named)
    told = [
        (block.keep, block.rule or (OUTSIDE if named.isdisjoint(block.around) else ""), block.text)
        for block in reading.lines
    ]
    page = [*reading.frame.iterancestors("body")]
    around = blocks(page[-1]) if page else []
    inside = [block.index for block in around if reading.frame in block.around]
    before, behind = (around[: inside[0]], around[inside[-1] + 1 :]) if inside else ([], [])
    return [*_outside(before), *told, *_outside(behind)]


def _outside(lines: list[Block]) -> list[Line]:
    return [(False, OUTSIDE, block.text) for block in lines]
