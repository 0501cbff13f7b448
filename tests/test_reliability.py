"""docs/reliability.md names tests that exist."""

from __future__ import annotations

import ast
import re

from klartext.sources import PROJECT


def test_every_test_that_the_page_names_exists() -> None:
    page = (PROJECT / "docs" / "reliability.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named) > 20
    assert page.count("::") == len(named), "each is written as `tests/….py::test_…`"
    for file, name in named:
        tree = ast.parse((PROJECT / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{name}"


def test_every_promise_and_every_fault_names_the_test_that_shows_it() -> None:
    page = (PROJECT / "docs" / "reliability.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ") and "|---" not in line]
    assert len(rows) > 20
    column = 0
    for cells in rows:
        if cells[0] in ("promise", "what"):  # the heading of a table
            column = 1 if cells[0] == "promise" else 3
            continue
        assert "::test_" in cells[column], cells[0]
