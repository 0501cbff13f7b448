"""A batch of a source on a loopback server, for the tests of fetching."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.model import Candidate
from klartext.sources import Source
from klartext.warc import reader
from support import loopback

BERLIN = ZoneInfo("Europe/Berlin")
START, END = dt.datetime(2016, 8, 12, tzinfo=BERLIN), dt.datetime(2016, 8, 13, tzinfo=BERLIN)
QUICK = Limits(timeout=2, backoff=0.01, retries=1)


def source(host: str, **fetch: Any) -> Source:
    return Source(slug="beispiel", name="Beispiel", hosts=[host], fetch={"delay": 0, **fetch})  # type: ignore[arg-type]


def candidate(url: str) -> Candidate:
    return Candidate(
        url=url,
        discovered_from="https://beispiel.de/feed",
        title=f"Titel {url[-1]}",
        published_at=dt.datetime(2016, 8, 12, 8, tzinfo=dt.UTC),
        modified_at=None,
    )


class Run:
    """One batch of a source on a loopback server."""

    def __init__(self, lake: Lake, site: loopback.Site, monkeypatch: pytest.MonkeyPatch, **rules: Any) -> None:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
        self.lake, self.site, self.source = lake, site, source(site.host, **rules)
        self.batch = Batch.of_interval(self.source, START, END)

    def stage(self, *paths: str) -> None:
        self.lake.stage(self.batch, "candidates", [candidate(self.site.base + path) for path in paths])

    def fetch(self, limits: Limits = QUICK, **rest: Any) -> dict[str, Any]:
        return fetch_batch(self.lake, self.batch, self.source, limits=limits, **rest)

    def rows(self) -> list[dict[str, Any]]:
        table = self.lake.staged(self.batch, "fetches")
        assert table is not None
        return table.to_pylist()

    def outcomes(self) -> list[tuple[str, str, str | None, int]]:
        return [(row["url"].removeprefix(self.site.base), row["outcome"], row["reason"], row["attempt"])
                for row in self.rows()]  # fmt: skip

    def captured(self) -> list[str]:
        found = []
        for name in self.lake.raw_files(self.batch):
            with self.lake.open_raw(name) as file:
                found += [page.url.removeprefix(self.site.base) for page in reader.read(file, name)
                          if isinstance(page, reader.Page) and page.status == 200]  # fmt: skip
        return found
