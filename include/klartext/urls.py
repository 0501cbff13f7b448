"""URL normalisation: the addresses under which one page can be reached become one address.

The syntax follows RFC 3986 section 6.2.2, host names UTS 46 and IDNA 2008. Path and query are edited as they are
written: an escape is never decoded into a character that has a meaning, and a query is never parsed into values and
written again, since servers read it in more ways than one (Latin-1 escapes, ``;`` between parameters, no ``=`` at all).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from klartext.url_parameters import kept_query, without_session, without_tracking

if TYPE_CHECKING:
    import tldextract

LONGEST = 8192
"""Characters of an address; servers accept no more by default (Apache 8,190 bytes, nginx 8 KiB)."""
_SCHEME = re.compile(r"\Ahttps?://(?:www\.)?")
_SCHEMES = {"http": 80, "https": 443}
_SAFE = r"-A-Za-z0-9_.~!$&'()*+,;=:@/|\[\]"
_PLAIN_PATH = re.compile(rf"[{_SAFE}]*")
_PLAIN_QUERY = re.compile(rf"[{_SAFE}?]*")
_NOT_IN_PATH = re.compile(rf"[^{_SAFE}%]|%(?![0-9A-Fa-f]{{2}})")
_NOT_IN_QUERY = re.compile(rf"[^{_SAFE}?%]|%(?![0-9A-Fa-f]{{2}})")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_HIGH_ESCAPES = re.compile(r"(?:[A-Za-z]?%[89A-F][0-9A-F])+")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_AROUND = " \t\r\n\f\v\xa0\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""White space and invisible characters that are copied with an address."""
_PLAIN_HOST = re.compile(r"\A[a-z0-9.-]*+(?<=[a-z0-9])\Z")
"""Host and port of most addresses, already in normal form: a host alone."""
_NOT_IN_HOST = re.compile(r"[\x00-\x20\x7f#/<>?@\\^|%:\[\]]")
_VARIANT_HOST = re.compile(r"\A(?:(?:www|amp|m|mobile?)\.)*(?:amp|m|mobile?)\.(?:www\.)*(?=[^.]+\.)")
_VARIANT_PATH = re.compile(
    r"(?:/amp|/print|/komplettansicht|/seite-\d{1,9})/?$|[.-]amp(?=\.html$)|\.amp$", re.IGNORECASE
)
_VARIANT_TAIL = 32
"""Characters at the end of a path in which :data:`_VARIANT_PATH` can match."""


def normalize(url: str, ignore_parameters: Collection[str] = ()) -> str:
    """The normal form of an address: without fragment, user, default port, dot segments, tracking parameters, session
    identifiers, and without what chooses the AMP, print, mobile or paged variant of a page. Idempotent.

    ``ignore_parameters`` are names of further parameters to drop, as in a source file: any case, ``*`` at the end for
    any rest. Parameters are in the order of their names.

    Raises ValueError for what is no http(s) address, and for one of more than :data:`LONGEST` characters.
    """
    url = url.strip(_AROUND)
    if len(url) > LONGEST:
        raise ValueError(f"an address of {len(url)} characters; at most {LONGEST} are read")
    parts = _split(url)
    scheme = parts.scheme.lower()
    if scheme not in _SCHEMES or not (_PLAIN_HOST.fullmatch(parts.netloc) or _host(parts.netloc)):
        raise ValueError(f"no http or https address: {url!r}")
    netloc = _VARIANT_HOST.sub("www.", _netloc(parts), count=1)
    path, query = _escaped(parts.path, _PLAIN_PATH, _NOT_IN_PATH), _escaped(parts.query, _PLAIN_QUERY, _NOT_IN_QUERY)
    if "&" in path or "%" in path:
        path, query = without_tracking(path, query)
    path = _normal_path(path)
    query = kept_query(query, path, ignore_parameters)
    return f"{scheme}://{netloc}{path}" + (f"?{query}" if query else "")


def _split(url: str) -> SplitResult:
    """The parts of an address. A backslash before the query is a slash, as browsers have it (WHATWG URL 4.4).

    Raises ValueError for a host with characters that no host can have.
    """
    if "\\" in url:
        path = re.split("[?#]", url, maxsplit=1)[0]
        url = path.replace("\\", "/") + url[len(path) :]
    parts = urlsplit(url)
    if _PLAIN_HOST.fullmatch(parts.netloc):
        return parts
    host = _host(parts.netloc)
    if ":" not in host and _NOT_IN_HOST.search(normalize_host(host)):
        raise ValueError(f"no name of a host: {host[:100]!r}")
    return parts


def page_key(url: str, ignore_parameters: Collection[str] = ()) -> str:
    """What all addresses of a page have in common: the normal form without scheme, ``www.`` and closing slash.

    The address itself where it has no normal form.
    """
    try:
        return without_scheme(normalize(url, ignore_parameters))
    except ValueError:
        return url


def without_scheme(url: str) -> str:
    """A normal address without scheme, ``www.`` and closing slash."""
    return _SCHEME.sub("", url, count=1).rstrip("/")


def resolve(base: str, link: str) -> str:
    """A link of the page at ``base`` as an absolute address. Raises ValueError for what cannot be one."""
    link = link.strip()
    return link if link.startswith(("https://", "http://")) else urljoin(base, link)


