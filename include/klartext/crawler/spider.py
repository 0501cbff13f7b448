"""Asks the job's addresses in their order and reports the outcome of each."""

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
from klartext.crawler.http_status import outcome
from klartext.crawler.job import Answer, Ask, Handler, Job, Manners, Served, Taken
from klartext.crawler.outcome import NotWritten, Verdict, reason
from klartext.crawler.recorder import Written
from klartext.crawler.request_filter import Guard


class Asking(scrapy.Spider):
    """``say`` gets every answer; ``error`` has what ended the crawl before its time, ``manners`` what was learnt."""

    name = "klartext"
    guard: Guard

    def __init__(self, job: Job, say: Callable[[Answer, list[Ask]], None], heartbeat: Heartbeat | None = None) -> None:
        super().__init__()
        self.job, self.say, self.error, self.manners = job, say, "", Manners()
        self.heartbeat = heartbeat or Heartbeat(None)
        self._handler: Handler | None = None
        if job.handler:
            module, _, name = job.handler.partition(":")
            self._handler = getattr(importlib.import_module(module), name)(**job.arguments)

    async def start(self) -> AsyncIterator[Request]:
        LoopingCall(self.heartbeat.beat).start(PERIOD)
        for ask in self.job.asks:
            if request := self._request(ask):
                yield request

    def _request(self, ask: Ask) -> Request | None:
        try:
            return Request(
                ask.url,
                headers=ask.headers,
                callback=self._answered,
                errback=self._failed,
                meta={"ask": ask},
                dont_filter=True,
            )
        except ValueError:
            self._say(ask, "refused", reason="address")
            return None

    def _say(self, ask: Ask, outcome: str, further: Iterable[Ask] = (), **rest: Any) -> None:
        self.say(Answer(ask=ask, outcome=outcome, **{"at": dt.datetime.now(dt.UTC), **rest}), list(further))

    def _answered(self, response: Response) -> Iterator[Request]:
        assert response.request is not None
        ask: Ask = response.request.meta["ask"]
        self.heartbeat.at(ask)  # the next request may have begun meanwhile
        verdict, why = outcome(response.status)
        taken = Taken([], [])
        if 300 <= response.status < 400 and "Location" in response.headers:
            verdict, why = "refused", "scheme"  # any other was followed
        written: Written | None = response.request.meta.get("written")
        if written and written.unchanged:
            verdict, why = "unchanged", written.unchanged
        if verdict == "captured" and self._handler:
            try:
                kind = response.headers.get("Content-Type") or b""
                taken = self._handler.take(ask, Served(response.url, kind.decode("latin-1"), response.body))
            except MemoryError:
                taken = Taken([], [], "memory-limit")
            except Exception:  # noqa: BLE001  Scrapy would log it and go on: the answer would be lost
                self._give_up(traceback.format_exc())
            if taken.problem:
                verdict, why = "failed", taken.problem
        self._say(
            ask,
            verdict,
            further=taken.further,
            reason=why,
            status=response.status,
            final_url=response.url,
            bytes=len(response.body),
            found=taken.found,
            skipped=taken.skipped,
            place=written.place if written else None,
            at=written.at if written else dt.datetime.now(dt.UTC),
        )
        for next_ask in taken.further:
            if request := self._request(next_ask):
                yield request

    def _failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        error: Any = failure.value
        if isinstance(error, NotWritten):
            self._give_up(str(error))
        status = error.status if isinstance(error, Verdict) else None
        verdict, why = (error.outcome, error.reason) if isinstance(error, Verdict) else ("failed", reason(error))
        if why == "unexpected":
            self.logger.error("%s: %s", request.url, failure.getTraceback())
        self._say(request.meta["ask"], verdict, reason=why, status=status, final_url=request.url)

    def _give_up(self, error: str) -> None:
        self.error = error
        raise CloseSpider("error")
