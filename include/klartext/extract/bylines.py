"""Who wrote it: people, wire services, and lines that do nothing but credit them."""

from __future__ import annotations

import functools
import re

from klartext.extract import word_lists

_GLUE = frozenset(
    "mit von und text quelle quellen material informationen der des nach aus redaktion online nachrichten agenturen "
    "agentur mitarbeit vom im auftrag dpa-infocom quellenangabe".split()
)
_INITIALS = re.compile(r"[a-zäöüß]{2,5}|[A-ZÄÖÜ]{2,3}|[a-z]{1,3}/?[a-z]{1,3}")
_LONGEST_INITIALS = 6
"""Letters of the longest word that :data:`_INITIALS` matches, one with a stroke in it aside."""
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"[\d-]+")
_MARKS = ".-*\"'"
_FIRST = re.compile(r"\A[\s,;/()\[\]|+&:–—©]*+([^\s,;/()\[\]|+&:–—©]++)")
_SPLIT = re.compile(r"[\s,;/()\[\]|+&:–—©]+|(?<=\w)-(?=\s)")


def services(text: str) -> list[str]:
    """The wire services that a text names, each once, in its order."""
    lowered, found = text.lower(), []
    if not lowered:
        return []
    for name, service in word_lists.agencies().items():
        if name in lowered:
            for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w])", lowered):
                found.append((match.start(), service))
    return list(dict.fromkeys(service for _, service in sorted(found)))


@functools.lru_cache(maxsize=1024)
def _words(name: str) -> frozenset[str]:
    return frozenset(_WORD.findall(name.lower()))


def _names_service(part: str, named: frozenset[str]) -> bool | None:
    """True for a wire service's name, False for what else may stand in a credit, None for any other word."""
    lowered = part.lower()
    if lowered in word_lists.agencies() or lowered.startswith("dpa"):
        return True
    is_beside = lowered in _GLUE or lowered in named
    if not is_beside and (len(part) <= _LONGEST_INITIALS or not part.isalpha()):  # no other word is either of these
        is_beside = bool(_INITIALS.fullmatch(part) or _NUMBER.fullmatch(part))
    return False if is_beside else None


def is_credit(line: str, publisher: str = "") -> bool:
    """Whether a line only says from whom the text is: services, the publisher, initials, and words between them."""
    if len(line) > 120:
        return False
    named = _words(publisher)
    first = _FIRST.match(line)
    if first and (part := first[1].strip(_MARKS)) and _names_service(part, named) is None:
        return False  # as most lines are; their other words need not be looked at
    if not (parts := [part for p in _SPLIT.split(line) if (part := p.strip(_MARKS))]):
        return False
    if any(map(str.isdigit, line)) and "dpa-infocom" not in line.lower():
        return False
    services = 0
    for part in parts:
        if (names_service := _names_service(part, named)) is None:
            return False
        services += names_service
    return services > 0 or (line.startswith(("(", "[", "/")) and len(line) < 20) or line.lower().startswith("quelle")
