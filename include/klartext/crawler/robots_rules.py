"""Interprets robots.txt according to RFC 9309, tolerant of what publishers write.

Read are UTF-8 and UTF-16 with or without a byte order mark, line ends of every kind, and keys in any case with white
space around them. A group applies if its product token is that of the crawler, with or without a version or more words
behind it ("Klartext", "klartext/1.0", "KlartextBot"). All groups that apply count together, else those for ``*``. The
longest rule that fits decides, ``Allow`` where two are equally long.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes, urlsplit

from klartext.wildcards import matches

LONGEST = 512 * 1024
"""Bytes that are read; RFC 9309 requires 500 KiB at least."""
_RULES = 20_000
_PATTERN = 2_000
_LINE = re.compile(r"\s{0,99}([A-Za-z-]{1,40})\s{0,99}[:=]\s{0,99}(.*)")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RESERVED = frozenset(b"!#$%&'()*+,/:;=?@[]")


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
        for key, value in _lines(body[:LONGEST]):
            if key == "user-agent":
                current = (current if is_named else []) + [
                    group for group, fits in ((own, _names(value, product)), (general, value.strip() == "*")) if fits
                ]
                is_named = True
                for group in current:
                    group.is_there = True
            elif key in ("allow", "disallow", "crawl-delay"):
                is_named = False
                for group in current:
                    group.add(key, value)
        self._group = own if own.is_there else general

    def allows(self, url: str) -> bool:
        """True if the address may be requested."""
        parts = urlsplit(url)
        path = _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
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
            found = re.match(r"\d{1,6}(?:[.,]\d{1,6})?", value)
            if found:
                self.delay = max(self.delay or 0.0, float(found[0].replace(",", ".")))
        elif value and len(self._rules) < _RULES:
            pattern = _normal(value[:_PATTERN])
            self._rules.append((pattern if pattern.startswith(("/", "*")) else f"/{pattern}", key == "allow"))

    def allows(self, path: str) -> bool:
        best, allowed = -1, True
        for pattern, allows in self._rules:
            longer = len(pattern) > best or (len(pattern) == best and allows)
            if longer and matches(pattern, path):
                best, allowed = len(pattern), allows
        return allowed


def _names(value: str, product: str) -> bool:
    """True if the value of a User-agent line names the product."""
    token = re.match(r"[A-Za-z0-9_-]*", value.strip())
    found, own = (token[0] if token else "").lower(), product.lower()
    return found == own or (found.startswith(own) and re.fullmatch(r"[-_]?(?:ro)?bot|[-_]?crawler|[-_]?spider",
                                                                   found[len(own):]) is not None)  # fmt: skip


def _lines(body: bytes) -> list[tuple[str, str]]:
    """Keys, in lower case, and values of the lines that have both."""
    found = []
    for line in re.split(r"[\r\n\u2028\u2029]+", _decoded(body)):
        if match := _LINE.match(line.partition("#")[0].lstrip("\ufeff")):
            key = match[1].lower().replace("useragent", "user-agent").replace("crawldelay", "crawl-delay")
            found.append((key, match[2].strip()))
    return found


def _decoded(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    if b"\0" in body[:4]:
        return body.decode("utf-16-be" if body[:1] == b"\0" else "utf-16-le", "replace")
    return body.decode("utf-8-sig", "replace")


def _normal(path: str) -> str:
    """A path or pattern with one spelling for each character: reserved ones as they are, others decoded or escaped."""
    if re.fullmatch(r"[\w./*$?=&;:,+!~'()@-]*", path, re.ASCII):
        return path
    raw = path.encode("utf-8", "surrogatepass")
    escaped = re.sub(rb"%([0-9A-Fa-f]{2})", _one_spelling, raw)
    return "".join(chr(byte) if byte in _UNRESERVED or byte in _RESERVED else f"%{byte:02X}" for byte in escaped)


def _one_spelling(found: re.Match[bytes]) -> bytes:
    byte = unquote_to_bytes(found[0])
    return byte if byte[0] in _UNRESERVED else found[0].upper()
