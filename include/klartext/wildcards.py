"""Patterns of robots.txt (RFC 9309, section 2.2.3) and of ``tdmrep.json``: ``*`` for any characters, ``$`` for the end.

Matching is linear in the length of the path for any number of stars: each literal is looked for once, from left to
right, which is right since the first place where it stands leaves most of the path for the rest.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RESERVED = frozenset(b"!#$%&'()*+,/:;=?@[]")


def matches(pattern: str, path: str) -> bool:
    """True if the pattern fits the beginning of a path, or the whole of it where the pattern ends in ``$``."""
    is_whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not rest:
        return path == first if is_whole else path.startswith(first)
    if not path.startswith(first):
        return False
    position = len(first)
    last = rest.pop() if is_whole else ""
    for literal in rest:
        if literal:
            found = path.find(literal, position)
            if found < 0:
                return False
            position = found + len(literal)
    return path.endswith(last) and len(path) - len(last) >= position


def as_bytes(text: str) -> bytes:
    """UTF-8, with the bytes that were none as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def normal_path(path: str) -> str:
    """A path or pattern with one spelling for each character: reserved ones as they are, others decoded or escaped."""
    if re.fullmatch(r"[\w./*$?=&;:,+!~'()@-]*", path, re.ASCII):
        return path
    escaped = re.sub(rb"%([0-9A-Fa-f]{2})", _one_spelling, as_bytes(path))
    return "".join(chr(byte) if byte in _UNRESERVED or byte in _RESERVED else f"%{byte:02X}" for byte in escaped)


def _one_spelling(found: re.Match[bytes]) -> bytes:
    byte = unquote_to_bytes(found[0])
    return byte if byte[0] in _UNRESERVED else found[0].upper()
