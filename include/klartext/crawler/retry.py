"""Retries and redirects: a transient failure is retried after a wait, and both have a limit."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from typing import Any

from scrapy import Spider
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Request, Response

from klartext.crawler import header_limits, http_status
from klartext.crawler.outcome import TRANSIENT, RequestEnded


class Retry(RetryMiddleware):
    """Downloader middleware that waits before a retry. No other request is made meanwhile, as only one is under way."""

    @property
    def _spider(self) -> Any:
        return self.crawler.spider

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The request to make once more, after a wait; the response itself if it is final.

        A Retry-After that is longer than the limit ``patience`` ends the crawl.
        """
        if response.status not in http_status.TRANSIENT:
            return response
        limits = self._spider.job.limits
        header = response.headers.get("Retry-After")
        retry_after = http_status.retry_after(header.decode("latin-1") if header else None, dt.datetime.now(dt.UTC))
        if retry_after is not None and retry_after > limits.patience:
            self._spider.request_filter.stop("retry-after")
            self._spider.politeness.pause = retry_after
            return response
        retry = self._retry(request, f"http-{response.status}")
        if retry is None:
            return response
        await self._wait(request, retry_after)
        return retry

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:  # type: ignore[override]
        """The request to make once more after a transient failure, after a wait; None for other failures."""
        if not isinstance(exception, TRANSIENT) or header_limits.is_cause(exception):
            return None
        retry = self._retry(request, type(exception))
        if retry is not None:
            await self._wait(request, None)
        return retry

    async def _wait(self, request: Request, retry_after: float | None) -> None:
        limits = self._spider.job.limits
        backoff = limits.backoff * 2 ** request.meta.get("retry_times", 0)
        await asyncio.sleep(min(max(retry_after or 0.0, backoff), limits.patience))


class Redirect(RedirectMiddleware):
    """Downloader middleware that follows redirects, and tells loops from chains that are too long."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Follows a redirect. A backslash in its address is a slash, as in browsers.

        Raises :class:`klartext.crawler.outcome.RequestEnded` for an address that is none, a loop, and a chain that is
        too long.
        """
        location = response.headers.get("Location") or b""
        if b"\\" in location:
            path = re.split(b"[?#]", location, maxsplit=1)[0]
            response = response.replace(
                headers={**response.headers, "Location": path.replace(b"\\", b"/") + location[len(path) :]}
            )
        try:
            return super().process_response(request, response)
        except ValueError:
            raise RequestEnded("failed", "bad-redirect", response.status) from None

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        chain = [*request.meta.get("redirect_urls", []), request.url]
        if redirected.url in chain:
            raise RequestEnded("failed", "redirect-loop", int(reason))
        if len(chain) > self.max_redirect_times:
            raise RequestEnded("failed", "too-many-redirects", int(reason))
        return super()._redirect(redirected, request, reason)
