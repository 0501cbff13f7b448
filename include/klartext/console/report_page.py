"""The page of what the lake holds: the pictures of `klartext report`, and their numbers."""

from __future__ import annotations

import threading
from typing import Any

from markupsafe import Markup

from klartext.console import commands
from klartext.console.lake_cache import LakeCache
from klartext.console.view import View
from klartext.report.numbers import Numbers, add_up

_KEPT = 8
"""Lakes, or views of one by what users may see, of which the pictures are kept."""


class DrawnReports:
    """Pictures that were drawn. Drawing takes a second or two: one thread at a time does it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, list[tuple[str, Markup]]] = {}

    def pictures(self, numbers: Numbers) -> list[tuple[str, Markup]]:
        """The name and the SVG of each picture."""
        with self._lock:
            key = repr(numbers)
            if key not in self._kept:
                while len(self._kept) >= _KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = _draw(numbers)
            return self._kept[key]


def content(cache: LakeCache, drawn: DrawnReports, view: View) -> dict[str, Any]:
    """What the page shows, of the sources that the user may see."""
    numbers = add_up(cache.months(view.may_read), cache.shared_text(), view.may_read)
    rows = [
        {
            "source": name, "articles": each.articles, "with_lead": each.with_lead, "with_author": each.with_author,
            "words": each.quantiles()[2], "first": min(each.months), "last": max(each.months),
        }
        for name, each in numbers.sources.items()
    ]  # fmt: skip
    pictures = drawn.pictures(numbers) if rows else []
    return {"rows": rows, "pictures": pictures, "actions": [("Write the pictures as files", commands.report())]}


def _draw(numbers: Numbers) -> list[tuple[str, Markup]]:
    from klartext.report import pictures, svg  # a second, once in a process

    shown = numbers.largest(pictures.SOURCES)
    # the renderer escapes the texts, which are names of sources and of kinds
    return [(name, Markup(svg.shapes(draw(shown)))) for name, draw in pictures.PICTURES.items()]