def is_of_host(url: str, hosts: Collection[str]) -> bool:
    """True for an http(s) address of one of the hosts, which are named as :func:`host_names` gives them.

    A host without a port stands for the scheme's own port.
    """
    try:
        parts = _split(url)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and _netloc(parts) in hosts
    except ValueError:
        return False


def host_names(hosts: Iterable[str]) -> set[str]:
    """Hosts, with their ports where they have one, in the normal form that :func:`is_of_host` compares."""
    names = set()
    for host in hosts:
        name, colon, port = host.rpartition(":")
        is_port = bool(colon) and port.isdecimal() and not name.endswith(":")
        names.add(f"{normalize_host(name)}:{int(port)}" if is_port else normalize_host(host))
    return names


def with_normal_host(url: str) -> str:
    """An address whose host is in normal form, without user and without the scheme's own port; the rest as it was.

    Raises ValueError for what is no http(s) address.
    """
    parts = _split(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError(f"no http or https address: {url!r}")
    return urlunsplit((parts.scheme, _netloc(parts), parts.path, parts.query, parts.fragment))


def _netloc(parts: SplitResult) -> str:
    """Host and port in normal form, without the scheme's own port. Raises ValueError for a port that is none."""
    if _PLAIN_HOST.fullmatch(parts.netloc):
        return parts.netloc
    return _normal_netloc(parts.scheme.lower(), parts.netloc)


@functools.lru_cache(maxsize=4096)  # a page's links have few hosts
def _host(netloc: str) -> str:
    return SplitResult("", netloc, "", "", "").hostname or ""


@functools.lru_cache(maxsize=4096)
def _normal_netloc(scheme: str, netloc: str) -> str:
    host, port = normalize_host(_host(netloc)), SplitResult(scheme, netloc, "", "", "").port
    name = f"[{host}]" if ":" in host else host
    return name if port is None or port == _SCHEMES[scheme] else f"{name}:{port}"


@functools.lru_cache(maxsize=4096)
def normalize_host(host: str) -> str:
    """A host name in lower case, without a closing dot, in its ASCII form (UTS 46, non-transitional).

    A label that IDNA 2008 does not allow, such as an emoji, becomes plain Punycode. Never raises: what is no name of a
    host stays as it is, in lower case.
    """
    host = host.lower()
    if "%" in host and ":" not in host:
        decoded = unquote_to_bytes(host).decode("utf-8", "replace")
        host = host if "\ufffd" in decoded or _NOT_IN_HOST.search(decoded) else decoded.lower()
    if not host.isascii() and len(host) <= 253:
        import idna

        try:
            mapped = idna.uts46_remap(host, std3_rules=False)
            if not _NOT_IN_HOST.search(mapped):
                host = ".".join(_ascii_label(label) for label in mapped.split("."))
        except (idna.IDNAError, UnicodeError):
            return host
    return host.rstrip(".") or host


def _ascii_label(label: str) -> str:
    import idna

    if label.isascii():
        return label
    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        return "xn--" + label.encode("punycode").decode("ascii")


def _escaped(text: str, plain: re.Pattern[str], forbidden: re.Pattern[str]) -> str:
    """Path or query with one spelling for each escape: those of unreserved characters decoded, others in upper case,
    raw characters that may not stand there escaped as UTF-8 in NFC."""
    if plain.fullmatch(text):
        return text
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = forbidden.sub(_percent_encoded, text)
    return _ESCAPE.sub(_one_spelling, text)


def _percent_encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))


def _one_spelling(found: re.Match[str]) -> str:
    byte = int(found[1], 16)
    return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"


def _normal_path(path: str) -> str:
    """The normal form of an escaped path."""
    if "%" in path:
        path = _HIGH_ESCAPES.sub(_composed, path)
    path = without_session(path)
    if "/." in path:
        path = _without_dot_segments(path)
    while found := _VARIANT_PATH.search(path, max(0, len(path) - _VARIANT_TAIL)):
        path = path[: found.start()] + path[found.end() :]
    return path or "/"


def _composed(found: re.Match[str]) -> str:
    """Escapes of UTF-8 in NFC, with the letter before them if that is what they accent; other bytes as they are."""
    try:
        text = unquote_to_bytes(found[0]).decode("utf-8")
    except UnicodeDecodeError:
        return found[0]
    composed = unicodedata.normalize("NFC", text)
    return re.sub(r"[^A-Za-z0-9]", _percent_encoded, composed)


def _without_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


@functools.cache
def _suffixes() -> tldextract.TLDExtract:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list in the package: no download


def registered_domain(url: str) -> str:
    """The domain that was registered, such as ``faz.net``; the host itself for an IP address or a local name."""
    return _registered(normalize_host(urlsplit(url).hostname or "unknown"))


def site_of(url: str | None) -> str | None:
    """The registered domain of an address; None for what is no address of a host."""
    try:
        return _registered(normalize_host(urlsplit(url or "").hostname or "")) or None
    except ValueError:
        return None


def has_registered_domain(url: str) -> bool:
    """True for an address below a public suffix; false for an IP address and a local name."""
    return bool(_suffixes()(normalize_host(urlsplit(url).hostname or "")).top_domain_under_public_suffix)


@functools.lru_cache(maxsize=4096)
def _registered(host: str) -> str:
    return _suffixes()(host).top_domain_under_public_suffix or host
