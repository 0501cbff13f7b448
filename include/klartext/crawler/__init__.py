"""The process that speaks to publishers, shared by discovery and fetching.

Scrapy's reactor runs once in a process and cannot be stopped from outside, so it has a process of its own: ``crawl``
starts it, hands it a ``Job`` and yields an ``Answer`` for every ``Ask``. What is polite (robots.txt, delays, waiting,
giving up) and what is refused is decided in there, once for both steps.
"""

from klartext.crawler.job import (
    ROTATE,
    Answer,
    Ask,
    Handler,
    Job,
    Limits,
    Manners,
    Place,
    Record,
    Served,
    StoredResponse,
    Taken,
    allowed_hosts,
    user_agent,
)
from klartext.crawler.process import CrawlerCrashed, crawl

__all__ = [
    "ROTATE",
    "Answer",
    "Ask",
    "CrawlerCrashed",
    "Handler",
    "Job",
    "Limits",
    "Manners",
    "Place",
    "Record",
    "Served",
    "StoredResponse",
    "Taken",
    "allowed_hosts",
    "crawl",
    "user_agent",
]
