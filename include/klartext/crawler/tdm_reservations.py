"""Obeys or notes reservations of text and data mining; ``tdmrep.json`` is fetched once for each host."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK

from klartext import tdm
from klartext.crawler.outcome import RequestEnded


class TdmReservations:
    """Downloader middleware that reads the ``tdmrep.json`` of a host before the first page is requested from it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        spider: Any = crawler.spider
        self._obey = spider.job.tdm == "obey"
        self._files: dict[str, asyncio.Future[tdm.Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> TdmReservations:
        """The middleware of a crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Puts what is stated of the address into the request's meta, as ``tdm``.

        Raises :class:`klartext.crawler.outcome.RequestEnded` where a reservation is obeyed.
        """
        if "crawl_request" not in request.meta:
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._files:
            self._files[origin] = asyncio.get_running_loop().create_future()
            self._files[origin].set_result(tdm.rules_of_file(await self._read(origin)))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        stated = request.meta["tdm"] = tdm.of_path(await self._files[origin], path)
        if stated and stated.reserved and self._obey:
            raise RequestEnded("disallowed", "tdm-reservation")

    async def _read(self, origin: str) -> bytes:
        # Marked as robots.txt is: without a CrawlRequest, so not recorded, and allowed at any host of a page.
        meta = {"dont_obey_robotstxt": True, "max_retry_times": 0}
        request = Request(f"{origin}/.well-known/tdmrep.json", priority=1000, meta=meta, callback=NO_CALLBACK)
        engine: Any = self._crawler.engine
        try:
            response = await engine.download_async(request)
        except Exception as error:  # noqa: BLE001  whatever it is: there is no file that could be read
            self._crawler.spider.logger.info("no tdmrep.json of %s: %s", origin, error)  # type: ignore[union-attr]
            return b""
        return bytes(response.body) if response.status == 200 else b""
