"""Interprets robots.txt according to RFC 9309, tolerant of what publishers write.

Read are UTF-8, UTF-16 with or without a byte order mark and Windows-1252, a file that is still gzipped, line ends of
every kind, keys in any case, with white space around them, without a colon or with a typing error, tags of HTML that an
editor has put in, and rules that are whole addresses, quoted, or several on a line.
A group applies if one of the words of its name is the product token of the crawler ("Klartext", "klartext/1.0",
"KlartextBot", "Googlebot, Klartext"). All groups that apply count together, else those for ``*``. The longest rule that
fits decides, ``Allow`` where two are equally long.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from urllib.parse import urlsplit

from klartext.http_body import gunzipped
from klartext.wildcards import as_bytes, matches, normal_path

LONGEST = 512 * 1024
"""Bytes that are read; RFC 9309 requires 500 KiB at least."""
_RULES = 20_000
_PATTERN = 2_000
_INFLATED = 16 * 1024 * 1024
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
_LINE = re.compile(
    r"[\s*>•-]{0,99}+(user agent|crawl delay|request rate|[A-Za-z_\u2010-\u2015\u2212-]{1,40})"
    r"(?:\s{0,99}[:=\uff1a]{1,3}\s{0,99}(.*)|\s{1,99}(\S{1,2000})\s*+\Z)",
    re.IGNORECASE,
)
"""A key and its value, after a colon; or after white space alone, if there is no more on the line. The mark of an item
of a list may stand before it."""
_KEY_WITHIN = re.compile(r"(?<=\s)(?=(?:user-?agent|disallow|allow|crawl-?delay)[ \t]{0,9}:)", re.IGNORECASE)
"""Where a line has another key: several lines that were joined."""
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_RATE = re.compile(r"(\d{1,6})\s{0,9}/\s{0,9}(\d{1,6})\s{0,9}([smh]?)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _with_one_error(word: str) -> set[str]:
    """A word, and all that one typing error makes of it: a letter too few, too many, another one, or two swapped."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    letters = string.ascii_lowercase
    return {
        *(head + tail[1:] for head, tail in cuts),
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1),
        *(head + letter + tail[skipped:] for head, tail in cuts for letter in letters for skipped in (0, 1)),
    }


_KEYS = {
    **dict.fromkeys((*_with_one_error("useragent"), "useragents"), "user-agent"),
    **dict.fromkeys((*_with_one_error("disallow"), "dissalow", "dissallowed", "disallowed"), "disallow"),
    **dict.fromkeys(("allow", "alow"), "allow"),
    **dict.fromkeys(_with_one_error("crawldelay"), "crawl-delay"),
    "requestrate": "request-rate",
}
"""Keys that are read, as their letters: what a publisher meant to forbid is obeyed with an error in it, too."""


