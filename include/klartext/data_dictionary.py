"""The data dictionary, ``docs/columns.md``: ``python -m klartext.data_dictionary DATA`` prints it for a lake.

What a column is comes from :mod:`klartext.model`, how often it has no value and an example from the lake, and what
readers can get wrong from ``data_dictionary.yaml``, as do examples of columns whose values differ between runs. The
page in docs/ has the lake of the newsroom's three days; tests/test_data_dictionary.py compares and writes it.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from klartext import model
from klartext.package_data import read_yaml

if TYPE_CHECKING:
    from klartext.column_facts import Facts

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


SINCE = {
    "takedowns": 2, "batches": 3, "removed": 3, "skipped": 4, "shared_text": 6, "keep": 6, "shingles": 6, "selectors": 6
}  # fmt: skip
"""The schema version that introduced a table; the others are of version 1."""
PASSED_ON = {
    "candidates": model.Candidate, "removed": model.Removed, "selectors": model.SelectorMatches,
    "skipped": model.Skipped, "shingles": model.Shingles,
}  # fmt: skip
"""Tables that are not published."""


@functools.cache
def notes() -> dict[str, Any]:
    """``data_dictionary.yaml``: ``caveats`` and ``examples`` by table and column, and ``changes`` by schema version."""
    return dict(read_yaml(__file__, "data_dictionary.yaml"))


def markdown(facts: Facts) -> str:
    """The whole dictionary as one page. ``facts`` are those of the demo's lake."""
    parts = [
        "# The columns\n",
        "Generated from `include/klartext/model.py` and the lake of the demo's pages, by "
        "`KLARTEXT_WRITE_DOCS=1 pytest tests/test_data_dictionary.py`.\n",
        "Times are UTC with microseconds. Lists are never null. A column marked *always* has a value in every row; in "
        "the others null means that the page does not state it. *no value* is the share of rows of the demo's lake "
        "with null or an empty list; – stands for a table without rows there. Examples are of that lake too, or made "
        "up where the values differ between runs. *since* is the schema version that introduced the column.\n",
    ]
    for name, row in {**model.PUBLISHED, **PASSED_ON}.items():
        parts.append(f"## {name}\n\n{ABOUT[name]}\n")
        if name != "versions":
            parts.append(_table(name, row, set(_names(model.Article)) if name == "rejects" else set(), facts))
    parts.append("## Schema versions\n")
    parts += [f"- **{version}**: {' '.join(_changes(version))}" for version in range(1, model.SCHEMA_VERSION + 1)]
    return "\n".join(parts) + "\n"


def meaning_of(row: type[Any], column: str) -> str:
    """What a column of a table means, with its allowed values, for a cell of a table in Markdown."""
    about = next(field.metadata for field in dataclasses.fields(row) if field.name == column)
    words = [f"`{word}`" for word in model.allowed(row).get(column, [])]
    meaning = str(about["meaning"]) + (f": {', '.join(words)}" if words else "")
    return meaning.replace("|", "\\|")


def _names(row: type[Any]) -> list[str]:
    return [f.name for f in dataclasses.fields(row)]


def _changes(version: int) -> Iterator[str]:
    """What a schema version introduced, as sentences."""
    if note := notes()["changes"].get(version):
        yield note
    if version == 1:
        return
    tables = [name for name in model.PUBLISHED if SINCE.get(name) == version]
    if tables:
        yield f"New tables: {', '.join(f'`{name}`' for name in tables)}."
    seen: set[str] = set()
    for table, row in model.PUBLISHED.items():
        fields = [f.name for f in dataclasses.fields(row) if f.metadata["since"] == version and f.name not in seen]
        if fields and table not in tables:
            yield f"New columns of `{table}`: {', '.join(f'`{name}`' for name in fields)}."
        if table in ("articles", "versions"):
            seen.update(fields)


def _table(name: str, row: type[Any], without: set[str], facts: Facts) -> str:
    schema = model.schema(row)
    published = name in model.PUBLISHED
    more = [" no value | example |", "---:|---|"] if published else ["", ""]
    lines = [f"| column | type | unit | |{more[0]} since | meaning |", f"|---|---|---|---|{more[1]}---|---|"]
    for field in dataclasses.fields(row):
        if field.name in without:
            continue
        about = field.metadata
        meaning = meaning_of(row, field.name)
        if caveat := notes()["caveats"].get(name, {}).get(field.name):
            meaning += f". *{caveat}*"
        always = "always" if about["required"] else ""
        since = max(about["since"], SINCE.get(name, 1))
        cells = [f"`{field.name}`", type_name(schema.field(field.name).type), about["unit"] or "", always]
        cells += _of_lake(name, field.name, facts) if published else []
        lines.append(f"| {' | '.join([*cells, str(since), meaning])} |")
    return "\n".join(lines) + "\n"


def _of_lake(table: str, column: str, facts: Facts) -> list[str]:
    """The share of rows without a value, and an example."""
    found = facts[table][column]
    examples = notes()["examples"]
    own = examples.get(table, {}).get(column) or examples["all"].get(column)
    example = str(own or found.example or "").replace("|", "\\|").replace("`", "'")
    return [_share(found.without_value, found.rows), f"`{example}`" if example else ""]


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    percent = 100 * part / whole
    return "<1 %" if 0 < percent < 1 else ">99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def type_name(kind: pa.DataType) -> str:
    """The name of a type, for people."""
    if pa.types.is_list(kind):
        return f"list of {type_name(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "(" + ", ".join(f"{f.name} {type_name(f.type)}" for f in kind) + ")"
    return {"timestamp[us, tz=UTC]": "timestamp", "date32[day]": "date"}.get(str(kind), str(kind))


if __name__ == "__main__":
    from klartext.column_facts import column_facts
    from klartext.lake import Lake

    if len(sys.argv) != 2:
        sys.exit("give the root of a lake")
    print(markdown(column_facts(Lake.open(sys.argv[1]))), end="")
