"""Which parameters of an address say nothing of the page: tracking, session identifiers, variants of one page.

A parameter is dropped by its name alone only where the name belongs to one tracking product and is of no use for
content. Names that sites also use for content (``ref``, ``source``, ``page``, ``print``) are dropped by name and value,
and some of them only where the path names the page; ``cid``, ``kw`` or ``social`` are never dropped, unless a source
file says so (``addresses.ignore_parameters``).
"""

from __future__ import annotations

import re
from collections.abc import Collection

_TRACKING = re.compile(
    r"""utm | utm_[a-z_]{1,40} | itm_(?:source|medium|campaign|content|term)
    | fbclid | fb_(?:action_ids|action_types|source|ref) | gclid | gclsrc | gbraid | wbraid | gad_(?:source|campaignid)
    | dclid | msclkid | yclid | ysclid | twclid | ttclid | li_fat_id | igshid | igsh | epik | rdt_cid | srsltid
    | mc_[ce]id | _ga | _gl | _hsenc | _hsmi | hsctatracking | mkt_tok | vero_(?:id|conv) | oly_(?:enc|anon)_id
    | __twitter_impression | xing_share | spm_id_from
    | wt[._][a-z\d_.]{1,40} | wtmc
    | at_(?:medium|campaign|campaign_type|custom\d|link_id|link_type|link_origin|link_title|format|ptr_name|ptr_type
        |variant|creation|general_placement|channel|recipient_id|recipient_list|send_date|bbc_team)
    | xtor | pk_(?:campaign|kwd|keyword|source|medium|content|cid|vid)
    | (?:mtm|matomo)_(?:campaign|kwd|keyword|source|medium|content|cid|group|placement)
    | ns_(?:mchannel|source|campaign|linkname|fee) | cmpid | sc_(?:src|lid|uid|llid|eh)
    | dicbo | oborigurl | tblci | traffic_source | cxrecs_s | ftag | guce_referrer | guce_referrer_sig | guccounter""",
    re.IGNORECASE | re.VERBOSE,
)
"""Names that one tracking product each has for its own."""
_IN_PATH = re.compile(rf"(?:&|%26|%3F)(?=(?:{_TRACKING.pattern})(?:=|%3D))", re.IGNORECASE | re.VERBOSE)
"""Where tracking parameters begin that a program added to a path as if it were a query."""
_SECOND_QUERY = re.compile(rf"\?(?=(?:{_TRACKING.pattern})=)", re.IGNORECASE | re.VERBOSE)

_YES = r"|1|true|yes|y|on"
_VARIANTS = {
    "service": r"print|amp", "output": r"amp|print", "outputtype": r"amp|valueamp", "view": r"amp|print|fulltext",
    "print": _YES, "amp": _YES, "p": r"all",
}  # fmt: skip
"""Values that choose a variant of the same page, by the parameter's name."""

_CHANNEL = (
    r"rss\d?|feeds?|atom|newsletter|nl|e-?mail|mail|twitter|x|tw|facebook|fb|instagram|whatsapp|wa|telegram|threads|"
    r"bluesky|mastodon|linkedin|xing|pinterest|reddit|flipboard|pocket|google|googlenews|google-news|bing|msn|"
    r"apple-?news|upday|push|share|shared|sharing|social|app|homepage|home|hp|startseite|start|amp|nativeshare"
)
_PAGE_NUMBER = r"\d{1,2}|all|komplett[a-z]{0,10}"
_WITH_PATH = {
    **dict.fromkeys(("ref", "referrer", "referer", "source", "src"), _CHANNEL),
    "share": rf"{_CHANNEL}{_YES}",
    **dict.fromkeys(("page", "seite"), _PAGE_NUMBER),
}
"""Values that say nothing of the page where the path names it: at ``index.php?page=3`` they are all there is."""
_SCRIPT = re.compile(r"\A/\Z|\.(?:php\d?|phtml|aspx?|jspx?|cgi|pl|cfm|do|fcgi|exe|dll)\Z", re.IGNORECASE)

