"""The console of a lake: every page as HTML, by who looks at it."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from klartext.console import (
    batch_page,
    capture_page,
    intervals,
    rejects_page,
    report_page,
    search_page,
    shared_page,
    source_page,
    sources_page,
    takedowns_page,
)
from klartext.console.commands import printable
from klartext.console.lake_cache import LakeCache
from klartext.console.view import PageError, View
from klartext.console.warm_extractor import WarmExtractor
from klartext.lake import Lake

_TEMPLATES = Path(__file__).parent / "templates"


@functools.cache
def stylesheet() -> str:
    """The stylesheet of all pages."""
    return (_TEMPLATES / "style.css").read_text("utf-8")


@functools.cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["when"] = lambda moment: f"{moment:%Y-%m-%d %H:%M}" if moment else "–"
    found.filters["number"] = lambda number: f"{number:,}"
    found.filters["segment"] = lambda text: quote(text, safe="")
    found.filters["printable"] = printable
    found.globals["query"] = urlencode
    found.globals["filters"] = _filters
    found.globals["is_web"] = lambda url: _scheme(url) in ("http", "https")
    found.globals["MEANING"] = intervals.MEANING
    found.globals["SIGN"] = intervals.SIGN
    found.globals["STATES"] = intervals.STATES
    found.globals["style_version"] = hashlib.sha256(stylesheet().encode()).hexdigest()[:12]
    return found


def _scheme(url: str | None) -> str:
    """The scheme of an address; empty for what is none."""
    try:
        return urlsplit(url or "").scheme.lower()
    except ValueError:
        return ""


def _filters(source: str, reason: str, day: dt.date | None, days: int, changed: dict[str, str]) -> dict[str, str]:
    """The filters of the rejects in an address, some of them changed."""
    kept = {"source": source, "reason": reason, "day": str(day or ""), "days": str(days)} | changed
    return {name: value for name, value in kept.items() if value}


class Console:
    """The pages of one lake. Its methods may be called by several threads at once.

    Each returns a whole HTML page, and raises :class:`klartext.console.view.PageError` for one that cannot be shown.
    """

    def __init__(self, lake: Lake) -> None:
        self._cache = LakeCache(lake)
        self._extractor = WarmExtractor()
        self._drawn = report_page.DrawnReports()

    @property
    def lake(self) -> Lake:
        """The lake."""
        return self._cache.lake

    def sources(self, view: View, days: int | None = None) -> str:
        """All sources."""
        return _render("sources.html", view, sources_page.content(self._cache, view, days))

    def source(self, view: View, slug: str, days: int | None = None) -> str:
        """A source."""
        return _render("source.html", view, source_page.content(self._cache, view, slug, days))

    def batch(self, view: View, slug: str, name: str) -> str:
        """A batch."""
        return _render("batch.html", view, batch_page.content(self._cache, view, slug, name))

    def batches(self, view: View, named: Sequence[tuple[str, str]]) -> str:
        """The batches of a run, by source and name: the page of the only one, or a list of those a user may see."""
        if len(named) == 1:
            return self.batch(view, *named[0])
        return _render("batches.html", view, {"batches": [each for each in named if view.may_read(each[0])]})

    def capture(
        self, view: View, slug: str, file: str, offset: int, compared: str | None = None, generic: bool = False
    ) -> str:
        """A capture, as it is read now."""
        found = capture_page.content(self._cache, self._extractor, view, slug, file, offset, compared, generic)
        return _render("capture.html", view, found)

    def rejects(
        self, view: View, source: str | None = None, reason: str | None = None, day: dt.date | None = None,
        days: int | None = None,
    ) -> str:  # fmt: skip
        """Rejects, of all sources or filtered."""
        return _render("rejects.html", view, rejects_page.content(self._cache, view, source, reason, day, days))

    def takedowns(self, view: View) -> str:
        """Take-downs."""
        return _render("takedowns.html", view, takedowns_page.content(self._cache, view))

    def report(self, view: View) -> str:
        """What the lake holds."""
        return _render("report.html", view, report_page.content(self._cache, self._drawn, view))

    def search(self, view: View, question: str) -> str:
        """What is found for an address, an article_id or words of a title."""
        return _render("search.html", view, search_page.content(self._cache, view, question))

    def shared(self, view: View, article_id: str) -> str:
        """The texts that an article shares with others."""
        return _render("shared.html", view, shared_page.content(self._cache, view, article_id))

    def quality_file(self, view: View, slug: str, day: dt.date, batch: str, name: str) -> bytes | None:
        """A file of the results of validation of a batch; None if there is none of this name."""
        view.require(slug)
        return self.lake.quality_file(slug, day, batch, name)


def error_page(view: View, error: PageError) -> str:
    """The page for an error, with what to do."""
    return _render("error.html", view, {"message": str(error), "status": error.status})


def _render(template: str, view: View, content: dict[str, Any]) -> str:
    return _environment().get_template(template).render(view=view, base=view.base, **content)
