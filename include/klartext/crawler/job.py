"""What goes into the crawler's process and what comes out of it: plain data, a line of JSON each.

Nothing but the standard library is imported here: the process starts with it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib.metadata
import json
import os
from typing import Any, Protocol


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a crawl. Times are seconds, sizes are bytes; sizes hold before and after decompression."""

    timeout: float = 30.0
    size: int = 20 * 1024 * 1024
    redirects: int = 5
    retries: int = 2
    backoff: float = 2.0
    """first wait before a retry; doubled for the next"""
    patience: float = 60.0
    """longest wait that a Retry-After may ask for; a longer one ends the asking"""
    crawl_delay: float = 30.0
    """longest Crawl-delay that is followed to the letter; a longer one counts as this"""
    deadline: float = 6 * 3600.0
    """after which nothing more is asked"""
    silence: float = 60.0
    """for which the crawler's event loop may stand still before the process is ended"""
    memory: int = 4 * 1024**3
    """address space of the process"""
    at_once: int = 1
    """requests under way; more than one is for servers of one's own"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """The capture that there is of a page already: address, WARC-Date and payload digest of its record."""

    url: str
    date: str
    digest: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """An address to ask for; ``via`` is where it was found, ``published`` the time of publication given there (ISO
    8601), ``headers`` go with the request, ``about`` is the handler's own. With ``known`` an answer that is the same
    is ``unchanged``."""

    url: str
    via: str
    published: str | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    about: dict[str, Any] = dataclasses.field(default_factory=dict)
    known: StoredResponse | None = None

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def of(cls, data: dict[str, Any]) -> Ask:
        return cls(**{**data, "known": StoredResponse(**data["known"]) if data["known"] else None})


ROTATE = 10**9
"""Bytes after which another WARC file is begun."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Where exchanges are written to, as WARC; ``info`` goes into the file's warcinfo record.

    A file of ``rotate`` bytes is followed by another, whose name sorts after it; 0 is for one file however large.
    """

    path: str
    info: dict[str, str] = dataclasses.field(default_factory=dict)
    rotate: int = ROTATE


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the record of an exchange was written: the file's name without its folder, offset, payload digest."""

    file: str
    offset: int
    digest: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One source's crawl.

    ``hosts`` (with their port, where it is not the scheme's) may be asked and redirected to, ``allow`` are those that
    may be asked though they lie in a private network. ``handler`` names a class, ``module:Class``, that is made with
    ``arguments`` inside of the process and takes each answer apart; without one the bodies are only recorded.
    ``have`` are pages (:func:`klartext.urls.page_key`) that are there already: what leads to one is ``unchanged``.
    ``domains`` are registered domains of which every host may be asked too. ``tdm`` is ``record`` or ``obey`` where
    reservations of text and data mining matter, else empty.
    """

    hosts: list[str]
    asks: list[Ask]
    delay: float
    allow: list[str] = dataclasses.field(default_factory=list)
    user_agent: str = "Klartext"
    limits: Limits = Limits()
    record: Record | None = None
    handler: str | None = None
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
    have: list[str] = dataclasses.field(default_factory=list)
    domains: list[str] = dataclasses.field(default_factory=list)
    tdm: str = ""

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Job:
        data = json.loads(line)
        data["asks"] = [Ask.of(ask) for ask in data["asks"]]
        data["limits"] = Limits(**data["limits"])
        data["record"] = Record(**data["record"]) if data["record"] else None
        return cls(**data)


@dataclasses.dataclass(slots=True, kw_only=True)
class Manners:
    """What was asked of us while we asked, in seconds: ``delay`` between two requests (robots.txt), ``rest`` for a time
    without any (Retry-After)."""

    delay: float = 0.0
    rest: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outcome of an ask: ``outcome`` and ``reason`` as in :class:`klartext.model.Fetch`, ``found`` is what the
    handler read in the body, ``skipped`` counts what it left out by reason, ``place`` is where the last exchange was
    written. ``at`` is UTC: the time of the exchange, or of the state that a server with a past showed."""

    ask: Ask
    outcome: str
    at: dt.datetime
    reason: str | None = None
    status: int | None = None
    final_url: str | None = None
    bytes: int | None = None
    found: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    place: Place | None = None
    skipped: dict[str, int] = dataclasses.field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps({**dataclasses.asdict(self), "at": self.at.isoformat()})

    @classmethod
    def from_json(cls, line: str) -> Answer:
        data = json.loads(line)
        place = Place(**data["place"]) if data["place"] else None
        at = dt.datetime.fromisoformat(data["at"])
        return cls(**{**data, "ask": Ask.of(data["ask"]), "at": at, "place": place})


@dataclasses.dataclass(frozen=True, slots=True)
class Served:
    """What a handler is given: the address in the end, the type as the server names it, the decoded body."""

    url: str
    content_type: str
    body: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """What a handler took from a body: rows, what is to be asked next, a stable reason if that was not all, and how
    many entries it left out or read only in part, by reason."""

    found: list[dict[str, Any]]
    further: list[Ask]
    problem: str | None = None
    skipped: dict[str, int] = dataclasses.field(default_factory=dict)


class Handler(Protocol):
    """Takes a body apart."""

    def take(self, ask: Ask, served: Served) -> Taken: ...


def user_agent() -> str:
    """Who we are and where to complain: the version, and ``KLARTEXT_CONTACT`` where it is set."""
    contact = os.environ.get("KLARTEXT_CONTACT", "").strip()
    return f"Klartext/{importlib.metadata.version('klartext')}" + (f" (+{contact})" if contact else "")


def allowed_hosts() -> list[str]:
    """``KLARTEXT_ALLOW_HOSTS``: hosts with their port that may be asked though they lie in a private network."""
    named = os.environ.get("KLARTEXT_ALLOW_HOSTS", "").split(",")
    return [host.strip().lower() for host in named if host.strip()]