_SESSION = re.compile(r"jsessionid|phpsessid|aspsessionid[a-z]{0,12}|asp\.net_sessionid|oscsid|cftoken", re.IGNORECASE)
"""Names of session identifiers, whatever the value."""
_SESSION_ALSO = frozenset(("sid", "sess", "sessid", "session", "sessionid", "session_id", "phpsid", "xtcsid", "zenid"))
"""Names of session identifiers where the value is one: long and random."""
_RANDOM = re.compile(r"[0-9a-f]{16,128}|[0-9a-z]{20,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PATH_SESSION = re.compile(r"(?:;|%3B)(jsessionid|phpsessid|sid|sessionid)=([^;/]*)", re.IGNORECASE)
_PATH_SEGMENT = re.compile(r"/\((?:[A-Z]\([0-9a-z_-]{20,1000}\)){1,4}\)(?=/)", re.IGNORECASE)


def kept_query(query: str, path: str, ignore: Collection[str] = ()) -> str:
    """The parameters of an escaped query that say which page it is, each as it was written, ordered by name.

    ``path`` is the path in normal form, ``ignore`` are names of further parameters to drop; ``*`` at the end of one
    stands for any rest.
    """
    if not query:
        return ""
    if "cftoken=" in query.lower():  # of ColdFusion, a session with both
        ignore = (*ignore, "cfid")
    is_script = _SCRIPT.search(path[-8:]) is not None
    kept = []
    query = re.sub(r"&(?:amp(?:;|%3B))+", "&", query)
    if "?" in query:  # a program that adds its own parameters to any address writes a second question mark
        query = _SECOND_QUERY.sub("&", query)
    for parameter in query.split("&"):
        rest = ";".join(part for part in parameter.split(";") if not _is_dropped(part, ignore, is_script=is_script))
        if rest.strip(";"):
            kept.append(rest)
    return "&".join(sorted(kept, key=lambda parameter: parameter.partition("=")[0]))


def without_tracking(path: str, query: str) -> tuple[str, str]:
    """An escaped path and query; parameters behind the path from a tracking parameter on are moved to the query. A
    program adds them to any address, without a question mark (``/a&utm_source=x``) or with one that is escaped."""
    found = _IN_PATH.search(path)
    if not found:
        return path, query
    added = path[found.end() :].replace("%26", "&").replace("%3D", "=")
    return path[: found.start()], f"{added}&{query}" if query else added


def _is_dropped(parameter: str, ignore: Collection[str], *, is_script: bool) -> bool:
    name, _, value = parameter.partition("=")
    if not name:
        return False
    lowered = name.lower()
    if _TRACKING.fullmatch(name) or _SESSION.fullmatch(name) or _is_ignored(lowered, ignore):
        return True
    if lowered in _SESSION_ALSO:
        return is_random(value)
    if lowered == "s":  # of forums; elsewhere a search
        return len(value) == 32 and is_random(value)
    values = _VARIANTS.get(lowered) or (None if is_script else _WITH_PATH.get(lowered))
    return values is not None and re.fullmatch(values, value, re.IGNORECASE) is not None


def _is_ignored(name: str, ignore: Collection[str]) -> bool:
    return any(
        name.startswith(pattern[:-1].lower()) if pattern.endswith("*") else name == pattern.lower()
        for pattern in ignore
    )


def is_random(value: str) -> bool:
    """True for a value that was drawn at random: 16 hexadecimal digits or more, 20 letters and digits, or a UUID."""
    letters = sum(character.isalpha() for character in value[:128])
    return _RANDOM.fullmatch(value) is not None and letters > 0 and len(value[:128]) - letters >= 3


def without_session(path: str) -> str:
    """A path without the session identifiers that servers write into it: ``/a;jsessionid=0A1B`` (Java),
    ``/(S(lit3py55t21z5v55vlm25s55))/a`` (ASP.NET)."""
    if "/(" in path:
        path = _PATH_SEGMENT.sub("", path)
    return _PATH_SESSION.sub(_kept_path_parameter, path) if ";" in path or "%3B" in path else path


def _kept_path_parameter(found: re.Match[str]) -> str:
    is_session = found[1].lower() in ("jsessionid", "phpsessid") or is_random(found[2])
    return "" if is_session else found[0]
