"""What goes into the crawler's process and what comes out of it: plain data, a line of JSON each.

Nothing slow is imported here: the process starts with it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import email.utils
import importlib.metadata
import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from klartext import urls
from klartext.plain_data import as_dict
from klartext.warc.exchange import RecordLocation, StoredResponse, WarcOutput

if TYPE_CHECKING:
    from klartext.sources import Source


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
    """longest wait that a Retry-After may ask for; a longer one ends the crawl"""
    crawl_delay: float = 30.0
    """longest Crawl-delay that is followed to the letter; a longer one counts as this"""
    deadline: float = 6 * 3600.0
    """after which nothing more is requested"""
    silence: float = 60.0
    """for which the crawler's event loop may stand still before the process is ended"""
    memory: int = 4 * 1024**3
    """address space of the process"""
    at_once: int = 1
    """requests under way; more than one is for servers of one's own"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRequest:
    """An address to request.

    Attributes:
        via: where the address was found.
        published: the time of publication stated there, ISO 8601.
        headers: go with the request.
        context: for the handler, which alone reads it; values that JSON has.
        known: an earlier capture of the page. A response that is the same is ``unchanged``.
    """

    url: str
    via: str
    published: str | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    context: dict[str, Any] = dataclasses.field(default_factory=dict)
    known: StoredResponse | None = None

    def to_json(self) -> str:
        """The request as a line of JSON."""
        return json.dumps(as_dict(self))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CrawlRequest:
        """The request that was written as JSON. Raises KeyError and TypeError for other data."""
        return cls(**{**data, "known": StoredResponse(**data["known"]) if data["known"] else None})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One source's crawl.

    Attributes:
        hosts: may be requested and redirected to; with their port, where it is not the scheme's.
        requests: in the order in which they are made.
        delay: seconds between two requests.
        allow: hosts that may be requested though they are in a private network.
        output: WARC files to write; without it nothing is recorded.
        handler: a class as ``module:Class``, made with ``arguments`` inside of the process, which reads each body.
        captured: pages (by :meth:`page_key`) that the batch has: what leads to one is ``unchanged``.
        ignore_parameters: query parameters that select no page at this publisher, as in its source file.
        domains: registered domains of which every host may be requested too.
        tdm: ``record`` or ``obey`` where reservations of text and data mining matter, else empty.
    """

    hosts: list[str]
    requests: list[CrawlRequest]
    delay: float
    allow: list[str] = dataclasses.field(default_factory=list)
    user_agent: str = "Klartext"
    limits: Limits = Limits()
    output: WarcOutput | None = None
    handler: str | None = None
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
    captured: list[str] = dataclasses.field(default_factory=list)
    ignore_parameters: list[str] = dataclasses.field(default_factory=list)
    domains: list[str] = dataclasses.field(default_factory=list)
    tdm: str = ""

    def page_key(self, url: str) -> str:
        """What all addresses of a page have in common (:func:`klartext.urls.page_key`) at this publisher."""
        return urls.page_key(url, self.ignore_parameters)

    def to_json(self) -> str:
        """The job as a line of JSON."""
        return json.dumps(as_dict(self))

    @classmethod
    def from_json(cls, line: str) -> Job:
        """The job of a line of JSON."""
        data = json.loads(line)
        data["requests"] = [CrawlRequest.from_dict(request) for request in data["requests"]]
        data["limits"] = Limits(**data["limits"])
        data["output"] = WarcOutput(**data["output"]) if data["output"] else None
        return cls(**data)


def build_job(
    source: Source, requests: Iterable[CrawlRequest], limits: Limits, *, more_hosts: Iterable[str] = (), **fields: Any
) -> Job:
    """The job for a source, with the hosts and the delay of its file.

    Args:
        more_hosts: hosts that may be requested besides its own.
        fields: further fields of the job.
    """
    return Job(
        hosts=sorted({host.lower() for host in (*source.hosts, *more_hosts)}),
        requests=list(requests),
        delay=source.fetch.delay,
        allow=allowed_hosts(),
        user_agent=user_agent(),
        limits=limits,
        ignore_parameters=source.addresses.ignore_parameters,
        **fields,
    )


def memento_headers(source: Source, end: dt.datetime) -> dict[str, str]:
    """Headers that ask a server of past states (RFC 7089) for the one just before ``end``; none for other sources."""
    if not source.fetch.memento:
        return {}
    moment = end.astimezone(dt.UTC) - dt.timedelta(seconds=1)
    return {"Accept-Datetime": email.utils.format_datetime(moment, usegmt=True)}


@dataclasses.dataclass(slots=True, kw_only=True)
class CrawlPoliteness:
    """What the server asked for during a crawl, in seconds: ``delay`` between two requests (robots.txt), and a
    ``pause`` without any (Retry-After)."""

    delay: float = 0.0
    pause: float = 0.0

    def require_lease(self) -> None:
        """Raises an error if requests may not be made any more; see :mod:`klartext.crawler.publisher_lease`."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """The outcome of a request.

    Attributes:
        outcome, reason: as in :class:`klartext.model.Fetch`.
        at: UTC: the time of the exchange, or of the past state that the server showed.
        rows: what the handler read in the body.
        location: where the last exchange was written.
        skipped: number of entries that the handler left out or read only in part, by reason.
    """

    request: CrawlRequest
    outcome: str
    at: dt.datetime
    reason: str | None = None
    status: int | None = None
    final_url: str | None = None
    bytes: int | None = None
    rows: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    location: RecordLocation | None = None
    skipped: dict[str, int] = dataclasses.field(default_factory=dict)

    def to_json(self) -> str:
        """The result as a line of JSON."""
        return json.dumps({**as_dict(self), "at": self.at.isoformat()})

    @classmethod
    def from_json(cls, line: str) -> CrawlResult:
        """The result of a line of JSON."""
        data = json.loads(line)
        location = RecordLocation(**data["location"]) if data["location"] else None
        at = dt.datetime.fromisoformat(data["at"])
        request = CrawlRequest.from_dict(data["request"])
        return cls(**{**data, "request": request, "at": at, "location": location})


@dataclasses.dataclass(frozen=True, slots=True)
class ServedResponse:
    """What a handler is given: the address after redirects, the type that the server names, the decoded body."""

    url: str
    content_type: str
    body: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class HandlerResult:
    """What a handler read in a body.

    Attributes:
        rows: go into the result of the request.
        next_requests: are added to the crawl.
        problem: a stable reason if the body could not be read, or not to its end.
        skipped: number of entries left out or read only in part, by reason.
    """

    rows: list[dict[str, Any]]
    next_requests: list[CrawlRequest]
    problem: str | None = None
    skipped: dict[str, int] = dataclasses.field(default_factory=dict)


class Handler(Protocol):
    """Reads the bodies of a crawl, inside of the crawler's process."""

    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        """Reads the body of a request that was answered with status 2xx. What it raises ends the crawl."""


def user_agent() -> str:
    """The User-Agent header: the version of Klartext, and ``KLARTEXT_CONTACT`` where it is set."""
    contact = os.environ.get("KLARTEXT_CONTACT", "").strip()
    return f"Klartext/{importlib.metadata.version('klartext')}" + (f" (+{contact})" if contact else "")


def allowed_hosts() -> list[str]:
    """``KLARTEXT_ALLOW_HOSTS``: hosts with their port that may be requested though they are in a private network."""
    named = os.environ.get("KLARTEXT_ALLOW_HOSTS", "").split(",")
    return [host.strip().lower() for host in named if host.strip()]
