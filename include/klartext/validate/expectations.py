"""Great Expectations, as far as it is needed: checks against a frame, in memory, without telling anyone."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Sequence
from typing import Any

from klartext.validate.checks import Check


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What became of one check: the rows that failed it with the values they had there."""

    check: Check
    success: bool
    looked_at: int
    failed: dict[int, Any]

    def to_dict(self) -> dict[str, Any]:
        """For the verdict: numbers of rows, not their texts."""
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
    import great_expectations

    return str(great_expectations.__version__)


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """A suite against a frame: ``results`` are in the order of the checks, ``suite`` and ``validation`` are Great
    Expectations' own, the latter without the values that are none of a page's business (:func:`_shortened`)."""

    results: list[Result]
    suite: Any
    validation: Any


def run(name: str, checks: Sequence[Check], frame: Any) -> Run:
    """Runs the checks as one suite against a pandas frame that numbers its rows in ``row``.

    Raises RuntimeError if a check could not be carried out: a check that fails to run has not been passed.
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
    return Run([results[number] for number in range(len(checks))], suite, _shortened(found))


def _result(checks: Sequence[Check], found: Any) -> Result:
    check = checks[found.expectation_config.meta["number"]]
    if found.exception_info.get("raised_exception") or "element_count" not in found.result:
        raise RuntimeError(f"check {check.code} could not be carried out: {found.exception_info}")
    column = check.arguments["column"]
    failed = {int(line["row"]): line[column] for line in found.result.get("unexpected_index_list") or []}
    return Result(check, bool(found.success), int(found.result["element_count"]), failed)


_SHOWN, _LONG = 20, 300
"""Values of a failed check that are kept, and their characters: a headline is whole, by which a take-down finds it."""


def _shortened(found: Any) -> Any:
    """The validation as it is kept: a few short values of each check, and nothing that tells when it was run."""
    found.meta.pop("batch_markers", None)
    found.results.sort(key=lambda result: result.expectation_config.meta["number"])
    for result in found.results:
        told = result.result
        for name in ("unexpected_list", "unexpected_index_list", "unexpected_index_query"):
            told.pop(name, None)
        for name, value in told.items():
            if isinstance(value, list):
                told[name] = [_short(one) for one in value[:_SHOWN]]
    return found


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(part) for name, part in value.items()}
    return f"{value[:_LONG]}…" if isinstance(value, str) and len(value) > _LONG else value
