"""The gate for a batch: row checks, batch checks, the account, the verdict."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import logging
from typing import Any

import pyarrow as pa

from klartext import fetch_log, model
from klartext.batch import Batch
from klartext.lake import Lake, LakeError
from klartext.sources import Source
from klartext.validate import account, checks, data_docs, expectations, history
from klartext.validate.row_checks import Checked, check_rows

logger = logging.getLogger(__name__)


class BatchRefused(RuntimeError):
    """Nothing of the batch is published; the message says in one line what is wrong. ``told`` is what
    :func:`validate_batch` would have given."""

    def __init__(self, message: str, told: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.told = told or {}


def _staged(lake: Lake, batch: Batch, table: str, step: str) -> pa.Table:
    rows = lake.staged(batch, table)
    if rows is None:
        raise LakeError(f"{batch.name} has staged no {table}: {step} has to run first")
    return rows


def _batch_checks(row: model.Account, before: list[dict[str, Any]], source: Source) -> list[checks.Check]:
    """Fixed bounds, and those of the past. Where the past says something of a figure, fixed warnings are silent.

    A batch of a few pages is not held against shares: one odd page would stop it.
    """
    own = history.checks(dataclasses.asdict(row), before, expected=source.discover.expects_articles is not False)
    known = {check.arguments["column"] for check in own}
    fixed = checks.batch_checks() if row.pages >= checks.FEW else []
    return [c for c in fixed if c.severity == "critical" or c.arguments["column"] not in known] + own


def _held(row: model.Account, found: list[checks.Check]) -> expectations.Run | None:
    """The batch checks against the account, as a frame of one row; None where there is nothing to check.

    Figures of a few articles are left out of it: one odd page would move them."""
    if not found:
        return None
    import pandas as pd

    told = dataclasses.asdict(row)
    told |= history.compared(told)
    frame = {check.arguments["column"]: told[check.arguments["column"]] for check in found}
    return expectations.run("batch", found, pd.DataFrame([{"row": 0, **frame}]).astype(dict.fromkeys(frame, "float64")))


def _clause(result: expectations.Result) -> str:
    """A failed batch check: its code, what is wrong, the figure and what it may be."""
    column, value = result.check.arguments["column"], next(iter(result.failed.values()))

    def said(number: float) -> str:
        return f"{number:.0%}" if column.endswith("_share") else f"{number:,.6g}"

    low, high = (result.check.arguments.get(name) for name in ("min_value", "max_value"))
    if low is not None and high is None:
        bounds = f"at least {said(low)} has to be"
    else:
        bounds = f"{' to '.join(said(bound) for bound in (low, high) if bound is not None)} may be"
    return f"{result.check.code}: {result.check.means}, {said(value)} where {bounds}"


def _reasons(tally: account.Tally, held: expectations.Run | None, codes: collections.Counter[str]) -> list[str]:
    """Why the batch must stop, a clause each."""
    found = [] if tally.adds_up else [f"the account does not add up: {tally.in_words()}"]
    stops = [r for r in (held.results if held else []) if not r.success and r.check.severity == "critical"]
    found += [_clause(result) for result in stops]
    if found and codes:
        found.append("rejects: " + ", ".join(f"{code} {n}" for code, n in codes.most_common(5)))
    return found


def _warnings(held: expectations.Run | None) -> list[str]:
    """Codes of what is odd and stops nothing."""
    failed = [r.check for r in (held.results if held else []) if not r.success]
    stops = {check.code for check in failed if check.severity == "critical"}
    return [check.code for check in failed if check.code not in stops]


def _skipped(lake: Lake, batch: Batch) -> list[model.Skipped]:
    """What the earlier steps left out or read only in part, ordered by place and reason."""
    found = []
    for step in ("discover", "fetch", "extract"):
        rows = lake.staged(batch, f"skipped_by_{step}")
        found += [] if rows is None else [model.Skipped(**row) for row in rows.to_pylist()]
    return sorted(found, key=lambda row: (row.origin, row.reason))


def validate_batch(lake: Lake, batch: Batch, source: Source) -> dict[str, Any]:
    """Stages ``versions``, the articles that may be read, ``rejects``, those of extraction and of the checks, and
    ``batches``, the account. Keeps suites, results and a page of them below ``quality/``.

    Gives ``articles``, ``rejects`` and ``rejected`` (by the checks) as numbers, the ``verdict`` with its ``warnings``
    and ``reasons``, the ``account`` as one line, which is logged too, and the name of the ``page``. Raises
    :class:`BatchRefused` if nothing of the batch may be published, after keeping all that and publishing the account
    alone, and :class:`klartext.lake.LakeError` if an earlier step has not run.
    """
    articles = _staged(lake, batch, "articles", "extract")
    fetches = _staged(lake, batch, "fetches", "fetch")
    # What an earlier run of this step rejected is among the articles and is checked again.
    before = [row for row in _staged(lake, batch, "rejects", "extract").to_pylist() if row["stage"] == "extract"]
    cards = lake.staged(batch, "teasers")
    lake.unstage(batch, "versions")
    lake.delete_quality_files(batch)

    checked = Checked(articles, model.table(model.Reject, []), [])
    if articles.num_rows:
        checked = check_rows(articles, source, () if cards is None else cards)
    rejects = [*before, *checked.rejected.to_pylist()]
    codes = collections.Counter(itertools.chain.from_iterable(row["reasons"] for row in rejects))
    tally = account.tally(
        fetches.select(["url", "discovered_from", "outcome", "attempt", "capture"]).to_pylist(),
        (candidate.url for candidate in fetch_log.staged_candidates(lake, batch)),
        articles.select(["capture"]).to_pylist(),
        rejects,
    )
    shown = account.figures(checked.accepted, rejects, source, lake.staged(batch, "removed"), articles.num_rows)
    row = account.row(batch, tally, shown, articles, _skipped(lake, batch))
    held = _held(row, _batch_checks(row, history.accounts(lake, batch, source), source))
    row = account.judged(
        row,
        reasons=_reasons(tally, held, codes),
        warnings=_warnings(held),
        great_expectations=expectations.version() if checked.runs or held else None,
    )
    told = {
        "articles": 0,
        "rejects": len(rejects),
        "rejected": checked.rejected.num_rows,
        "verdict": row.verdict,
        "warnings": row.warnings,
        "reasons": row.reasons,
        "account": account.line(row),
        "page": _keep(lake, batch, row, codes, [*(("Articles", run) for run in checked.runs), ("Batch", held)]),
    }
    lake.stage(batch, "rejects", rejects)
    lake.stage(batch, "batches", [row])
    if row.verdict == "refused":
        lake.publish(batch, "batches", model.table(model.Account, [row]))
        logger.error("%s", told["account"])
        raise BatchRefused(f"{batch.name} is refused: {'; '.join(row.reasons)} ({told['page']})", told)
    logger.log(logging.WARNING if row.warnings else logging.INFO, "%s", told["account"])
    return told | {"articles": lake.stage(batch, "versions", checked.accepted)}


def _keep(
    lake: Lake,
    batch: Batch,
    row: model.Account,
    codes: collections.Counter[str],
    runs: list[tuple[str, expectations.Run | None]],
) -> str:
    """Keeps the verdict, and of each suite what it asked and what it found; gives the name of the page of it all."""
    ran = [(title, run) for title, run in runs if run]
    verdict = {
        "batch": batch.to_dict(),
        "account": dataclasses.asdict(row),
        "rejects": dict(codes),
        "checks": [result.to_dict() for _, run in ran for result in run.results],
    }
    files: dict[str, Any] = {"verdict.json": verdict}
    for title, run in ran:
        files[f"{title.lower()}.suite.json"] = run.suite.to_json_dict()
        files[f"{title.lower()}.result.json"] = run.validation.to_json_dict()
    for name, content in files.items():
        lake.save_quality_file(batch, name, content)
    return lake.save_quality_file(batch, "index.html", data_docs.page(row, ran, files))
