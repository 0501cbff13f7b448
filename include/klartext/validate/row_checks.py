"""Row checks: which articles are accepted, and why the others are rejected."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from klartext import model, sources
from klartext.lake import tables
from klartext.sources import Source
from klartext.validate import checks, expectations, facts


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """``accepted`` has the columns of articles, ``rejected`` those of rejects; ``runs`` has the suite that was run, if
    there were rows."""

    accepted: pa.Table
    rejected: pa.Table
    runs: list[expectations.SuiteRun]

    @property
    def results(self) -> list[expectations.CheckResult]:
        """One entry per check."""
        return [result for run in self.runs for result in run.results]


def check_rows(
    rows: Iterable[model.Article | dict[str, Any]] | pa.Table,
    source: Source | None = None,
    teasers: Iterable[model.Teaser | dict[str, Any]] | pa.Table = (),
) -> Checked:
    """Checks articles, without a lake. Rows keep their order.

    Args:
        rows: articles.
        source: their source; by default, and in a batch of hosts without a source file, the source that the address of
            each row belongs to.
        teasers: teasers of the same pages, whose texts must not be in the articles.

    Raises:
        ValueError: the rows do not have the columns of articles.
    """
    articles = tables.as_table("articles", rows)
    cards = tables.as_table("teasers", teasers)
    reasons: dict[int, list[str]] = collections.defaultdict(list)
    details: dict[int, list[str]] = collections.defaultdict(list)
    frame = facts.build_frame(articles, cards, source or sources.OTHER)
    run = expectations.run_suite("articles", checks.row_checks(), frame)
    for result in run.results:
        for number, value in result.failed.items():
            reasons[number].append(result.check.code)
            details[number].append(_detail(result.check, value))
    return Checked(*_divide(articles, reasons, details), [run])


def _detail(check: checks.Check, value: Any) -> str:
    missing = value is None or value != value
    if missing or (isinstance(value, str) and len(value) > 120):
        return check.means
    return f"{check.means} ({value:g})" if isinstance(value, float) else f"{check.means} ({value})"


def _divide(
    articles: pa.Table, reasons: Mapping[int, list[str]], details: Mapping[int, list[str]]
) -> tuple[pa.Table, pa.Table]:
    numbers = sorted(reasons)
    accepted = articles.take(pa.array([n for n in range(articles.num_rows) if n not in reasons], pa.int64()))
    rejected = [
        {**row, "stage": "validate", "reasons": sorted(set(reasons[n])), "detail": "; ".join(dict.fromkeys(details[n]))}
        for n, row in zip(numbers, articles.take(pa.array(numbers, pa.int64())).to_pylist(), strict=True)
    ]
    return accepted, model.table(model.Reject, rejected)


def read_rows(path: Path) -> pa.Table:
    """Articles from a Parquet file or from a file with one JSON object per line.

    Raises ValueError, with file and line, for what cannot be read or has other columns or types, and OSError.
    """
    if path.suffix == ".parquet":
        try:
            return tables.from_parquet("articles", path.read_bytes())
        except (pa.ArrowException, ValueError) as error:
            raise ValueError(f"{path}: {error}") from error
    schema = model.schema(model.Article)
    times = [field.name for field in schema if pa.types.is_timestamp(field.type)]
    days = [field.name for field in schema if pa.types.is_date(field.type)]
    lists = [field.name for field in schema if pa.types.is_list(field.type)]
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            row = json.loads(line)
            for name in times:
                row[name] = dt.datetime.fromisoformat(row[name]) if row.get(name) else None
            for name in days:
                row[name] = dt.date.fromisoformat(row[name]) if row.get(name) else None
            if torn := [name for name in lists if not isinstance(row.get(name), list | None)]:
                raise ValueError(f"{', '.join(torn)}: not a list")  # Arrow would take a text for a list of letters
            model.table(model.Article, [row])
        except (ValueError, TypeError, AttributeError, pa.ArrowException) as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
        rows.append(row)
    return model.table(model.Article, rows)
