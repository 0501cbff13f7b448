"""Structured data of a page (JSON-LD, schema.org), with references resolved.

Size, depth and count are bounded; what is left out is named in :attr:`Graph.problems`.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from klartext.json_repair import read_values

LONGEST = 2 * 1024 * 1024
"""Characters of all scripts of a page that are read."""
DEEPEST = 100
"""Levels of nesting that are read."""
MOST = 5000
"""Objects that are looked at."""
ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report)$", re.IGNORECASE)
_OTHER_WORKS = re.compile(
    r"^(?:Review|Recipe|HowTo|CreativeWork|Blog|OpinionPiece|Interview|Question|QAPage)$", re.IGNORECASE
)
_PAGES = re.compile(r"WebPage$", re.IGNORECASE)
_WEIGHED = ("headline", "datePublished", "author", "description", "articleBody")
_TRACKING = re.compile(r"(?:^|&)(?:utm_|fbclid|gclid)")
_WORD = re.compile(r"\w+")
_PREFIX = re.compile(r"[/#:]")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>")
_LONG_NAME = re.compile(r"(?:schema:|https?://schema\.org/)(?=[a-z])")
_ADDRESS_OF_NAME = re.compile(r"schema\.org/[a-z]")
_VALUES = 200
_HOPS = 5


@dataclasses.dataclass(slots=True)
class Graph:
    """The objects of a page's JSON-LD in their order, those nested under ``@graph`` and ``mainEntity`` too."""

    things: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    """Those with a type."""
    inner: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    """Those with a type inside other objects, under any key."""
    by_id: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    problems: list[str] = dataclasses.field(default_factory=list)
    """Stable codes: ``json-ld-unreadable``, ``json-ld-repaired``, ``json-ld-too-long``, ``json-ld-too-deep``,
    ``json-ld-too-many``."""

    def resolved(self, value: Any) -> Any:
        """A value with a reference (``{"@id": …}``, or a text that is an object's ``@id``) replaced by its object."""
        for _ in range(_HOPS):
            key = value if isinstance(value, str) else None
            if isinstance(value, dict) and isinstance(value.get("@id"), str) and value.keys() <= {"@id", "@type"}:
                key = value["@id"]
            found = self.by_id.get(key) if key is not None else None
            if found is None or found is value:
                return value
            value = found
        return value

    def values(self, thing: dict[str, Any], *keys: str) -> list[Any]:
        """The values of some keys, lists of lists flattened, references resolved, in the order of the keys."""
        found: list[Any] = []
        waiting: list[tuple[Any, int]] = [(thing[key], 0) for key in keys if key in thing]
        while waiting and len(found) < _VALUES:
            value, depth = waiting.pop(0)
            if isinstance(value, dict):
                if isinstance(value.get("@list"), list):
                    value = value["@list"]
                elif value and all(map(str.isdigit, value)):  # a list of PHP whose numbers have a gap
                    value = list(value.values())
            if isinstance(value, list):
                if depth < _HOPS:
                    waiting[:0] = [(one, depth + 1) for one in value[:_VALUES]]
            elif value is not None:
                found.append(self.resolved(value))
        return found

    def text(self, thing: dict[str, Any], *keys: str) -> str | None:
        """The first value of these keys that is a text with something in it."""
        for value in self.values(thing, *keys):
            if isinstance(value, dict):
                value = value.get("@value") or value.get("name")
            if isinstance(value, str) and value.strip():
                return value.strip()
        return None

    def names(self, thing: dict[str, Any], *keys: str) -> Iterator[tuple[str, list[str]]]:
        """The names of people and organizations under some keys, each with the types of its object.

        A name may be a text, an object's ``name`` (itself a text, list or object), that of the object with its ``@id``
        or of the person whose role it is, or its given and family name.
        """
        waiting = [(value, ["Person"], 0) for value in self.values(thing, *keys)]
        seen = 0
        while waiting and seen < MOST:
            value, kinds, depth = waiting.pop(0)
            seen += 1
            if isinstance(value, str):
                if name := (_TAG.sub("", value) if "<" in value else value).strip():
                    yield name, kinds
            elif isinstance(value, dict) and depth < _HOPS:
                own = types_of(value) or kinds
                inner = [v for v in self.values(value, "name", "@value") if v != value]
                if not any(isinstance(v, dict) or (isinstance(v, str) and v.strip()) for v in inner):
                    parts = [self.text(value, key) for key in ("givenName", "additionalName", "familyName")]
                    inner = [" ".join(part for part in parts if part)]
                    if not inner[0]:
                        key = value.get("@id")
                        named = self.by_id.get(key) if isinstance(key, str) else None
                        inner = self.values(value, "author", "creator") if named in (None, value) else [named]
                waiting[:0] = [(one, own, depth + 1) for one in inner]

    def article(self, addresses: Iterable[str], headlines: Iterable[str]) -> dict[str, Any]:
        """The object of the page's own article; empty if there is none.

        Of several the one that names one of the page's addresses or headlines, then the one that says most; what it
        lacks comes from others that name them too. One that names another page and another headline is of a related
        article, and never taken. Without any the object of the page itself counts, and one inside another object that
        names the page.
        """
        own = {_path(url) for url in addresses} - {""}
        titles: list[str] | None = None
        for kinds, among in ((ARTICLE_TYPES, self.things), (_OTHER_WORKS, self.things), (ARTICLE_TYPES, self.inner),
                             (_PAGES, self.things)):  # fmt: skip
            things = [thing for thing in among if any(map(kinds.search, types_of(thing)))]
            if len(things) == 1 and not own.isdisjoint(map(_path, self._addresses(things[0]))):
                return dict(things[0])  # as on most pages, and no headline makes a difference
            if titles is None and things:
                titles = [key for headline in headlines if (key := _key(headline))]
            rated = []
            for place, thing in enumerate(things):
                named = {_path(url) for url in self._addresses(thing)} - {""}
                here, titled = bool(own & named), self._has_title(thing, titles or [])
                of_another = among is self.inner or (named and titles and self.text(thing, "headline", "name"))
                if here or titled or not of_another:
                    rated.append((here, titled, sum(bool(thing.get(key)) for key in _WEIGHED), -place, thing))
            if rated:
                rated.sort(key=lambda one: one[:4], reverse=True)
                best = dict(rated[0][4])
                for here, titled, _, _, other in rated[1:_VALUES]:
                    if here or titled:
                        best = other | {key: value for key, value in best.items() if value not in (None, "", [], {})}
                return best
        return {}

    def of_page(self, addresses: Iterable[str], headlines: Iterable[str]) -> list[dict[str, Any]]:
        """The objects with a type but those that name another page and another headline."""
        own = {_path(url) for url in addresses} - {""}
        titles = [key for headline in headlines if (key := _key(headline))]
        found = []
        for thing in self.things:
            named = {_path(url) for url in self._addresses(thing)} - {""}
            if not named or own & named or not self.text(thing, "headline", "name") or self._has_title(thing, titles):
                found.append(thing)
        return found

    def _addresses(self, thing: dict[str, Any]) -> Iterator[str]:
        for value in self.values(thing, "url", "mainEntityOfPage", "@id"):
            if isinstance(value, dict):
                value = value.get("@id") or value.get("url")
            if isinstance(value, str) and "/" in value:
                yield value

    def _has_title(self, thing: dict[str, Any], titles: list[str]) -> bool:
        said = [_key(value) for value in (self.text(thing, "headline"), self.text(thing, "name")) if value]
        return any(one and (one in title or title in one) for one in said if len(one) > 8 for title in titles)


