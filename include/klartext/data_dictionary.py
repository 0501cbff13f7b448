"""The data dictionary, from :mod:`klartext.model`: ``python -m klartext.data_dictionary > docs/columns.md``."""

from __future__ import annotations

import dataclasses
from typing import Any

import pyarrow as pa

from klartext import model

ABOUT = {
    "articles": "The current version of each article, one row per article, one file per source and month. "
    "`source` and `month` are folders, not columns in the file.",
    "versions": "Every version of every article ever captured, with the columns of `articles` up to `rules`. "
    "`source` and `date` (the day of the batch) are folders.",
    "teasers": "The cards and links to other articles on the pages of articles.",
    "rejects": "Captures without an article, and articles that failed a check, with every reason. The columns of "
    "`versions`, and:",
    "fetches": "One row for every attempt at every candidate, failures included.",
    "takedowns": "Articles that were removed at the request of their publisher; they are in no other table. If you "
    "keep a copy of the tables, remove them there too. `source` and `date` (the day of the take-down) are folders.",
    "shared_text": "Pairs of articles that share text, across sources: copies of a wire story, excerpts, versions, "
    "shared quotes. One row a pair, the smaller id first; both within 30 days. `month` is a folder: the later of the "
    "months in which the two are in `articles`, each in its publisher's time zone. The earliest of several is not the "
    "origin.",
    "keep": "Which articles a selection without duplicates keeps: a row for each article of a month of `articles`. "
    "`month` is a folder.",
    "batches": "The account of every batch, refused ones included: its pages by outcome. "
    f"`discovered` = {' + '.join(f'`{name}`' for name in model.OUTCOMES)}. Shares and medians are null where there is "
    "nothing to count.",
    "shingles": "What is compared of each article to find shared text. Derived from `articles`, not published.",
    "candidates": "Addresses to fetch, as discovery found them. Passed from step to step, not published.",
    "removed": "What the rules removed from the pages of a batch. Passed from step to step, not published.",
    "selectors": "On how many pages of a batch each selector of the source's rules matched. Passed from step to step; "
    "published in `batches`.",
    "skipped": "What discover, fetch and extract skipped or read only in part. Passed from step to step as "
    "`skipped_by_discover`, `skipped_by_fetch` and `skipped_by_extract`; published in `batches`.",
}


def markdown() -> str:
    """The whole dictionary as one page."""
    parts = [
        "# The columns\n",
        "Generated from `include/klartext/model.py`; change it there, then run "
        "`python -m klartext.data_dictionary > docs/columns.md`.\n",
        "Times are UTC with microseconds. Lists are never null. A column marked *always* has a value in every row; in "
        "the others null means that the page does not state it.\n",
    ]
    passed_on = {
        "candidates": model.Candidate, "removed": model.Removed, "selectors": model.SelectorMatches,
        "skipped": model.Skipped, "shingles": model.Shingles,
    }  # fmt: skip
    for name, row in {**model.PUBLISHED, **passed_on}.items():
        parts.append(f"## {name}\n\n{ABOUT[name]}\n")
        if name != "versions":
            parts.append(_table(row, set(_names(model.Article)) if name == "rejects" else set()))
    return "\n".join(parts)


def _names(row: type[Any]) -> list[str]:
    return [f.name for f in dataclasses.fields(row)]


def _table(row: type[Any], without: set[str]) -> str:
    schema, words = model.schema(row), model.allowed(row)
    lines = ["| column | type | | meaning |", "|---|---|---|---|"]
    for field in dataclasses.fields(row):
        if field.name in without:
            continue
        about = field.metadata
        meaning = about["meaning"] + (f", in {about['unit']}" if about["unit"] else "")
        if field.name in words:
            meaning += ": " + ", ".join(f"`{word}`" for word in words[field.name])
        always = "always" if about["required"] else ""
        lines.append(f"| `{field.name}` | {_type(schema.field(field.name).type)} | {always} | {meaning} |")
    return "\n".join(lines) + "\n"


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "(" + ", ".join(f"{f.name} {_type(f.type)}" for f in kind) + ")"
    return {"timestamp[us, tz=UTC]": "timestamp", "date32[day]": "date"}.get(str(kind), str(kind))


if __name__ == "__main__":
    print(markdown(), end="")
