"""Next to the downloader: every answer is decoded within bounds and, where the crawl records, written down."""

from __future__ import annotations

import datetime as dt
import http
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from klartext.crawler.inflate import Damaged, TooLarge, decode
from klartext.crawler.job import Job
from klartext.crawler.verdict import NotWritten, Verdict
from klartext.crawler.warcfile import Exchange, Headers, WarcFile

ENCODINGS = "gzip, deflate"


def _pairs(message: Request | Response) -> Headers:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    ]


class Exchanges:
    """Downloader middleware. Pages whose payload is too large or broken are not written: no page can be made of
    them. The decoded body goes on to the others."""

    def __init__(self, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        job: Job = spider.job
        self._limit = job.limits.size
        self._file = WarcFile(Path(job.record.path), job.record.info) if job.record else None
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Exchanges:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        try:
            encodings = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
            body = decode(response.body, encodings, self._limit)
        except TooLarge:
            raise Verdict("failed", "too-large", response.status) from None
        except Damaged:
            raise Verdict("failed", "payload-damaged", response.status) from None
        if self._file and "ask" in request.meta:
            try:
                self._file.write(self._exchange(request, response))
            except OSError as error:
                raise NotWritten(str(error)) from error
        # A plain Response: nobody here reads text, and guessing a charset costs more than all the rest.
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        return Response(response.url, status=response.status, headers=headers, body=body)

    def _exchange(self, request: Request, response: Response) -> Exchange:
        ask = request.meta["ask"]
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
            via=ask.via,
            seed=ask.url,
            published=ask.published,
        )

    def _close(self) -> None:
        if self._file:
            self._file.close()