class RobotsRules:
    """The rules of a file for one crawler.

    Args:
        body: The file; what is longer than :data:`LONGEST` is not read.
        product: The crawler's product token, such as ``Klartext``.
    """

    def __init__(self, body: bytes, product: str) -> None:
        own, general = _Group(), _Group()
        current: list[_Group] = []
        is_named = False
        for key, value in _lines(_readable(body)):
            if key == "user-agent":
                current = (current if is_named else []) + [
                    group
                    for group, fits in ((own, _names(value, product)), (general, value.strip("*\"' ") == "" != value))
                    if fits
                ]
                is_named = True
                for group in current:
                    group.is_there = True
            else:
                is_named = False
                for group in current:
                    group.add(key, value)
        self._group = own if own.is_there else general

    def allows(self, url: str) -> bool:
        """True if the address may be requested."""
        parts = urlsplit(url)
        path = normal_path((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        path = path.replace("*", "%2A").replace("$", "%24")
        return path == "/robots.txt" or self._group.allows(path)

    @property
    def crawl_delay(self) -> float | None:
        """Crawl-delay in seconds; None if the file has none."""
        return self._group.delay


class _Group:
    def __init__(self) -> None:
        self.is_there = False
        self.delay: float | None = None
        self._rules: list[tuple[str, bool]] = []

    def add(self, key: str, value: str) -> None:
        if key == "crawl-delay":
            found = re.match(r"\d{1,6}(?:[.,]\d{1,6})?|[.,]\d{1,6}", value)
            if found:
                self.delay = max(self.delay or 0.0, float(found[0].replace(",", ".")))
        elif key == "request-rate":
            rate = _RATE.match(value)
            if rate and int(rate[1]):
                seconds = int(rate[2]) * _SECONDS[rate[3].lower()] / int(rate[1])
                self.delay = max(self.delay or 0.0, seconds)
        elif value:
            for spelling in _spellings(value[:_PATTERN]):
                if len(self._rules) < _RULES:
                    self._rules.append((_pattern(spelling), key == "allow"))

    def allows(self, path: str) -> bool:
        best, allowed = -1, True
        for pattern, allows in self._rules:
            longer = len(pattern) > best or (len(pattern) == best and allows)
            if longer and matches(pattern, path):
                best, allowed = len(pattern), allows
        return allowed


def _spellings(value: str) -> list[str]:
    """The rules that a value stands for: each of several paths; one with ``&amp;`` also with ``&``; one that is no
    UTF-8 also as Windows-1252, and one with decomposed letters also with whole ones, since addresses have either."""
    words = [word.rstrip(",") for word in value.split()]
    if len(words) > 1 and all(word.startswith("/") for word in words):
        return [spelling for word in words for spelling in _spellings(word)]
    if "&amp;" in value:
        return [value, html.unescape(value)]
    if value.isascii():
        return [value]
    raw = as_bytes(value)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return [value, raw.decode("cp1252", "replace")]
    return list({value, unicodedata.normalize("NFC", value)})


def _pattern(value: str) -> str:
    """The pattern of a rule. ``*`` and a ``$`` at the end have a meaning; ``%2A`` and ``%24`` are the characters."""
    value = value.strip("\"'")
    if found := re.match(r"https?://[^/?]{1,300}", value, re.IGNORECASE):
        value = value[found.end() :]
    pattern = normal_path(value)
    end = "$" if pattern.endswith("$") else ""
    pattern = pattern.removesuffix("$").replace("$", "%24") + end
    return pattern if pattern.startswith(("/", "*")) else f"/{pattern}"


def _names(value: str, product: str) -> bool:
    """True if one of the words of a User-agent line names the product."""
    value = re.sub(r"https?://\S{1,1000}", " ", value[:1000])  # of the crawler's own page, whatever its name
    own = re.escape(product)
    name = re.compile(rf"{own}(?:[-_]?(?:ro)?bot|[-_]?crawler|[-_]?spider)?", re.IGNORECASE)
    return any(name.fullmatch(word) for word in re.findall(r"[A-Za-z0-9_-]+", value))


def _lines(body: bytes) -> list[tuple[str, str]]:
    """The keys that are read, by their name in :data:`_KEYS`, and values of the lines that have both."""
    found = []
    text = _decoded(body)
    if "<" in text:
        text = _TAG.sub("\n", text)
    if "\\n" in text and "\n" not in text.strip():  # written by a program that escaped its line ends
        text = text.replace("\\r", "").replace("\\n", "\n")
    lines = (line.partition("#")[0] for line in re.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]+", text))
    for line in (part for whole in lines for part in (_KEY_WITHIN.split(whole) if whole.count(":") > 1 else [whole])):
        match = _LINE.match(line.lstrip(_INVISIBLE))
        if match and (key := _KEYS.get(re.sub("[^a-z]", "", match[1].lower()))):
            found.append((key, (match[2] or match[3] or "").strip().strip(_INVISIBLE)))
    return found


def _readable(body: bytes) -> bytes:
    """The part of a file that is read, not gzipped, up to the end of a line: half a rule may forbid everything."""
    body = gunzipped(body, _INFLATED)
    return body if len(body) <= LONGEST else body[: body.rfind(b"\n", 0, LONGEST) + 1 or LONGEST]


def _decoded(body: bytes) -> str:
    """The text of a file. Bytes that are no UTF-8 are kept, as halves of surrogate pairs."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    if b"\0" in body[:4]:
        return body.decode("utf-16-be" if body[:1] == b"\0" else "utf-16-le", "replace")
    text = body.replace(b"\0", b"").decode("utf-8-sig", "surrogateescape")
    return text.replace("\udca0", " ")  # the no-break space of Latin-1
