"""Recognising a page that was served in place of an article: consent, challenge, login, script or error page.

A capture of such a page is no capture of the article, and is asked for again. A page that states to be an article, or
shows the text of one, never is one: the start of an article before a paywall is an article. So what is looked at first
is how the page is built; words in the languages of ``placeholder_words.yaml`` then say which kind it is.
"""

from __future__ import annotations

import dataclasses
import functools
import unicodedata
from urllib.parse import urlsplit

from klartext.extract.blocks import Block
from klartext.extract.document import Document
from klartext.model import PlaceholderReason
from klartext.package_data import read_yaml

SHORT = 700
"""Characters of running text up to which a page can be a placeholder; notices about consent may be longer."""
_NOTHING = 120
"""Characters of visible text up to which a page is empty."""
_NOTICE = 0.6
"""Share of a page's text, without links, in lines about consent from which it is a consent page."""
_LINKS = 40
"""Links at most of a page without navigation, as one about consent or a challenge is; it may name partners."""
_HEADINGS = 6
"""Lines at the top of a page that may be its headline."""
_TITLE = 120
"""Characters of a title at most that is looked at."""
_MARKERS = (
    b"_cf_chl_opt", b"cf-challenge", b"cf_chl_", b"captcha-delivery.com", b"px-captcha", b"_incapsula_resource",
    b"awswafintegration", b"gokuprops", b"awswaf.com", b"ddos-guard/", b"sucuri_cloudproxy_js", b"anubis_challenge",
    b"/.within.website/", b"errors.edgesuite.net", b"perfdrive.com", b"kpsdk", b"smartcaptcha", b"g-recaptcha",
    b"h-captcha", b"cf-turnstile", b"geo.captcha", b"friendlycaptcha", b"/sorry/index",
)  # fmt: skip
"""What the source of a page of the usual services against robots has in it. Pages of articles have some of them too."""
_SCRIPT_ROOTS = frozenset(
    ("root", "app", "__next", "__nuxt", "app-root", "gatsby-focus-wrapper", "svelte", "___gatsby")
)


@dataclasses.dataclass(frozen=True, slots=True)
class Placeholder:
    """The kind of a placeholder, and what it was recognised by."""

    reason: PlaceholderReason
    detail: str


@functools.cache
def _words() -> dict[str, tuple[str, ...]]:
    data = read_yaml(__file__, "placeholder_words.yaml")
    return {kind: tuple(words) for kind, words in data.items()}


def _found(kind: str, texts: list[str]) -> str | None:
    """The first word of a kind in one of the texts, which are in lower case."""
    return next((word for word in _words()[kind] if any(word in text for text in texts)), None)


def find_placeholder(doc: Document, lines: list[Block]) -> Placeholder | None:
    """What the page is a placeholder of; None for a page that may be an article's.

    Args:
        doc: the page.
        lines: its blocks, of the whole page.
    """
    visible = [block for block in lines if not block.hidden]
    prose = sum(block.size for block in visible if block.is_prose and block.link_share < 0.5)
    if prose > SHORT and not _may_be_notice(visible):
        return None
    if doc.states_article:
        return None
    title = _folded(doc.tree.findtext(".//title") or "")[:_TITLE]
    first = [text for block in visible[:_HEADINGS] if len(text := _folded(block.text)) <= _TITLE]
    headings = [title, *(_folded(block.text)[:_TITLE] for block in visible if block.tag in ("h1", "h2"))]
    heads = [*headings, *first]
    is_bare = sum(block.links for block in visible) <= _LINKS
    if (notice := _consent(visible)) is not None:
        return notice
    if prose > SHORT:
        return None
    return (
        _challenge(doc, heads, is_bare)
        or _error(doc, heads)
        or _login(doc, heads if is_bare else headings, visible, is_bare)
        or _script(doc, visible)
    )


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").lower().split())


def _may_be_notice(visible: list[Block]) -> bool:
    """True for a page that can be a consent page: without navigation, and with the words from its beginning."""
    return sum(block.links for block in visible) <= _LINKS and bool(
        _found("consent", [_folded(block.text) for block in visible[:_HEADINGS]])
    )


def _consent(visible: list[Block]) -> Placeholder | None:
    if not _may_be_notice(visible):
        return None
    plain = [block for block in visible if block.link_share < 0.5]
    about = [block for block in plain if _found("consent", [_folded(block.text)])]
    total, share = sum(block.size for block in plain), sum(block.size for block in about)
    if len(about) < 2 or share < _NOTICE * total:
        return None
    return Placeholder("consent-page", f"{share} of {total} characters are about consent")


def _challenge(doc: Document, heads: list[str], is_bare: bool) -> Placeholder | None:
    if (word := _found("challenge", heads)) is not None:
        return Placeholder("challenge-page", f"its title or headline says “{word}”")
    if not is_bare:
        return None  # a short article whose form for comments has such a service
    source = doc.page.body.lower()
    marker = next((marker for marker in _MARKERS if marker in source), None)
    return Placeholder("challenge-page", f"its source has {marker.decode()!r} and next to no text") if marker else None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:  # no address at all
        return ""


def _error(doc: Document, heads: list[str]) -> Placeholder | None:
    if (word := _found("error", heads)) is not None:
        return Placeholder("error-page", f"its title or headline says “{word}”")
    for head in heads:
        if head.strip(" .:!-–—|#") in ("404", "403", "410", "500", "502", "503", "error", "fehler", "not found"):
            return Placeholder("error-page", f"its title or headline is “{head}”")
    if doc.page.seed:
        asked, got = _path(doc.page.seed), urlsplit(doc.page.url)
        if got.path in ("", "/") and not got.query and asked not in ("", "/"):
            return Placeholder("error-page", "the address leads to the front page")
    return None


def _login(doc: Document, heads: list[str], visible: list[Block], is_bare: bool) -> Placeholder | None:
    if not any((field.get("type") or "").lower() == "password" for field in doc.body.iter("input")):
        return None
    word = _found("login", heads)
    if word is None and (not is_bare or sum(block.size for block in visible) > SHORT):
        return None
    return Placeholder("login-page", "it has a field for a password and next to no text")


def _script(doc: Document, visible: list[Block]) -> Placeholder | None:
    """A page whose text a script loads: it says so, or shows nothing."""
    size = sum(block.size for block in visible)
    scripts = len(doc.elements("script"))
    said = [_folded(block.text) for block in visible if block.size <= 400]
    if size <= SHORT and (word := _found("script", said)) is not None:
        return Placeholder("script-page", f"it says “{word}” and next to nothing else")
    if size > _NOTHING or not scripts:
        return None
    unseen = [_folded(element.text_content()) for element in doc.body.iter("noscript")]
    if (word := _found("script", unseen)) is not None:
        return Placeholder("script-page", f"it shows no text, and says “{word}” to browsers without scripts")
    if any((element.get("id") or "").lower() in _SCRIPT_ROOTS for element in doc.body.iter("div", "main", "app-root")):
        return Placeholder("script-page", "it shows no text, which a script loads")
    return None
