"""Running checks with Great Expectations, in memory and without its analytics."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Sequence
from typing import Any

from klartext.validate.checks import Check


@dataclasses.dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check: ``failed`` has the values of the rows that failed, by row number."""

    check: Check
    success: bool
    looked_at: int
    failed: dict[int, Any]

    def to_dict(self) -> dict[str, Any]:
        """For verdict.json: counts of rows, without their values."""
        return {**dataclasses.asdict(self.check), "success": self.success, "looked_at": self.looked_at,
                "failed": len(self.failed)}  # fmt: skip


@functools.cache
def _context() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def version() -> str:
    """The version of Great Expectations."""
    import great_expectations

    return str(great_expectations.__version__)


@dataclasses.dataclass(frozen=True, slots=True)
class SuiteRun:
    """A suite run against a frame: ``results`` in the order of the checks, ``suite`` and ``validation`` as objects of
    Great Expectations, the latter with few and short values (:func:`_shortened`)."""

    results: list[CheckResult]
    suite: Any
    validation: Any


def run_suite(name: str, checks: Sequence[Check], frame: Any) -> SuiteRun:
    """Runs checks as one suite against a pandas frame with the number of each row in its column ``row``.

    Raises RuntimeError if a check could not be carried out, because then it is not known whether it passes.
    """
    context = _context()
    import great_expectations as gx
    import great_expectations.expectations as gxe

    expectations = [
        getattr(gxe, check.expectation)(
            **check.arguments, severity=check.severity, meta={"code": check.code, "means": check.means, "number": n}
        )
        for n, check in enumerate(checks)
    ]
    suite = gx.ExpectationSuite(name=name, expectations=expectations)
    place = context.data_sources.add_or_update_pandas("memory")
    asset = place.add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe(name).get_batch(batch_parameters={"dataframe": frame})
    found = batch.validate(suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row"]})
    results = {r.expectation_config.meta["number"]: _result(checks, r) for r in found.results}
    return SuiteRun([results[number] for number in range(len(checks))], suite, _shortened(found))


def _result(checks: Sequence[Check], found: Any) -> CheckResult:
    check = checks[found.expectation_config.meta["number"]]
    if found.exception_info.get("raised_exception") or "element_count" not in found.result:
        raise RuntimeError(f"check {check.code} could not be carried out: {found.exception_info}")
    column = check.arguments["column"]
    failed = {int(line["row"]): line[column] for line in found.result.get("unexpected_index_list") or []}
    return CheckResult(check, bool(found.success), int(found.result["element_count"]), failed)


_SHOWN, _LONG = 20, 300
"""Values of a failed check that are kept, and their maximum length. Headlines must be complete, because take-downs find
quotes by them."""


def _shortened(found: Any) -> Any:
    """The validation with a few short values of each check, and without the time at which it was run."""
    found.meta.pop("batch_markers", None)
    found.results.sort(key=lambda result: result.expectation_config.meta["number"])
    for result in found.results:
        details = result.result
        for name in ("unexpected_list", "unexpected_index_list", "unexpected_index_query"):
            details.pop(name, None)
        for name, value in details.items():
            if isinstance(value, list):
                details[name] = [_short(one) for one in value[:_SHOWN]]
    return found


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(part) for name, part in value.items()}
    return f"{value[:_LONG]}…" if isinstance(value, str) and len(value) > _LONG else value
