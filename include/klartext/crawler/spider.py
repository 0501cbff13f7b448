"""Makes the job's requests in their order and reports the outcome of each."""

from __future__ import annotations

import datetime as dt
import importlib
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import scrapy
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from klartext.crawler.heartbeat import PERIOD, Heartbeat
from klartext.crawler.http_status import outcome_of_status
from klartext.crawler.job import (
    CrawlPoliteness,
    CrawlRequest,
    CrawlResult,
    Handler,
    HandlerResult,
    Job,
    ServedResponse,
)
from klartext.crawler.outcome import RequestEnded, WriteFailed, reason_of_failure
from klartext.crawler.recorder import WrittenExchange
from klartext.crawler.request_filter import RequestFilter

_REDIRECTS = (301, 302, 303, 307, 308)


class PublisherSpider(scrapy.Spider):
    """Scrapy's spider for one job.

    Args:
        report: called with the result of each request, and the requests that its handler added.
        heartbeat: shows the parent process that the event loop goes on.

    ``error`` has what ended the crawl before its time, ``politeness`` what the server asked for.
    """

    name = "klartext"
    request_filter: RequestFilter

    def __init__(
        self,
        job: Job,
        report: Callable[[CrawlResult, list[CrawlRequest]], None],
        heartbeat: Heartbeat | None = None,
    ) -> None:
        super().__init__()
        self.job, self.report, self.error, self.politeness = job, report, "", CrawlPoliteness()
        self.heartbeat = heartbeat or Heartbeat(None)
        self._handler: Handler | None = None
        if job.handler:
            module, _, name = job.handler.partition(":")
            self._handler = getattr(importlib.import_module(module), name)(**job.arguments)

    async def start(self) -> AsyncIterator[Request]:
        """The job's requests, as Scrapy's."""
        LoopingCall(self.heartbeat.beat).start(PERIOD)
        for crawl_request in self.job.requests:
            if request := self._request(crawl_request):
                yield request

    def _request(self, crawl_request: CrawlRequest) -> Request | None:
        try:
            return Request(
                crawl_request.url,
                headers=crawl_request.headers,
                callback=self._on_response,
                errback=self._on_failure,
                meta={"crawl_request": crawl_request},
                dont_filter=True,
            )
        except ValueError:
            self._report(crawl_request, "refused", reason="address")
            return None

    def _report(
        self, crawl_request: CrawlRequest, outcome: str, next_requests: Iterable[CrawlRequest] = (), **fields: Any
    ) -> None:
        fields.setdefault("at", dt.datetime.now(dt.UTC))
        self.report(CrawlResult(request=crawl_request, outcome=outcome, **fields), list(next_requests))

    def _on_response(self, response: Response) -> Iterator[Request]:
        assert response.request is not None
        crawl_request: CrawlRequest = response.request.meta["crawl_request"]
        self.heartbeat.at(crawl_request)  # the next request may have begun meanwhile
        outcome, reason = outcome_of_status(response.status)
        handled = HandlerResult([], [])
        if response.status in _REDIRECTS and "Location" in response.headers:
            outcome, reason = "refused", "scheme"  # any other was followed
        written: WrittenExchange | None = response.request.meta.get("written")
        if written and written.unchanged:
            outcome, reason = "unchanged", written.unchanged
        if outcome == "captured" and self._handler:
            try:
                content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
                served = ServedResponse(response.url, content_type, response.body)
                handled = self._handler.handle(crawl_request, served)
            except MemoryError:
                handled = HandlerResult([], [], "memory-limit")
            except Exception:  # noqa: BLE001  Scrapy would log it and go on: the result would be lost
                self._give_up(traceback.format_exc())
            if handled.problem:
                outcome, reason = "failed", handled.problem
        self._report(
            crawl_request,
            outcome,
            next_requests=handled.next_requests,
            reason=reason,
            status=response.status,
            final_url=response.url,
            bytes=len(response.body),
            rows=handled.rows,
            skipped=handled.skipped,
            location=written.location if written else None,
            at=written.at if written else dt.datetime.now(dt.UTC),
        )
        for next_request in handled.next_requests:
            if request := self._request(next_request):
                yield request

    def _on_failure(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        error: Any = failure.value
        if isinstance(error, WriteFailed):
            self._give_up(str(error))
        if isinstance(error, RequestEnded):
            outcome, reason, status = error.outcome, error.reason, error.status
        else:
            outcome, reason, status = "failed", reason_of_failure(error), None
        if reason == "unexpected":
            self.logger.error("%s: %s", request.url, failure.getTraceback())
        self._report(request.meta["crawl_request"], outcome, reason=reason, status=status, final_url=request.url)

    def _give_up(self, error: str) -> None:
        self.error = error
        raise CloseSpider("error")