def _path(url: str) -> str:
    """What of an address two writings of it share: its path and query, but not those of a front page."""
    try:
        parts = urlsplit(url.strip()[:2000])
    except ValueError:
        return ""
    path = parts.path.rstrip("/").lower()
    return f"{path}?{parts.query}" if parts.query and not _TRACKING.search(parts.query) else path


def _key(text: str) -> str:
    return "".join(_WORD.findall(text[:500].lower()))


def read(scripts: Iterable[str]) -> Graph:
    """The graph of a page's scripts. A script that cannot be read is a problem, not an error."""
    graph = Graph()
    room = LONGEST
    waiting: list[tuple[Any, int]] = []
    for script in scripts:
        if len(script) > room:
            graph.problems.append("json-ld-too-long")
            break
        room -= len(script)
        values = read_values(script, graph.problems)
        if '"schema:' in script or _ADDRESS_OF_NAME.search(script):
            _shorten_names(values)
        waiting.extend((value, 0) for value in values)
    _collect(graph, waiting)
    graph.problems = list(dict.fromkeys(graph.problems))
    return graph


def _shorten_names(values: list[Any]) -> None:
    """Gives keys that are the address of a property, or have a prefix for it, their short names: ``schema:headline`` is
    ``headline``."""
    waiting = [value for value in values if isinstance(value, dict | list)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            for key in [key for key in one if _LONG_NAME.match(key)]:
                one.setdefault(_LONG_NAME.sub("", key, count=1), one.pop(key))
        inner = one.values() if isinstance(one, dict) else one
        waiting.extend(value for value in inner if isinstance(value, dict | list))


def types_of(thing: dict[str, Any]) -> list[str]:
    """The types of an object, as a list, without the vocabulary's address or prefix."""
    kinds = thing.get("@type") or []
    return [_short_type(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])]


@functools.lru_cache(maxsize=4096)
def _short_type(kind: str) -> str:
    return _PREFIX.split(kind.strip().rstrip("/"))[-1]


def _collect(graph: Graph, waiting: list[tuple[Any, int]]) -> None:
    """Lists the objects breadth first, and all that have an ``@id`` wherever they are."""
    place = 0
    inner: list[tuple[Any, int]] = []
    while place < len(waiting):
        value, depth = waiting[place]
        place += 1
        if place > MOST:
            graph.problems.append("json-ld-too-many")
            return
        if depth > DEEPEST:
            graph.problems.append("json-ld-too-deep")
            continue
        if isinstance(value, list):
            waiting[place:place] = [(one, depth + 1) for one in value[:MOST]]
        elif isinstance(value, dict):
            if "@type" in value:
                graph.things.append(value)
            _remember(graph, value)
            for key, nested in value.items():
                if isinstance(nested, dict | list):
                    where = waiting if key in ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf") else inner
                    where.append((nested, depth + 1))
    _index(graph, inner, MOST - place)


def _index(graph: Graph, waiting: list[tuple[Any, int]], room: int) -> None:
    """Remembers the objects inside other objects, which references may name."""
    place = 0
    while place < len(waiting) and place < room:
        value, depth = waiting[place]
        place += 1
        if depth > DEEPEST:
            graph.problems.append("json-ld-too-deep")
        elif isinstance(value, list):
            waiting.extend((one, depth + 1) for one in value[:MOST] if isinstance(one, dict | list))
        elif isinstance(value, dict):
            _remember(graph, value)
            if "@type" in value:
                graph.inner.append(value)
            waiting.extend((one, depth + 1) for one in value.values() if isinstance(one, dict | list))


def _remember(graph: Graph, value: dict[str, Any]) -> None:
    key = value.get("@id")
    if isinstance(key, str) and len(value) > 1:
        known = graph.by_id.get(key)
        if known is None or (bool(known.get("name")), len(known)) < (bool(value.get("name")), len(value)):
            graph.by_id[key] = value
