"""Fetches robots.txt and obeys it as RFC 9309 has it: absent means allowed, unreachable means not now."""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from klartext.crawler.job import Job
from klartext.crawler.outcome import RequestEnded
from klartext.crawler.request_filter import SLOT
from klartext.crawler.robots_rules import RobotsRules

PRODUCT = "Klartext"
"""Our product token; what follows it in our user agent is for people."""


class RobotsParser(RobotParser):
    """:class:`klartext.crawler.robots_rules.RobotsRules` behind the interface that Scrapy's middleware needs."""

    def __init__(self, body: bytes) -> None:
        self._rules = RobotsRules(body, PRODUCT)

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> RobotsParser:
        """The rules of a file."""
        return cls(robotstxt_body)

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """True if the address may be requested; the rules are those for :data:`PRODUCT`, whatever is given."""
        return self._rules.allows(url if isinstance(url, str) else url.decode("latin-1"))

    @property
    def delay(self) -> float | None:
        """Crawl-delay in seconds, if there is one."""
        return self._rules.crawl_delay


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, which takes an unreachable robots.txt for permission; this one does not."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._lock = asyncio.Lock()

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Raises :class:`klartext.crawler.outcome.RequestEnded` for what is disallowed or cannot be decided."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        async with self._lock:  # of several that wait for one file, Scrapy would give it to the first alone
            rules = await self.robot_parser(request)
        if rules is None:
            raise RequestEnded("failed", "robots-unreachable")
        if not rules.allowed(request.url, PRODUCT):
            raise RequestEnded("disallowed", "robots")

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            self._robots_error(RequestEnded("failed", "robots-unreachable"), netloc)
            return
        body = response.body if 200 <= response.status < 300 else b""
        await super()._parse_robots(response.replace(body=body), netloc, request)
        rules = self._parsers[urlparse_cached(request).netloc]
        if isinstance(rules, RobotsParser):
            self._slow_down(rules.delay)

    def _slow_down(self, seconds: float | None) -> None:
        if not seconds:
            return
        spider: Any = self.crawler.spider
        job: Job = spider.job
        delay = max(job.delay, min(seconds, job.limits.crawl_delay))
        spider.politeness.delay = max(delay, spider.politeness.delay)
        downloader = self.crawler.engine.downloader
        downloader.per_slot_settings[SLOT] = {"delay": delay}  # for a slot that is recreated after a long wait
        if SLOT in downloader.slots:
            downloader.slots[SLOT].delay = max(delay, downloader.slots[SLOT].delay)
