"""Reservations of text and data mining, as the TDM Reservation Protocol has them.

A page's own ``meta`` element comes before the answer's header, and that before ``/.well-known/tdmrep.json``, which is
good for the host. A file that is not there or cannot be read reserves nothing.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

_META = re.compile(rb"<meta\b[^>]*>", re.IGNORECASE)
_NAMED = re.compile(rb"""\bname\s*=\s*["']?\s*tdm-(reservation|policy)\s*["'\s/>]""", re.IGNORECASE)
_CONTENT = re.compile(rb"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
HEAD = 64 * 1024
"""Bytes of a page in which its head ends."""
_LONGEST = 512 * 1024
_POLICY = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class Reservation:
    """Whether the rights are reserved, and the address of the policy under which they may be had."""

    reserved: bool
    policy: str | None = None

    @property
    def fields(self) -> dict[str, str | None]:
        """What a metadata record says of it."""
        return {"tdm": str(int(self.reserved)), "tdm-policy": self.policy}


def _told(value: Any, policy: Any) -> Reservation | None:
    value = str(value).strip()
    policy = " ".join(str(policy or "").split())[:_POLICY] or None
    return Reservation(value == "1", policy) if value in ("0", "1") else None


def of_headers(header: str | None, policy: str | None) -> Reservation | None:
    """What the headers ``tdm-reservation`` and ``tdm-policy`` say; None for nothing."""
    return _told(header, policy)


def of_page(body: bytes) -> Reservation | None:
    """What the ``meta`` elements of a page say; None for nothing."""
    found: dict[bytes, str] = {}
    if b"tdm-" not in body[:HEAD].lower():
        return None
    for element in _META.findall(body[:HEAD]):
        name, content = _NAMED.search(element), _CONTENT.search(element)
        if name and content:
            found.setdefault(name[1].lower(), next(filter(None, content.groups()), b"").decode("utf-8", "replace"))
    return _told(found.get(b"reservation"), found.get(b"policy"))


def of_file(body: bytes, path: str) -> Reservation | None:
    """What a ``tdmrep.json`` says of a path: the longest pattern that fits counts, ``*`` and ``$`` as in robots.txt."""
    try:
        entries = json.loads(body[:_LONGEST])
    except (ValueError, RecursionError):
        return None
    best: tuple[int, Reservation] | None = None
    for entry in entries if isinstance(entries, list) else []:
        location = entry.get("location") if isinstance(entry, dict) else None
        if not isinstance(location, str) or not _fits(location, path):
            continue
        told = _told(entry.get("tdm-reservation"), entry.get("tdm-policy"))
        if told and (best is None or len(location) > best[0]):
            best = len(location), told
    return best[1] if best else None


def _fits(pattern: str, path: str) -> bool:
    end = pattern.endswith("$")
    parts = [re.escape(part) for part in pattern.removesuffix("$").split("*")]
    return re.match(".*?".join(parts) + ("$" if end else ""), path) is not None
