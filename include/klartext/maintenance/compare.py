"""Compares two lakes: do the same batches have the same articles, whichever machines ran them?"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

from klartext.lake import Lake, layout, tables
from klartext.lake.report import accounts
from klartext.model import OUTCOMES

_OF_A_BATCH = ("versions", "teasers", "rejects")
_MOMENTS = ("capture", "fetched_at", "first_fetched_at", "changed_at")
"""Columns that say when and where a page was captured, which is different in every lake."""


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """The batches of one lake, and how they are in another.

    Attributes:
        batches: the number of batches that both lakes have.
        missing: names of the batches that the other lake does not have.
        articles: the number of rows of ``articles`` that were compared.
        differences: a line for each difference; empty if the batches are equal in both lakes.
    """

    batches: int
    missing: list[str]
    articles: int
    differences: list[str]


def compare_lakes(lake: Lake, other: Lake) -> Comparison:
    """Compares the batches of a lake with those of the same name in another lake: their accounts, and their rows in all
    tables, without the time and the place of the captures. The view ``articles`` is compared for every source that has
    the same batches in both."""
    ours = {(row["source"], row["batch"]): row for row in accounts(lake)}
    theirs = {(row["source"], row["batch"]): row for row in accounts(other)}
    differences = []
    common = sorted(ours.keys() & theirs.keys())
    for source, batch in common:
        one, two = ours[source, batch], theirs[source, batch]
        for name in ("discovered", *OUTCOMES):
            if one[name] != two[name]:
                differences.append(f"{batch}: {name} is {one[name]}, and {two[name]} in the other lake")
    for table in _OF_A_BATCH:
        names, others = _files(lake, table), _files(other, table)
        for source, batch in common:
            path = names.get((source, batch)), others.get((source, batch))
            rows, other_rows = _rows(lake, table, path[0]), _rows(other, table, path[1])
            differences += _difference(f"{batch}: {table}", rows, other_rows)
    articles = 0
    for source in sorted({source for source, _ in ours}):
        if {key for key in ours if key[0] == source} == {key for key in theirs if key[0] == source}:
            rows, other_rows = _view(lake, source), _view(other, source)
            articles += rows.total()
            differences += _difference(f"{source}: articles", rows, other_rows)
    return Comparison(len(common), [batch for _, batch in sorted(ours.keys() - theirs.keys())], articles, differences)


def _files(lake: Lake, table: str) -> dict[tuple[str, str], str]:
    """The files of a table by source and batch."""
    found = lake.published_files(table)
    return {(layout.partitions(name)["source"], layout.batch_of_file(name)[1]): name for name in found}


def _rows(lake: Lake, table: str, *names: str | None) -> Counter[str]:
    """The rows of files, without the columns of :data:`_MOMENTS`; empty for files that do not exist."""
    counts: Counter[str] = Counter()
    for name in filter(None, names):
        with tables.reading(name):
            rows = tables.from_parquet(table, lake.storage.read(name) or b"")
        kept = rows.drop_columns([column for column in _MOMENTS if column in rows.column_names])
        counts.update(repr(sorted(row.items())) for row in kept.to_pylist())
    return counts


def _view(lake: Lake, source: str) -> Counter[str]:
    return _rows(lake, "current", *lake.published_files("articles", source))


def _difference(what: str, ours: Counter[str], theirs: Counter[str]) -> list[str]:
    only, only_theirs = ours - theirs, theirs - ours
    if not only and not only_theirs:
        return []
    example: Any = next(iter((only or only_theirs).keys()))
    counts = f"{only.total()} rows that the other lake does not have, and {only_theirs.total()} only there"
    return [f"{what}: {counts}; one is {example[:300]}"]
