"""Reads reservations of text and data mining (TDM Reservation Protocol).

A page's own ``meta`` element takes precedence over the header of the response, and that over
``/.well-known/tdmrep.json``, which holds for the host. A file that is not there or cannot be read reserves nothing.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

from klartext import json_repair
from klartext.http_body import gunzipped
from klartext.wildcards import matches, normal_path

_META = re.compile(rb"<meta\b[^<>]{1,4000}>", re.IGNORECASE)
_ORIGIN = re.compile(r"\A(?:https?:)?//[^/?#]{1,300}", re.IGNORECASE)
_NAMED = re.compile(
    rb"""\b(?:name|property|http-equiv)\s{0,20}=\s{0,20}["']?\s{0,20}tdm-(reservation|policy)\s{0,20}["'\s/>]""",
    re.IGNORECASE,
)
_CONTENT = re.compile(rb"""\bcontent\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
HEAD = 64 * 1024
"""Bytes of a page in which its head ends."""
_LONGEST = 512 * 1024
_INFLATED = 16 * 1024 * 1024
_POLICY = 1000
_ENTRIES = 5_000
_PATTERN = 2_000


@dataclasses.dataclass(frozen=True, slots=True)
class Reservation:
    """True if the rights are ``reserved``, and the address of the ``policy`` under which they are licensed."""

    reserved: bool
    policy: str | None = None

    @property
    def fields(self) -> dict[str, str | None]:
        """The fields of a metadata record that state it."""
        return {"tdm": str(int(self.reserved)), "tdm-policy": self.policy}


def _stated(value: Any, policy: Any) -> Reservation | None:
    value = str(int(value) if isinstance(value, bool | float) and value in (0, 1) else value).strip().lower()
    value = value.partition(",")[0].strip(" \t\"'/")  # a header that is there twice, and one of HTML without quotes
    value = {"true": "1", "false": "0"}.get(value, value)
    policy = " ".join(str(policy or "").split())[:_POLICY] or None
    return Reservation(value == "1", policy) if value in ("0", "1") else None


Rules = list[tuple[str, Reservation]]


def of_headers(header: str | None, policy: str | None) -> Reservation | None:
    """What the headers ``tdm-reservation`` and ``tdm-policy`` state; None if they state nothing."""
    return _stated(header, policy)


def of_page(body: bytes) -> Reservation | None:
    """What the ``meta`` elements of a page state; None if they state nothing."""
    found: dict[bytes, str] = {}
    if b"tdm-" not in body[:HEAD].lower():
        return None
    for element in _META.findall(body[:HEAD]):
        name, content = _NAMED.search(element), _CONTENT.search(element)
        if name and content:
            found.setdefault(name[1].lower(), next(filter(None, content.groups()), b"").decode("utf-8", "replace"))
    return _stated(found.get(b"reservation"), found.get(b"policy"))


def rules_of_file(body: bytes) -> Rules:
    """The rules of a ``tdmrep.json``: patterns of paths, and what is reserved there; none for what is no such file.

    What is not quite JSON is repaired; one entry without a list counts too, and a list in an object. A location may be
    a whole address, or a list of them; an entry without one is of the whole host.
    """
    data = gunzipped(body, _INFLATED)[:_LONGEST]
    try:
        encoding = json.detect_encoding(data)
        found = json_repair.read_values(data.decode(encoding, "replace"), [])
    except (ValueError, RecursionError):
        return []
    entries = found[0] if found and isinstance(found[0], list) else found
    if len(entries) == 1 and isinstance(entries[0], dict):
        entries = next((value for value in entries[0].values() if _is_list_of_entries(value)), entries)
    rules: Rules = []
    for entry in entries[:_ENTRIES]:
        fields = (
            {key.lower().replace("_", "-"): value for key, value in entry.items()} if isinstance(entry, dict) else {}
        )
        stated = _stated(fields.get("tdm-reservation"), fields.get("tdm-policy"))
        locations = fields.get("location") or "/"
        for location in locations if isinstance(locations, list) else [locations]:
            if stated and isinstance(location, str) and len(rules) < _ENTRIES:
                pattern = normal_path(_ORIGIN.sub("", location.strip())[:_PATTERN])
                rules.append((pattern if pattern.startswith(("/", "*")) else f"/{pattern}", stated))
    return rules


def _is_list_of_entries(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def of_path(rules: Rules, path: str) -> Reservation | None:
    """What the rules state of a path: the longest pattern that fits counts, ``*`` and ``$`` as in robots.txt."""
    path = normal_path(path)
    best = max((pattern for pattern, _ in rules if matches(pattern, path)), key=len, default=None)
    return next((stated for pattern, stated in rules if pattern == best), None)
