"""Entries of RSS 0.9 to 2.0, Atom 0.3 and 1.0, and JSON Feed 1.x."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from lxml import etree

from klartext import json_repair
from klartext.discover.listing import Entry, Listing, ReadDate, base_of, entry_of
from klartext.discover.xml_cleaning import decode
from klartext.discover.xml_names import children, name_of, text_of

ROOTS = {"rss", "feed", "rdf", "channel"}
"""Names of the outermost element of a feed, in lower case."""
RECORDS = {"item", "entry"}
"""Names of the elements that are an entry."""
_PUBLISHED = ("pubdate", "published", "issued", "date", "created", "publication_date", "publicationdate")
_MODIFIED = ("updated", "modified", "lastmod")
_RELATIONS = ("alternate", "bookmark", "canonical", "related")
_FOREIGN = re.compile(r"media|mrss|itunes|video|image|podcast|georss", re.IGNORECASE)
"""Extensions whose titles, links and dates are those of a picture or recording, in their namespace or prefix."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A string of JSON. One that is not closed lasts to the end of the text: else a search would start again at each
quotation mark in it."""
_NO_BRACKETS = re.compile(r"[^{}\[\]]++")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")


def read_element(element: etree._Element, url: str, read_date: ReadDate) -> Entry | str:
    """The entry that an element is, or the reason for which it is left out."""
    fields: dict[str, str] = {}
    links: list[tuple[int, str]] = []
    original = None
    for child in children(element):
        space, name = name_of(child)
        if _FOREIGN.search(space) or _FOREIGN.search(child.prefix or ""):
            continue
        text = text_of(child)
        if name == "link":
            links += _link(child, text)
        elif name == "origlink":
            original = original or text
        elif text:
            fields.setdefault(name, text)
    identifier = fields.get("guid") or fields.get("id") or _attribute(element, "about") or ""
    permalink = _is_permalink(element)
    is_address = permalink is not False and (permalink or identifier.lower().startswith(("http://", "https://")))
    if is_address:
        links.append((1, identifier))
    addresses = [original, *(address for _, address in sorted(links, key=lambda link: link[0]))]
    dates = (_date(fields, _PUBLISHED, read_date), _date(fields, _MODIFIED, read_date))
    base = base_of(url, element.base)
    return entry_of(addresses, base, _plain(fields.get("title")), dates, read_date)


def _link(element: etree._Element, text: str | None) -> list[tuple[int, str]]:
    """The address of a link with its rank: the page itself first; pictures, comments and the feed itself are none."""
    # Where a program took the feed for HTML, <link> is empty, and the address stands behind it.
    address = text or (element.tail or "").strip()
    if not element.attrib:
        return [(0, address)] if address else []
    address = _attribute(element, "href") or _attribute(element, "url") or address
    # Several relations in one attribute, or the address of a registered one.
    stated = [part.rpartition("/")[2] for part in (_attribute(element, "rel") or "").lower().split()] or ["alternate"]
    relation = next((name for name in stated if name in _RELATIONS), None)
    if not address or relation is None:
        return []
    kind = _attribute(element, "type") or "text/html"
    if base := _attribute(element, "base"):
        address = base_of(base, address.strip())
    return [((relation == "related") * 2 + ("html" not in kind), address)]


def _attribute(element: etree._Element, name: str) -> str | None:
    """An attribute by its name in lower case, without prefix."""
    found = element.get(name)
    if found is None and element.attrib:
        found = next((str(v) for k, v in element.attrib.items() if re.split("[}:]", str(k))[-1].lower() == name), None)
    return found


def _is_permalink(element: etree._Element) -> bool | None:
    """What the identifier says of itself; None if it says nothing."""
    guid = next((child for child in children(element) if name_of(child)[1] == "guid"), None)
    stated = (_attribute(guid, "ispermalink") or "").strip().lower() if guid is not None else ""
    return {"true": True, "false": False}.get(stated)


def _date(fields: dict[str, str], names: tuple[str, ...], read_date: ReadDate) -> str | None:
    """The first of some fields that is there; of several the first that can be read."""
    found = [fields[name] for name in names if name in fields]
    if len(found) > 1:
        found = [text for text in found if read_date(text)] or found
    return found[0] if found else None


def _plain(title: str | None) -> str | None:
    """A title without the HTML that some feeds escape into it."""
    if not title or ("&" not in title and "<" not in title):
        return title
    return html.unescape(_TAG.sub("", title))


def read_json(body: bytes, url: str, content_type: str, read_date: ReadDate, limit: int) -> Listing:
    """The entries of a JSON Feed, at most ``limit``; what is no JSON Feed has the problem ``no-feed-or-sitemap``.

    What is not quite JSON is repaired. Of one that ends early (``feed-cut``) the last entry is not read.
    """
    data, levels = _json_object(decode(body, content_type).strip())
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        return Listing(problem="no-feed-or-sitemap")
    listing = Listing()
    if levels > 0:  # the feed and its list of items are open, and the last item too if it is not complete
        items, listing.problem = items[:-1] if levels > 2 else items, "feed-cut"
    for item in items[:limit]:
        values = item if isinstance(item, dict) else {}
        identifier = _text(values.get("id")) or ""
        addresses = [_text(values.get("url")), _text(values.get("external_url")),
                     identifier if identifier.lower().startswith(("http://", "https://")) else None]  # fmt: skip
        dates = (_number_or_text(values.get("date_published")), _number_or_text(values.get("date_modified")))
        listing.add(entry_of(addresses, url, _text(values.get("title")), dates, read_date))
    if len(items) > limit:
        listing.problem = "too-many-entries"
        listing.skipped["entry-beyond-limit"] = len(items) - limit
    return listing


def _json_object(text: str) -> tuple[Any, int]:
    """The first object or list of a text, repaired where it is no valid JSON, and the number of brackets that are open
    at its end; None if there is none. One that ends early is read to its last closing brace."""
    try:
        return json.loads(text, strict=False), 0
    except (ValueError, RecursionError):
        levels = _open_brackets(text)
    if levels > 0:
        text = text[: text.rfind("}") + 1]
        levels = max(1, _open_brackets(text))
        try:
            return json.loads(text + _closing(text), strict=False), levels
        except (ValueError, RecursionError):
            pass  # repaired below, if it is not too long for that
    found = json_repair.read_values(text, [])
    return next((value for value in found if isinstance(value, dict | list)), None), levels


def _brackets(text: str) -> str:
    """The brackets of a JSON text, without those in its strings."""
    return _NO_BRACKETS.sub("", _JSON_STRING.sub("", text))


def _open_brackets(text: str) -> int:
    marks = _brackets(text)
    return sum(marks.count(mark) for mark in "{[") - sum(marks.count(mark) for mark in "}]")


def _closing(text: str) -> str:
    """The brackets that close what is open at the end of a JSON text."""
    marks = _brackets(text)
    for _ in range(json_repair.DEEPEST):
        shorter = marks.replace("{}", "").replace("[]", "")
        if shorter == marks:
            break
        marks = shorter
    return "".join({"{": "}", "[": "]"}.get(mark, "") for mark in reversed(marks[-json_repair.DEEPEST :]))


def _text(value: Any) -> str | None:
    """A text in JSON, of a list the first; None for another type and for white space. Half of a surrogate pair, which
    no file can hold, is replaced."""
    first = value[0] if isinstance(value, list) and value else value
    return (_LONE_SURROGATE.sub("\ufffd", first).strip() or None) if isinstance(first, str) else None


def _number_or_text(value: Any) -> str | None:
    """A text in JSON, or a number as text without fraction; of another type how Python shows it, which is no date."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        return str(int(value))
    return _text(value) or (repr(value)[:100] if value and not isinstance(value, str) else None)
