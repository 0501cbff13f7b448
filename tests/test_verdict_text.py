"""The verdict of an account in words."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from klartext.verdict_text import describe_verdict


def finding(severity: str, what: str, to_do: str | None, *pages: str) -> dict[str, Any]:
    return {"code": "past-leads", "severity": severity, "what": what, "pages": list(pages), "to_do": to_do}


def test_what_refuses_comes_first_and_what_to_do_is_there_once() -> None:
    found = [finding("warning", "few articles", "look", "b"), finding("critical", "no leads", "mend", "a", "b"),
             finding("warning", "no authors", "mend")]  # fmt: skip
    text = describe_verdict({"findings": found, "reasons": ["past-leads: no leads"], "warnings": []})
    assert text.what == "no leads; few articles; no authors"
    assert (text.pages, text.to_do) == (("a", "b"), ("mend", "look"))
    assert text.sentence(1) == "no leads; few articles; no authors. Pages that show it: a. mend. look"


def test_an_account_without_findings_has_its_reasons_and_codes() -> None:
    old = {"reasons": ["batch-rejects: too many"], "warnings": ["past-noise"]}
    assert describe_verdict(old).sentence() == "batch-rejects: too many; past-noise"
    assert describe_verdict({"findings": [], "reasons": [], "warnings": []}).sentence() == ""


def test_it_is_imported_without_what_takes_long() -> None:
    code = "import sys, klartext.verdict_text; print([m for m in ('pyarrow', 'klartext.validate') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
