"""What the noise rules may look at."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from klartext.extract import word_lists
from klartext.extract.blocks import Block, hints
from klartext.extract.main_text import is_prose


@dataclasses.dataclass(slots=True)
class Scene:
    """What the rules may look at: all blocks of the page, the container, the headline."""

    page: list[Block]
    container: HtmlElement
    headlines: list[str]
    body: str = ""
    """The letters of the text as the page's JSON-LD gives it; empty where it does not."""
    authors: list[str] = dataclasses.field(default_factory=list)
    removed: Counter[str] = dataclasses.field(default_factory=Counter)
    disbelieved: list[str] = dataclasses.field(default_factory=list)

    first: int = 0
    weights: dict[HtmlElement, int] = dataclasses.field(default_factory=dict)
    total: int = 0
    said: str = ""
    """The letters of what is kept, a block a line, as it is when a rule begins."""
    names: dict[HtmlElement, list[str]] = dataclasses.field(default_factory=dict)
    times: Counter[str] = dataclasses.field(default_factory=Counter)
    collapsible: frozenset[str] = frozenset()
    sign_ups: frozenset[HtmlElement] = frozenset()

    def __post_init__(self) -> None:
        self.first = next((block.index for block in self.kept if is_prose_like(block)), 0)
        self.times = Counter(block.key for block in self.page)
        top = self.container.getroottree().getroot()
        asks = (e for e in top.iter("input") if e.get("type") == "email")
        self.sign_ups = frozenset(above for e in asks for above in itertools.islice(e.iterancestors(), 5))
        self.collapsible = frozenset(b.get("aria-controls") for b in top.iter("button") if b.get("aria-controls"))
        for block in self.kept:
            self.total += len(block.text)
            for element in around(block, self.container):
                self.weights[element] = self.weights.get(element, 0) + len(block.text)

    def named(self, element: HtmlElement) -> list[str]:
        """The rules that the words of an element's class and id stand for."""
        rules = self.names.get(element)
        if rules is None:
            known = word_lists.hint_rules()
            rules = self.names[element] = [known[word] for word in sorted(hints(element)) if word in known]
        return rules

    def holds_much(self, element: HtmlElement) -> bool:
        """Whether an element holds so much of the text that it is no box beside it."""
        return self.weights.get(element, 0) * 5 > self.total

    @property
    def kept(self) -> list[Block]:
        return [block for block in self.page if block.keep]


def is_sentence(text: str) -> bool:
    return text.rstrip("\"“”»«'’)]").endswith((".", "!", "?", ":", "…"))


def is_label(block: Block, longest: int) -> bool:
    return len(block.text) < longest and not is_sentence(block.text)


def around(block: Block, container: HtmlElement) -> Iterator[HtmlElement]:
    """The block's element and those around it, up to the container, which is not among them."""
    for element in block.around:
        if element is container:
            return
        yield element


def is_prose_like(block: Block) -> bool:
    return is_prose(block) and is_sentence(block.text) and not block.is_heading


def remove(scene: Scene, blocks: Iterable[Block], name: str) -> None:
    for block in blocks:
        block.keep, block.rule = False, name
        scene.removed[name] += len(block.text)
