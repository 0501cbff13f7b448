"""Trying again, and following redirects: what may pass is tried again after a wait, everything has an end."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Request, Response

from klartext.crawler import header_limits, http_status
from klartext.crawler.outcome import PASSING, Verdict


class Retry(RetryMiddleware):
    """Waits before it tries again. The publisher is asked nothing else meanwhile: one request is under way."""

    @property
    def _spider(self) -> Any:
        return self.crawler.spider

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        if response.status not in http_status.PASSING:
            return response
        limits = self._spider.job.limits
        header = response.headers.get("Retry-After")
        asked = http_status.retry_after(header.decode("latin-1") if header else None, dt.datetime.now(dt.UTC))
        if asked is not None and asked > limits.patience:
            self._spider.guard.close("retry-after")
            self._spider.manners.rest = asked
            return response
        again = self._retry(request, f"http-{response.status}")
        if again is None:
            return response
        await self._wait(request, asked)
        return again

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:  # type: ignore[override]
        if not isinstance(exception, PASSING) or header_limits.is_cause(exception):
            return None
        again = self._retry(request, type(exception))
        if again is not None:
            await self._wait(request, None)
        return again

    async def _wait(self, request: Request, asked: float | None) -> None:
        limits = self._spider.job.limits
        backoff = limits.backoff * 2 ** request.meta.get("retry_times", 0)
        await asyncio.sleep(min(max(asked or 0.0, backoff), limits.patience))


class Redirect(RedirectMiddleware):
    """Tells circles from long ways, and says of both what they are."""

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        way = [*request.meta.get("redirect_urls", []), request.url]
        if redirected.url in way:
            raise Verdict("failed", "redirect-loop", int(reason))
        if len(way) > self.max_redirect_times:
            raise Verdict("failed", "too-many-redirects", int(reason))
        return super()._redirect(redirected, request, reason)
