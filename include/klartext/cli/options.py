"""Options and arguments that several commands share, and what is checked of them."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from klartext.lake import Lake
    from klartext.sources import Source

_DAY = ["%Y-%m-%d"]


def _writable(path: Path | None) -> Path | None:
    if path is not None and path.suffix not in (".parquet", ".jsonl"):
        raise ValueError(f"{path}: give a file name that ends in .parquet or .jsonl")
    return path


Root = Annotated[
    str | None,
    typer.Option(
        "--data",
        help="root of the lake, a folder or an address as s3://bucket/folder; by default KLARTEXT_DATA, else ./data",
        show_default=False,
    ),
]
SourceName = Annotated[
    str, typer.Argument(help="a source's slug, as `klartext sources` lists them", show_default=False)
]
OnlySource = Annotated[str | None, typer.Option("--source", help="only of this source", show_default=False)]
OnlySite = Annotated[
    str | None, typer.Option("--site", help="only pages of this registered domain, as faz.net", show_default=False)
]
OnlyFile = Annotated[
    str | None,
    typer.Option("--file", help="only of this WARC file: its name in the lake, or a part of it", show_default=False),
]
FirstDay = Annotated[
    dt.datetime,
    typer.Option("--from", formats=_DAY, help="first day, in the publisher's time zone", show_default=False),
]
AnyFirstDay = Annotated[
    dt.datetime | None,
    typer.Option("--from", formats=_DAY, help="only of batches from this day on", show_default=False),
]
UntilDay = Annotated[
    dt.datetime | None,
    typer.Option(
        "--to", formats=_DAY, help="the day after the last one; by default the day after --from", show_default=False
    ),
]
AnyUntilDay = Annotated[
    dt.datetime | None,
    typer.Option("--to", formats=_DAY, help="only of batches of before this day", show_default=False),
]
OnlyDay = Annotated[
    dt.datetime | None,
    typer.Option("--day", "--date", formats=_DAY, help="only of batches of this day", show_default=False),
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="write rows to this .parquet or .jsonl file instead of printing them",
        callback=_writable,
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="print whole rows as JSON, one a line")]


def days_from(start: dt.datetime, end: dt.datetime | None) -> tuple[dt.date, dt.date]:
    """The first day and the day after the last one. Raises ValueError for an interval without a day."""
    first, until = start.date(), end.date() if end else start.date() + dt.timedelta(days=1)
    if until <= first:
        raise ValueError(f"--to {until} is not after --from {first}: give the day after the last one")
    return first, until


def any_days(
    start: dt.datetime | None, end: dt.datetime | None, day: dt.datetime | None
) -> tuple[dt.date | None, dt.date | None]:
    """The first day and the day after the last one, None without a bound. Raises ValueError if they contradict."""
    if day and (start or end):
        raise ValueError("give either --day, or --from and --to")
    if day:
        return day.date(), day.date() + dt.timedelta(days=1)
    if start and end:
        return days_from(start, end)
    return start.date() if start else None, end.date() if end else None


def open_lake(root: str | None) -> Lake:
    """The lake at a root. Raises ValueError for one in which nothing is published."""
    from klartext.lake import Lake

    lake = Lake.open(root)
    if not lake.has_tables():
        raise ValueError(f"{lake.storage.root}: nothing is published there; give the root of a lake with --data")
    return lake


def known_source(slug: str) -> Source:
    """The source of a file. Raises ValueError with the nearest slug for another one."""
    from klartext import sources

    known = sources.load()
    if slug not in known:
        raise ValueError(unknown("source", slug, known))
    return known[slug]


def source_in_lake(lake: Lake, slug: str | None) -> str | None:
    """The slug, if a file has it or the lake has rows of it. Raises ValueError with the nearest one for another."""
    from klartext import sources
    from klartext.lake import report

    if slug is not None:
        known = {sources.OTHER.slug, *sources.load_usable()[0]}
        if slug not in known:
            known |= report.source_slugs(lake)
        if slug not in known:
            raise ValueError(unknown("source", slug, known))
    return slug


def unknown(kind: str, word: str, known: Collection[str]) -> str:
    """A sentence for a name that is none of the known ones."""
    near = difflib.get_close_matches(word.lower(), known, 1, 0.5)
    ending = f"; the nearest is {near[0]!r}" if near else ""
    return f"no {kind} {word!r}{ending}; known are {_listed(sorted(known))}"


def _listed(words: Iterable[str]) -> str:
    all_words = list(words)
    more = f" and {len(all_words) - 20} more" if len(all_words) > 20 else ""
    return ", ".join(all_words[:20]) + more
