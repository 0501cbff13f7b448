"""Asks the newsroom over HTTP, with nothing in between that follows, retries or decodes."""

from __future__ import annotations

import datetime as dt
import http.client
from dataclasses import dataclass
from email.message import Message
from email.utils import format_datetime

import newsroom


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(self.headers.get_content_charset() or "utf-8")


def request(
    press: newsroom.Press,
    slug: str,
    target: str,
    moment: dt.datetime | str | None = None,
    method: str = "GET",
    headers: dict[str, str] | None = None,
) -> Reply:
    """One exchange; ``moment`` goes out as Accept-Datetime."""
    sent = dict(headers or {})
    if moment is not None:
        sent["Accept-Datetime"] = moment if isinstance(moment, str) else format_datetime(moment, usegmt=True)
    connection = http.client.HTTPConnection("127.0.0.1", press.ports[slug], timeout=20)
    try:
        connection.request(method, target, headers=sent)
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
