"""``python -m klartext.crawler``: reads a job from its first line of input, prints a line for each result.

A request that a handler adds is a line that begins with ``request``, before the result that it comes from. The last
line is ``end`` and the politeness that the server asked for; without it the process was cut off. The input stays open
as long as the parent reads results. The argument is the file descriptor of the heartbeat.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import sys
import threading
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

from klartext.crawler.heartbeat import Heartbeat
from klartext.crawler.job import CrawlPoliteness, CrawlRequest, CrawlResult, Job
from klartext.crawler.spider import PublisherSpider
from klartext.http_body import ACCEPT_ENCODING

_HERE = "klartext.crawler"
_DOWNLOADER = f"{_HERE}.header_limits.BoundedDownloadHandler"


def settings(job: Job) -> dict[str, Any]:
    """Scrapy's settings: polite, bounded, and nothing that is not needed."""
    return {
        "USER_AGENT": job.user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": ACCEPT_ENCODING,
        },
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_PARSER": f"{_HERE}.robots.RobotsParser",
        "DOWNLOAD_DELAY": job.delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "CONCURRENT_REQUESTS": job.limits.at_once,
        "CONCURRENT_REQUESTS_PER_DOMAIN": job.limits.at_once,
        "DOWNLOAD_TIMEOUT": job.limits.timeout,
        "DNS_TIMEOUT": job.limits.timeout,
        "DOWNLOAD_MAXSIZE": job.limits.size,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REDIRECT_MAX_TIMES": job.limits.redirects,
        "RETRY_TIMES": job.limits.retries,
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",
        "URLLENGTH_LIMIT": 0,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy resolves names itself, so private addresses could not be refused
        "HTTPERROR_ALLOW_ALL": True,
        "REFERER_ENABLED": True,
        "REFERRER_POLICY": "no-referrer",
        "CONCURRENT_ITEMS": 1,  # for each response Scrapy starts as many tasks
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # it would parse our source for each response
        "STATS_DUMP": False,
        "LOG_LEVEL": "WARNING",
        "LOG_VERSIONS": [],
        "EXTENSIONS_BASE": {},
        "DOWNLOAD_HANDLERS_BASE": dict.fromkeys(("http", "https"), _DOWNLOADER),
        "DOWNLOADER_MIDDLEWARES_BASE": {
            f"{_HERE}.request_filter.RequestFilter": 50,
            f"{_HERE}.robots.RobotsMiddleware": 100,
            **({f"{_HERE}.tdm_reservations.TdmReservations": 150} if job.tdm else {}),
            "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
            "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
            "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
            f"{_HERE}.retry.Retry": 550,
            f"{_HERE}.retry.Redirect": 600,
            f"{_HERE}.recorder.Recorder": 900,
            f"{_HERE}.request_filter.CurrentRequest": 950,
        },
    }


def main() -> int:
    """Runs the job on stdin; returns the exit code."""
    job = Job.from_json(sys.stdin.readline())
    heartbeat = Heartbeat(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    _limit_memory(job.limits.memory)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints, prints to stderr
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def report(result: CrawlResult, next_requests: list[CrawlRequest]) -> None:
        for request in next_requests:  # before the result, so that none is lost if this process is killed
            out.write(f"request {request.to_json()}\n")
        out.write(result.to_json() + "\n")
        out.flush()

    process = AsyncCrawlerProcess(settings(job))
    crawler = process.create_crawler(PublisherSpider)
    done = process.crawl(crawler, job=job, report=report, heartbeat=heartbeat)
    process.start()
    failed = done.exception() if done.done() and not done.cancelled() else None
    error = getattr(crawler.spider, "error", "") or (repr(failed) if failed else "")
    if error:
        sys.stderr.write(error + "\n")
        return 1
    politeness = getattr(crawler.spider, "politeness", CrawlPoliteness())
    out.write(f"end {json.dumps(dataclasses.asdict(politeness))}\n")
    out.flush()
    return 0


def _limit_memory(size: int) -> None:
    """Bounds the address space: a response that makes this process grow ends it and not the machine."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    allowed = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(3)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # the reading thread would hold a lock that an ordinary end waits for
