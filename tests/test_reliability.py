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
