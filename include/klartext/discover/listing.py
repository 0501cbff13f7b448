"""The contents of a feed or sitemap of any format: entries, sitemaps that an index names, and what was skipped."""

from __future__ import annotations

import collections
import dataclasses
import re
from collections.abc import Callable
from urllib.parse import unquote, urljoin, urlsplit

from klartext import urls
from klartext.dates import Moment


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """An address in a feed or sitemap, resolved, and what is stated of it there.

    ``other_addresses`` are further addresses that the entry has, as a feed behind a tracking service does.
    ``has_unread_date`` is true if it has a date that could not be read.
    """

    url: str
    title: str | None = None
    published: Moment | None = None
    modified: Moment | None = None
    other_addresses: tuple[str, ...] = ()
    has_unread_date: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Nested:
    """A sitemap that an index names, resolved, and when that changed last."""

    url: str
    modified: Moment | None


@dataclasses.dataclass(slots=True)
class Listing:
    """The contents of a feed or sitemap.

    ``problem`` is a stable reason if it could not be read, or not to its end; the other fields then have what could be.
    ``skipped`` counts the entries that were left out, by reason.
    """

    entries: list[Entry] = dataclasses.field(default_factory=list)
    nested: list[Nested] = dataclasses.field(default_factory=list)
    problem: str | None = None
    skipped: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    def add(self, found: Entry | Nested | str) -> None:
        """Adds an entry or a nested sitemap; a text is the reason for which one was left out."""
        if isinstance(found, str):
            self.skipped[found] += 1
        elif isinstance(found, Entry):
            self.entries.append(found)
        else:
            self.nested.append(found)


_LONGEST = 4 * urls.LONGEST
"""Characters in which an address may be written; one of 30 MB would be decoded for seconds."""
_LONGEST_TITLE = 2000
_ABSOLUTE = re.compile(r"https?://(?!https?[:/])[A-Za-z0-9.-]+[/?]")
_SCHEME = re.compile(r"(?:https?:?/{1,4}){0,3}(https?)(?::[/\\]{0,4}|/{2,4})(?=[^/\\])", re.IGNORECASE)
_SECOND = re.compile(r"https?://[^/?#:@\s]{1,253}?(?=https?://)", re.IGNORECASE)
"""The address of a site before an absolute address, where a template expected a relative one."""
_HREF = re.compile(r"""<a\s[^<>]{0,1000}?\bhref\s{0,9}=\s{0,9}["']?([^\s"'<>]{1,8192})""", re.IGNORECASE)
_AROUND = " \t\r\n\"'<>\xa0\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""What stands around an address where an editor or a template has put it."""
_AMPERSAND = re.compile(r"&(?:(?:amp|#0{0,5}38|#x0{0,5}26);){1,9}", re.IGNORECASE)
"""An ampersand that is escaped once more than the format has it."""
_WITHOUT_SCHEME = re.compile(r"www\.(?:[a-z\d-]{1,63}\.){1,9}[a-z]{2,63}(?=[:/?]|\Z)", re.IGNORECASE)
_BROKEN_LINE = re.compile(r"[\r\n\t]+ *")

ReadDate = Callable[[str | None], Moment | None]
"""Reads a date of a listing; None for what is no date."""


def base_of(url: str, stated: str | None) -> str:
    """What the links of an element are relative to: the listing's address, or what ``xml:base`` states."""
    try:
        return urljoin(url, stated) if stated else url
    except ValueError:  # no address at all
        return url


def resolve(base: str, link: str | None) -> str | None:
    """An address of a listing, made absolute; None for none, and for what cannot be one.

    Also read are an address that is percent-encoded as a whole, in quotation marks or in a link of HTML, one slash
    instead of two behind the scheme, none, or no colon, a scheme that is there twice, an absolute address behind that
    of the site, and an address without a scheme that begins with www. or with the host of the listing.
    """
    link = (link or "").strip()
    if len(link) > _LONGEST:
        return None
    if link.startswith("<") and (found := _HREF.match(link)):
        link = found[1]
    link = _BROKEN_LINE.sub("", link.strip(_AROUND))
    if "&" in link:
        link = _AMPERSAND.sub("&", link)
    if not link or link.startswith("#") or link.lower().rstrip("/") in ("http", "http:", "https", "https:"):
        return None
    if _ABSOLUTE.match(link):
        return link
    if link[:8].lower().startswith(("http%3a", "https%3a")):
        link = unquote(link)
    if found := _SECOND.match(link):
        link = link[found.end() :]
    if found := _SCHEME.match(link):
        link = f"{found[1].lower()}://{link[found.end() :]}"
    try:
        parts = urlsplit(base)
        host = link.partition("/")[0].lower().removeprefix("www.")
        is_host = "." in host and host == parts.netloc.lower().removeprefix("www.")
        if is_host or _WITHOUT_SCHEME.match(link):
            return f"{parts.scheme}://{link}"
        link = urljoin(base, link.removeprefix(":") if link.startswith("://") else link)
        return link if link.lower().startswith(("http:", "https:")) else None
    except ValueError:
        return None


def entry_of(
    addresses: list[str | None], base: str, title: str | None, dates: tuple[str | None, str | None], read_date: ReadDate
) -> Entry | str:
    """An entry from its parts, or the reason for which it is none.

    Args:
        addresses: Its addresses as they are written, the best one first.
        base: What they are relative to.
        title: Its title.
        dates: When it was published and changed, as it is written.
        read_date: Reads these.
    """
    stated = [address for address in addresses if address and address.strip()]
    if not stated:
        return "entry-without-address"
    resolved = list(dict.fromkeys(filter(None, (resolve(base, address) for address in stated))))
    if not resolved:
        return "entry-bad-address"
    published, modified = (read_date(date) for date in dates)
    is_unread = any(date and not read for date, read in zip(dates, (published, modified), strict=True))
    title = " ".join((title or "")[:_LONGEST_TITLE].split()) or None
    return Entry(resolved[0], title, published, modified, tuple(resolved[1:]), is_unread)
