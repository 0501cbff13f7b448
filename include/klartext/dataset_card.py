"""The dataset card of a lake: ``README.md`` in its root, for readers and for Hugging Face's ``datasets``; beside it
``croissant.json``, the same for machines.

Both depend only on what the lake has and on the source files. There is no text of an article in them.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import logging
import string
import time
from pathlib import Path
from typing import Any

import yaml

from klartext import croissant, model, sources
from klartext.data_dictionary import ABOUT, meaning_of, type_name
from klartext.huggingface import features
from klartext.lake import CROISSANT, DATASET_CARD, Lake, curated_state, files_pattern
from klartext.lake.months import zone_of

logger = logging.getLogger(__name__)

MARK = "# Written by Klartext from the state of the lake; changes are overwritten."
"""In the header of the card. A file without it is someone else's, and stays."""
EVERY = 3600.0
"""Seconds in which a curated month writes the card once."""
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))


@dataclasses.dataclass(frozen=True, slots=True)
class SourceNumbers:
    """What the lake has of a source: articles by month (``YYYY-MM``)."""

    slug: str
    name: str
    language: str | None
    zone: str
    months: dict[str, int]

    @property
    def articles(self) -> int:
        return sum(self.months.values())

    @property
    def years(self) -> dict[str, int]:
        """Articles by year."""
        found: collections.Counter[str] = collections.Counter()
        for month, count in self.months.items():
            found[month[:4]] += count
        return dict(sorted(found.items()))


def write_if_old(lake: Lake) -> bool:
    """Writes both files, unless that was done in the last hour; returns True if they were written. What cannot be
    written is logged, so that it stops nothing else."""
    try:
        before = lake.storage.stat(DATASET_CARD)
        if before is not None and time.time_ns() - before.modified_ns < EVERY * 1e9:
            return False
        return write(lake)
    except OSError as error:
        logger.warning("the dataset card was not written: %s", error)
        return False


def write(lake: Lake) -> bool:
    """Writes both files. Returns False, and leaves the files, if the card is not one that was written here."""
    there = lake.storage.read(DATASET_CARD)
    if there is not None and MARK.encode() not in there[:400]:
        return False
    lake.create_tables()
    lake.storage.put(CROISSANT, croissant.text("").encode())
    lake.storage.put(DATASET_CARD, text(lake).encode())
    return True


def text(lake: Lake) -> str:
    """The dataset card."""
    found = numbers(lake)
    total = sum(source.articles for source in found)
    months = sorted({month for source in found for month in source.months})
    taken_down = len(lake.published_files("takedowns"))
    removed = {0: "No article was removed so far.", 1: "One article was removed so far."}
    header = yaml.dump(_header(found, total), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=120)
    template = string.Template((Path(__file__).parent / "dataset_card.md").read_text("utf-8"))
    return template.substitute(
        header=f"{MARK}\n{header}",
        articles=f"{total:,} article{_s(total)} of {len(found)} source{_s(len(found))}",
        span=_span(months),
        tables=_tables(),
        columns=_columns(),
        sources=_sources(found),
        removed=removed.get(taken_down, f"{taken_down:,} articles were removed so far."),
    )


def _span(months: list[str]) -> str:
    if not months:
        return ""
    return f", first published in {months[0]}" + (f" to {months[-1]}" if months[-1] != months[0] else "")


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def numbers(lake: Lake) -> list[SourceNumbers]:
    """The sources that have articles, sorted by slug."""
    known = sources.load_usable()[0] | {sources.OTHER.slug: sources.OTHER}
    found = []
    for slug in curated_state.published_sources(lake):
        months = curated_state.articles_by_month(lake, slug)
        source = known.get(slug)  # None for a domain without a file, and for a file that cannot be used
        name = source.name if source else slug
        if slug == sources.OTHER.slug:
            name = "publishers without a source file"
        if months:
            found.append(SourceNumbers(slug, name, source.language if source else None, str(zone_of(slug)), months))
    return found


def _header(found: list[SourceNumbers], total: int) -> dict[str, Any]:
    languages = sorted({source.language for source in found if source.language})
    size = next((name for limit, name in _SIZES if total < limit), "n>10M")
    return {
        "pretty_name": "Klartext: news articles",
        **({"language": languages} if languages else {}),
        "license": "other",
        "license_name": "rights-of-the-publishers",
        "size_categories": [size],
        "task_categories": ["text-generation", "summarization", "text-classification"],
        "tags": ["news", "journalism"],
        "configs": [
            {
                "config_name": table,
                **({"default": True} if table == "articles" else {}),
                "data_files": [{"split": "train", "path": files_pattern(table)}],
            }
            for table in model.PUBLISHED
        ],
        "dataset_info": [
            {"config_name": table, "features": features(model.schema(row))} for table, row in model.PUBLISHED.items()
        ],
    }


def _tables() -> str:
    lines = ["| table | what a row is |", "|---|---|"]
    lines += [f"| `{table}` | {ABOUT[table].partition('. ')[0].rstrip(':.')} |" for table in model.PUBLISHED]
    return "\n".join(lines)


@functools.cache
def _columns() -> str:
    row = model.PUBLISHED["articles"]
    lines = ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{f.name}` | {type_name(f.type)} | {meaning_of(row, f.name)} |" for f in model.schema(row)]
    return "\n".join(lines)


def _sources(found: list[SourceNumbers]) -> str:
    if not found:
        return "There is no article yet."
    years = sorted({year for source in found for year in source.years})
    heads = ["source", "publisher", "language", "time zone", "first month", "last month", *years, "all"]
    lines = ["Articles by source and year of first publication, in the source's time zone:", "", _row(heads)]
    lines.append(_row(["---"] * 6 + ["---:"] * (len(years) + 1)))
    for source in found:
        facts = [f"`{source.slug}`", source.name.replace("|", "\\|"), source.language or "any", source.zone]
        counts = [f"{source.years.get(year, 0):,}" for year in years] + [f"{source.articles:,}"]
        lines.append(_row([*facts, min(source.months), max(source.months), *counts]))
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
