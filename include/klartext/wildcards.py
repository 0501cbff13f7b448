"""Patterns of robots.txt (RFC 9309, section 2.2.3) and of ``tdmrep.json``: ``*`` for any characters, ``$`` for the end.

Matching is linear in the length of the path for any number of stars: each literal is looked for once, from left to
right, which is right since the first place where it stands leaves most of the path for the rest.
"""

from __future__ import annotations


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
