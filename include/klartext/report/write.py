"""Writes the pictures of a lake and their numbers into a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from klartext.report.numbers import QUANTILE_NAMES, Numbers

FORMATS = ("svg", "png")


def write_report(numbers: Numbers, folder: Path, form: str = "svg") -> list[Path]:
    """Writes a picture each, one of all, and ``report.json`` with the numbers; returns the files.

    Raises ValueError for another format than :data:`FORMATS`, and if there are no articles.
    """
    if form not in FORMATS:
        raise ValueError(f"--format {form}: give one of {', '.join(FORMATS)}")
    if not numbers.articles:
        raise ValueError("the lake has no article yet: publish some first, with `make run` or `klartext land`")
    from klartext.report import pictures, svg  # a second

    draw: Callable[[Any], bytes] = svg.png if form == "png" else lambda chart: svg.svg(chart).encode()
    folder.mkdir(parents=True, exist_ok=True)
    shown = numbers.largest(pictures.SOURCES)
    written = {f"{name}.{form}": draw(picture(shown)) for name, picture in pictures.PICTURES.items()}
    written[f"report.{form}"] = draw(pictures.overview(numbers))
    written["report.json"] = (json.dumps(as_json(numbers), indent=2, ensure_ascii=False) + "\n").encode()
    for name, content in written.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in written]


def as_json(numbers: Numbers) -> dict[str, Any]:
    """The numbers of all sources as they are in ``report.json``."""
    return {
        "articles": numbers.articles,
        "sources": [
            {
                "source": name, "articles": each.articles, "with_lead": each.with_lead, "with_author": each.with_author,
                "words": {key: round(value, 1) for key, value in zip(QUANTILE_NAMES, each.quantiles(), strict=True)},
                "months": dict(sorted(each.months.items())),
            }
            for name, each in numbers.sources.items()
        ],
        "shared_text": [
            {"sources": list(names), "pairs": kinds.total(), "kinds": dict(sorted(kinds.items()))}
            for names, kinds in sorted(numbers.pairs.items())
        ],
    }  # fmt: skip
