"""Addresses: what is one page under many addresses folds into one."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    import tldextract

    from klartext.sources import Source

# Names of parameters that say how the reader came, or which form of the page to show.
_TRACKING = re.compile(
    r"^(utm_.*|wt[._]?.*|at_.*|pk_.*|mtm_.*|cid|dicbo|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|ref|referrer|"
    r"source|src|xtor|ito|ns_.*|cmpid?|ocid|sc_src|share|shared?id|social|kw|wtmc|traffic_source|tblci|obOrigUrl|"
    r"service|print|output|outputtype|view|amp|seite|page|p|xing_share|utm)$",
    re.IGNORECASE,
)
# A value of these parameters tells a form of the same page; other values tell another page.
_FORM_VALUES = {
    "service": r"print|amp",
    "output": r"amp|print",
    "outputtype": r"amp|valueAMP",
    "view": r"amp|print|fulltext",
    "seite": r"\d+|all|komplett.*",
    "page": r"\d+|all",
    "p": r"all",
    "source": r".*",
    "src": r"[\w-]*",
    "share": r".*",
}
_FORM_PATH = re.compile(
    r"(?:/amp|/print|/komplettansicht|/seite-\d+|(?<=[a-z])\.amp(?=\.html$)|-amp(?=\.html$))/?$|"
    r"\.amp(?=\.html$)|-amp(?=\.html$)",
    re.IGNORECASE,
)
_FORMS = ("amp", "print", "komplettansicht", "seite-")
"""What an address needs for :data:`_FORM_PATH` to be tried."""
_PLAIN_PATH = re.compile(r"[\w.~/:=&+!$,;'@()*|\[\]-]*", re.ASCII)
_FORM_HOST = re.compile(r"^(?:www\.)?(?:(?:amp|m|mobil|mobile)\.)+(?:www\.)?(?=[^.]+\.)", re.IGNORECASE)


def _is_noise(name: str, value: str) -> bool:
    if not _TRACKING.match(name):
        return False
    pattern = _FORM_VALUES.get(name.lower())
    return pattern is None or re.fullmatch(pattern, value, re.IGNORECASE) is not None


def _quoted(path: str) -> str:
    """The path with everything quoted that has to be, always in the same way."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    return re.sub(r"%[0-9a-fA-F]{2}", lambda found: found[0].upper(), quote(path, safe="/%:=&~+!$,;'@()*[]|"))


def fold(url: str) -> str:
    """The address without fragment, tracking, AMP, print, paging and mobile forms. Idempotent.

    Raises ValueError for what is no http(s) address.
    """
    parts = urlsplit(url.strip())
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise ValueError(f"no http or https address: {url!r}")
    netloc = parts.netloc.rpartition("@")[2].lower()
    default = ":80" if parts.scheme.lower() == "http" else ":443"
    netloc = _FORM_HOST.sub("www.", netloc.removesuffix(default))
    query = ""
    if parts.query:
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode(sorted((name, value) for name, value in pairs if not _is_noise(name, value)))
    if not netloc.isascii():
        with contextlib.suppress(UnicodeError):  # a name that is none stays as it is
            netloc = netloc.encode("idna").decode()
    path = _quoted(parts.path or "/")
    lowered = path.lower()
    if any(form in lowered for form in _FORMS):
        while (shorter := _FORM_PATH.sub("", path)) != path:
            path = shorter or "/"
    return urlunsplit((parts.scheme.lower(), netloc, path, query, ""))


def resolved(base: str, link: str) -> str:
    """A link of the page at ``base``, as a whole address. Raises ValueError for what can be none."""
    link = link.strip()
    return link if link.startswith(("https://", "http://")) else urljoin(base, link)


def identity(url: str) -> str:
    """What is the same for all addresses of a page: the folded address without scheme, ``www.`` and closing slash.

    Raises ValueError for what is no http(s) address.
    """
    return re.sub(r"^https?://(www\.)?", "", fold(url)).rstrip("/")


@functools.cache
def _suffixes() -> tldextract.TLDExtract:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list in the package: no download


def registered_domain(url: str) -> str:
    """The domain that somebody registered, as ``faz.net``; the host itself for an IP address or a local name."""
    return _registered((urlsplit(url).hostname or "unknown").lower())


@functools.lru_cache(maxsize=4096)
def _registered(host: str) -> str:
    return _suffixes()(host).top_domain_under_public_suffix or host


def article_id(source: Source, canonical_url: str) -> str:
    """``slug:number`` where the publisher's addresses carry its number, else ``slug:`` and a hash of the address."""
    if source.addresses.number and (found := re.search(source.addresses.number, canonical_url)):
        return f"{source.slug}:{found['number']}"
    address = re.sub(r"^https?://(www\.)?", "", canonical_url).rstrip("/")
    return f"{source.slug}:{hashlib.sha256(address.encode()).hexdigest()[:16]}"
