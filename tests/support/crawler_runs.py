"""Crawls of a server on loopback, for the tests of the crawler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from klartext.crawler import CrawlRequest, CrawlResult, Job, Limits, crawl
from support import loopback

QUICK = Limits(timeout=2, backoff=0.02, patience=2)
Outcomes = dict[str, tuple[str, str | None]]


def answers(site: loopback.Site, *asked: str | CrawlRequest, **rest: Any) -> dict[str, CrawlResult]:
    """The answers by path, or by address for one that is none of the site's; ``rest`` are fields of the job."""
    requests = [
        request
        if isinstance(request, CrawlRequest)
        else CrawlRequest(url=request if ":" in request else site.base + request, via="urn:test")
        for request in asked
    ]
    fields: dict[str, Any] = {"hosts": [site.host], "delay": 0, "limits": QUICK, "allow": [site.host]}
    return {a.request.url.removeprefix(site.base): a for a in crawl(Job(requests=requests, **{**fields, **rest}))}


def run(site: loopback.Site, *asked: str | CrawlRequest, **rest: Any) -> Outcomes:
    """Outcome and reason of each."""
    return {path: (answer.outcome, answer.reason) for path, answer in answers(site, *asked, **rest).items()}


def checks(path: Path) -> bool:
    """What ``warcio check`` says of a file."""
    from warcio.checker import Checker

    class Options:
        verbose, inputs = False, [str(path)]

    return Checker(Options()).process_all() in (None, 0)
