"""Batch checks of a batch of many sites: each site is checked by itself, and none refuses the batch."""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

import pyarrow as pa

from klartext import sources
from klartext.validate import account as accounts
from klartext.validate import checks, equal_texts, expectations

SitesByCode = dict[str, list[str]]
"""The sites that are outside of the bounds of a check, by the code of the check."""


def check_sites(accepted: pa.Table, rejects: list[dict[str, Any]]) -> tuple[expectations.SuiteRun | None, SitesByCode]:
    """Runs the batch checks as one suite with a row for each site with :data:`checks.FEW_OF_SITE` pages and more.

    Args:
        accepted: articles that passed the row checks.
        rejects: rows of ``rejects``.

    Returns:
        The run, in which all checks are warnings, and the sites that failed; None and nothing if no site has enough
        pages.
    """
    rows = site_metrics(accepted, rejects)
    if not rows:
        return None, {}
    import pandas as pd

    suite = [dataclasses.replace(check, severity="warning") for check in checks.batch_checks()]
    columns = {check.arguments["column"] for check in suite}
    frame = pd.DataFrame([{"row": n, **{name: row[name] for name in columns}} for n, row in enumerate(rows)])
    run = expectations.run_suite("batch", suite, frame.astype(dict.fromkeys(columns, "float64")))
    found = {result.check.code: [rows[n]["site"] for n in sorted(result.failed)] for result in run.results}
    return run, {code: names for code, names in found.items() if names}


def site_metrics(accepted: pa.Table, rejects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The metrics of each site with enough pages, as of :func:`klartext.validate.account.batch_metrics`, with its
    ``site``; sorted by site."""
    sites = accepted["site"].to_pylist()
    numbers: dict[str, list[int]] = collections.defaultdict(list)
    rejected: dict[str, list[dict[str, Any]]] = collections.defaultdict(list)
    for number, site in enumerate(sites):
        numbers[site].append(number)
    for row in rejects:
        if row["site"]:
            rejected[row["site"]].append(row)
    found = []
    for site in sorted(numbers.keys() | rejected.keys()):
        if len(numbers[site]) + len(rejected[site]) >= checks.FEW_OF_SITE:
            rows = accepted.take(pa.array(numbers[site], pa.int64()))
            equal = equal_texts.count_equal(rows)
            found.append(
                {"site": site, **accounts.batch_metrics(rows, rejected[site], sources.OTHER, equal_texts=equal)}
            )
    return [row for row in found if row["pages"] >= checks.FEW_OF_SITE]
