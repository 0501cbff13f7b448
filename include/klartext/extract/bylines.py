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
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"[\d-]+")
_SPLIT = re.compile(r"[\s,;/()\[\]|+&:–—©]+|(?<=\w)-(?=\s)")


def services(text: str) -> list[str]:
    """The wire services that a text names, each once, in its order."""
    lowered, found = text.lower(), []
    for name, service in word_lists.agencies().items():
        if name in lowered:
            for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w])", lowered):
                found.append((match.start(), service))
    return list(dict.fromkeys(service for _, service in sorted(found)))


@functools.lru_cache(maxsize=1024)
def _words(name: str) -> frozenset[str]:
    return frozenset(_WORD.findall(name.lower()))


def is_credit(line: str, publisher: str = "") -> bool:
    """Whether a line only says from whom the text is: services, the publisher, initials, and words between them."""
    if len(line) > 120 or not (parts := [part for p in _SPLIT.split(line) if (part := p.strip(".-*\"'"))]):
        return False
    if any(map(str.isdigit, line)) and "dpa-infocom" not in line.lower():
        return False
    known = word_lists.agencies()
    named = _words(publisher)
    services = 0
    for part in parts:
        lowered = part.lower()
        if lowered in known or lowered.startswith("dpa"):
            services += 1
        elif not (lowered in _GLUE or lowered in named or _INITIALS.fullmatch(part) or _NUMBER.fullmatch(part)):
            return False
    return services > 0 or (line.startswith(("(", "[", "/")) and len(line) < 20) or line.lower().startswith("quelle")
