"""Decodes every answer within bounds, next to the downloader, and writes it to the crawl's WARC file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import http
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from klartext import tdm, wayback
from klartext.crawler.job import Job, Place
from klartext.crawler.outcome import NotWritten, Verdict
from klartext.http_body import Damaged, Incomplete, TooLarge, decode_payload
from klartext.warc.writer import Exchange, Headers, WarcFile


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """Where an exchange was written, when it was, and why its page is unchanged, if it is."""

    place: Place
    at: dt.datetime
    unchanged: str | None


def _pairs(message: Request | Response) -> Headers:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    ]


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _said(response: Response, name: str) -> str | None:
    """A header of the publisher's, also where the Wayback Machine gives it back."""
    return _header(response, name) or _header(response, f"x-archive-orig-{name}")


class Exchanges:
    """Downloader middleware. Pages whose payload is too large or broken are not written: no page can be made of
    them; nor are those whose publisher reserves text and data mining, where that is obeyed. The decoded body goes on to
    the others, with ``written`` in the request's meta."""

    def __init__(self, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        job: Job = spider.job
        self._spider, self._limit, self._obey = spider, job.limits.size, job.tdm == "obey"
        self._file = WarcFile(job.record) if job.record else None
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Exchanges:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        try:
            body = decode_payload(response.body, _pairs(response), self._limit, response.status)
        except Incomplete as error:
            reason = "record-truncated" if response.status == 206 else "cut-short"
            raise Verdict("failed", reason, response.status) from error
        except (TooLarge, Damaged) as error:
            raise Verdict("failed", error.reason, response.status) from error
        if self._file and "ask" in request.meta:
            exchange = self._exchange(request, response, body)
            try:
                place, unchanged = self._file.write(exchange)
            except OSError as error:
                raise NotWritten(str(error)) from error
            at = wayback.shown(_header(response, "Memento-Datetime"), response.url) or exchange.at
            request.meta["written"] = Written(place, at, unchanged)
            if unchanged or 200 <= response.status < 300:
                self._spider.guard.have(response.url)
        # A plain Response: nobody here reads text, and guessing a charset costs more than all the rest.
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        return Response(response.url, status=response.status, headers=headers, body=body)

    def _exchange(self, request: Request, response: Response, body: bytes) -> Exchange:
        ask = request.meta["ask"]
        headers = tdm.of_headers(_said(response, "tdm-reservation"), _said(response, "tdm-policy"))
        told = tdm.of_page(body) or headers or request.meta.get("tdm")
        if told and told.reserved and self._obey:
            raise Verdict("disallowed", "tdm-reservation", response.status)
        host = request.url.split("/", 3)[2]
        phrase = http.HTTPStatus(response.status).phrase if response.status in set(http.HTTPStatus) else ""
        return Exchange(
            url=response.url,
            at=dt.datetime.now(dt.UTC),
            request=[("Host", host), *_pairs(request)],
            status=response.status,
            phrase=phrase,
            protocol=response.protocol or "HTTP/1.1",
            response=_pairs(response),
            body=response.body,
            ip=str(response.ip_address) if response.ip_address else None,
            told={
                "via": ask.via,
                "seed": ask.url,
                "published": ask.published,
                **(told.fields if told else {}),
            },
            known=ask.known,
        )

    def _close(self) -> None:
        if self._file:
            self._file.close()
