"""The process that makes requests to publishers, shared by discover and fetch.

Scrapy's reactor runs once in a process and cannot be stopped from outside, so it has a process of its own: ``crawl``
starts it, hands it a ``Job`` and yields a ``CrawlResult`` for every ``CrawlRequest``. Politeness (robots.txt, delays,
waiting, giving up) and what is refused are decided in there, once for both steps.
"""

from klartext.crawler.job import (
    CrawlPoliteness,
    CrawlRequest,
    CrawlResult,
    Handler,
    HandlerResult,
    Job,
    Limits,
    ServedResponse,
    allowed_hosts,
    build_job,
    memento_headers,
    user_agent,
)
from klartext.crawler.process import CrawlerCrashed, crawl

__all__ = [
    "CrawlPoliteness",
    "CrawlRequest",
    "CrawlResult",
    "CrawlerCrashed",
    "Handler",
    "HandlerResult",
    "Job",
    "Limits",
    "ServedResponse",
    "allowed_hosts",
    "build_job",
    "crawl",
    "memento_headers",
    "user_agent",
]
