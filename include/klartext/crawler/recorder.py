"""Decodes every response within bounds, next to the downloader, and writes it to the crawl's WARC file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import http
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from klartext import tdm, wayback
from klartext.crawler.job import Job
from klartext.crawler.outcome import RequestEnded, WriteFailed
from klartext.http_body import Damaged, Incomplete, TooLarge, decode_payload
from klartext.warc.exchange import Exchange, Headers, RecordLocation
from klartext.warc.writer import WarcFile


@dataclasses.dataclass(frozen=True, slots=True)
class WrittenExchange:
    """Where an exchange was written, when it was, and why its page is unchanged, if it is."""

    location: RecordLocation
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


def _publishers_header(response: Response, name: str) -> str | None:
    """A header that the publisher sent, also where the response is the Wayback Machine's copy."""
    return _header(response, name) or _header(response, f"x-archive-orig-{name}")


class Recorder:
    """Downloader middleware that writes exchanges.

    Responses whose payload is too large or damaged are not written, as no page can be made of them; nor are those whose
    publisher reserves text and data mining, where that is obeyed. The response goes on with a decoded body, and with a
    :class:`WrittenExchange` as ``written`` in the request's meta.
    """

    def __init__(self, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        job: Job = spider.job
        self._spider, self._limit, self._obey = spider, job.limits.size, job.tdm == "obey"
        self._file = WarcFile(job.output) if job.output else None
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Recorder:
        """The recorder of a crawl; it closes its file when the spider is closed."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Writes the exchange and returns the response with its body decoded.

        Raises:
            RequestEnded: the payload is incomplete, too large or damaged, or its use is reserved.
            WriteFailed: the file cannot be written.
        """
        try:
            body = decode_payload(response.body, _pairs(response), self._limit, response.status)
        except Incomplete as error:
            reason = "record-truncated" if response.status == 206 else "cut-short"
            raise RequestEnded("failed", reason, response.status) from error
        except (TooLarge, Damaged) as error:
            raise RequestEnded("failed", error.reason, response.status) from error
        if self._file and "crawl_request" in request.meta:
            exchange = self._exchange(request, response, body)
            try:
                location, unchanged = self._file.write(exchange)
            except OSError as error:
                raise WriteFailed(str(error)) from error
            at = wayback.memento_time(_header(response, "Memento-Datetime"), response.url) or exchange.at
            request.meta["written"] = WrittenExchange(location, at, unchanged)
            if unchanged or 200 <= response.status < 300:
                self._spider.request_filter.add_captured(response.url)
        # A plain Response, not Scrapy's TextResponse: no text is read here, and guessing its charset is slow.
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        return Response(response.url, status=response.status, headers=headers, body=body)

    def _exchange(self, request: Request, response: Response, body: bytes) -> Exchange:
        crawl_request = request.meta["crawl_request"]
        headers = tdm.of_headers(
            _publishers_header(response, "tdm-reservation"), _publishers_header(response, "tdm-policy")
        )
        reservation = tdm.of_page(body) or headers or request.meta.get("tdm")
        if reservation and reservation.reserved and self._obey:
            raise RequestEnded("disallowed", "tdm-reservation", response.status)
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
            metadata={
                "via": crawl_request.via,
                "seed": crawl_request.url,
                "published": crawl_request.published,
                **(reservation.fields if reservation else {}),
            },
            known=crawl_request.known,
        )

    def _close(self) -> None:
        if self._file:
            self._file.close()
