"""Reservations of text and data mining, as the crawler meets them: ``tdmrep.json`` is asked for once a host."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK

from klartext import tdm
from klartext.crawler.outcome import Verdict


class Reservations:
    """Downloader middleware: knows what the hosts' files say before a page is asked for."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        spider: Any = crawler.spider
        self._obey = spider.job.tdm == "obey"
        self._files: dict[str, asyncio.Future[tdm.Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Reservations:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if "ask" not in request.meta:
            return
        parts = urlsplit(request.url)
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self._files:
            self._files[place] = asyncio.get_running_loop().create_future()
            self._files[place].set_result(tdm.rules_of_file(await self._read(place)))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        stated = request.meta["tdm"] = tdm.of_path(await self._files[place], path)
        if stated and stated.reserved and self._obey:
            raise Verdict("disallowed", "tdm-reservation")

    async def _read(self, place: str) -> bytes:
        # Marked as robots.txt is: no ask of its own, not recorded, allowed at any host that a page is asked of.
        meta = {"dont_obey_robotstxt": True, "max_retry_times": 0}
        request = Request(f"{place}/.well-known/tdmrep.json", priority=1000, meta=meta, callback=NO_CALLBACK)
        engine: Any = self._crawler.engine
        try:
            response = await engine.download_async(request)
        except Exception as error:  # noqa: BLE001  whatever it is: there is no file that could be read
            self._crawler.spider.logger.info("no tdmrep.json of %s: %s", place, error)  # type: ignore[union-attr]
            return b""
        return bytes(response.body) if response.status == 200 else b""
