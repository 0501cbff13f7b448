"""What the noise rules may look at."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urldefrag, urljoin

from lxml.html import HtmlElement

from klartext.extract import word_lists
from klartext.extract.blocks import Block, hints, is_link
from klartext.urls import registered_domain

_NEAR = 40
"""Lines below a heading that are looked at: a page can have thousands of headings and no text."""
_STATED = 12
"""Letters of a heading that is not found in the text of the JSON-LD by chance."""


@dataclasses.dataclass(slots=True)
class PageContext:
    """A page as the noise rules see it: its blocks, the container of the text, the headline, and counts of these."""

    page: list[Block]
    container: HtmlElement
    headlines: list[str]
    body: str = ""
    """The letters of the text as the page's JSON-LD gives it; empty where it does not."""
    authors: list[str] = dataclasses.field(default_factory=list)
    disbelieved: list[str] = dataclasses.field(default_factory=list)

    first: int = 0
    weights: dict[HtmlElement, int] = dataclasses.field(default_factory=dict)
    total: int = 0
    said: str = ""
    """The letters of what is kept, a block a line, as it is when the rule about repeated lines begins."""
    copies: frozenset[Block] = frozenset()
    """The blocks of a second copy of the text."""
    names: dict[HtmlElement, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    times: Counter[str] = dataclasses.field(default_factory=Counter)
    usual: tuple[str, str | None] | None = None
    """How most of the text is built: tag and class."""
    paragraphs: dict[HtmlElement, bool] = dataclasses.field(default_factory=dict)
    """Boxes by whether they hold paragraphs of the text."""
    link_lists: dict[HtmlElement, bool] = dataclasses.field(default_factory=dict)
    """Lists by whether their items are links."""
    url: str = ""
    inputs: Sequence[HtmlElement] = ()
    """The fields of the page's forms."""
    sign_ups: frozenset[HtmlElement] = frozenset()
    """Elements near around a field for an email address."""
    polls: frozenset[HtmlElement] = frozenset()
    """Elements near around a choice of answers."""
    without: frozenset[str] = frozenset()
    """Rules that are left out."""
    _is_of_articles: bool | None = None
    _with_text: set[HtmlElement] | None = None

    def __post_init__(self) -> None:
        kept = self.kept
        prose = [block for block in kept if is_prose_like(block)]
        self.first = prose[0].index if prose else 0
        kinds = Counter[tuple[str, str | None]]()
        for block in prose:
            kinds[block.kind] += block.size
        self.usual = max(kinds, key=lambda k: kinds[k], default=None)
        self.times = Counter(block.key for block in self.page)
        self.sign_ups = _near([field for field in self.inputs if _asks_for_email(field)])
        self.polls = _near([field for field in self.inputs if field.get("type") == "radio"])
        for block in kept:
            size = len(block.text)
            self.total += size
            for element in around(block, self.container):
                self.weights[element] = self.weights.get(element, 0) + size

    def named(self, element: HtmlElement) -> tuple[str, ...]:
        """The rules that the words of an element's class and id stand for."""
        rules = self.names.get(element)
        if rules is None:
            rules = self.names[element] = word_lists.rules_of_names(hints(element))
        return rules

    def holds_much(self, element: HtmlElement) -> bool:
        """Whether an element holds so much of the text that it is no box beside it: a fifth, or a third where its tag
        or role says that it is one."""
        size = self.weights.get(element, 0)
        if size * 5 <= self.total:
            return False
        return size * 3 > self.total or not (element.tag == "aside" or element.get("role") == "complementary")

    def holds_text(self, element: HtmlElement) -> bool:
        """Whether an element holds running text that is built like most of it and was kept when this was first asked of
        any."""
        if self._with_text is None:
            texts = [b for b in self.page if b.keep and b.kind == self.usual and is_prose_like(b)]
            self._with_text = {above for block in texts for above in block.around}
        return element in self._with_text

    def holds_paragraphs(self, element: HtmlElement) -> bool:
        """True if a box holds paragraphs built like most of the text, and few links: it is a part of the text that has
        a misleading name, or was not closed."""
        known = self.paragraphs.get(element)
        if known is None:
            inside = [b for b in self.page if element in b.around]
            like = [b for b in inside if b.kind == self.usual and is_prose_like(b)]
            size = sum(b.size for b in inside)
            known = len(like) > 1 and sum(b.size for b in like) > 400 and sum(b.linked for b in inside) < 0.15 * size
            self.paragraphs[element] = known
        return known

    @property
    def is_of_articles(self) -> bool:
        """True if a part of the text is an ``article`` within another: then such an element says nothing."""
        if self._is_of_articles is None:
            inner = {e for b in self.kept for e in around(b, self.container) if e.tag == "article"}
            self._is_of_articles = any(map(self.holds_paragraphs, inner))
        return self._is_of_articles

    def leads_within(self, element: HtmlElement) -> bool:
        """True if the first link below an element leads to a place on this page or to another page of the same site."""
        link = next((a for a in element.iter("a") if a.get("href")), None)
        return link is not None and self._same_site(link)

    def leads_on(self, block: Block) -> bool:
        """True if a block's link leads to a page of the same site."""
        link = _link_of(block)
        return link is not None and self._same_site(link)

    def leads_here(self, block: Block) -> bool:
        """True if a block's link leads to a place on this page, by the whole address."""
        link = _link_of(block)
        return link is not None and is_same_page(str(link.get("href")), self.url)

    def _same_site(self, link: HtmlElement) -> bool:
        return is_same_site(str(link.get("href")), self.url)

    @property
    def kept(self) -> list[Block]:
        return [block for block in self.page if block.keep]


def _near(fields: Iterable[HtmlElement]) -> frozenset[HtmlElement]:
    """The elements around fields, up to the fifth."""
    return frozenset(above for field in fields for above in itertools.islice(field.iterancestors(), 5))


def _asks_for_email(field: HtmlElement) -> bool:
    """True for a field for an email address, by its type or by what it is called."""
    kind = (field.get("type") or "text").lower()
    if kind != "text":
        return kind == "email"
    return any("mail" in (field.get(name) or "").lower() for name in ("name", "id", "placeholder", "autocomplete"))


def is_same_site(target: str, url: str) -> bool:
    """True if a link's target is on the site of a page."""
    target = target.strip()
    if not target.startswith(("http:", "https:", "//")):
        return True
    try:
        return registered_domain(urljoin(url, target)) == registered_domain(url)
    except ValueError:
        return False


def is_same_page(target: str, url: str) -> bool:
    """True if a link's target is a place on the page itself."""
    try:
        page, place = urldefrag(urljoin(url, target.strip()))
    except ValueError:
        return False
    return bool(place) and page == urldefrag(url).url


def _link_of(block: Block) -> HtmlElement | None:
    """The first link below a block or near around it, else the one that it stands in."""
    link = next((a for e in block.around[:4] for a in e.iter("a") if is_link(a)), None)
    return link if link is not None else next((e for e in block.around if is_link(e)), None)


def is_sentence(text: str) -> bool:
    bare = text.rstrip("\"“”»«'’)]」』）】")
    return bare.endswith((".", "!", "?", ":", "…", "。", "！", "？", "：", "।", "؟", "۔", "；")) or (
        len(bare) > 60 and "\u0e01" <= bare[-1] <= "\u0e5b"  # Thai ends a sentence with a space
    )


def is_label(block: Block, longest: int) -> bool:
    return len(block.text) < longest and not is_sentence(block.text)


def announces(block: Block) -> bool:
    """True for a line that ends with a colon."""
    return block.text.endswith((":", "："))


def around(block: Block, container: HtmlElement) -> Iterator[HtmlElement]:
    """The block's element and those around it, up to the container, which is not among them."""
    for element in block.around:
        if element is container:
            return
        yield element


def is_prose_like(block: Block) -> bool:
    return block.is_prose and is_sentence(block.text) and not block.is_heading


def text_below(context: PageContext, heading: Block) -> Block | None:
    """The running text that a heading has near below it, before the next one that has lines below it; None without."""
    lines = False
    for block in context.page[heading.index + 1 : heading.index + 1 + _NEAR]:
        if not block.keep:
            continue
        if is_prose_like(block):
            return block
        if block.is_heading and lines:
            return None
        lines = lines or not block.is_heading
    return None


def is_stated(context: PageContext, block: Block) -> bool:
    """True for running text or a heading that the page's JSON-LD has as the article's."""
    if not context.body or not ((block.is_heading and not block.links) or block.is_prose):
        return False
    return len(block.key) >= _STATED and block.key in context.body


def remove(context: PageContext, blocks: Iterable[Block], name: str) -> None:
    """Takes blocks out by a rule, unless that is left out."""
    if name not in context.without:
        for block in blocks:
            block.decide(False, name)
