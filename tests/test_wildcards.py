from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.wildcards import matches


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/", "/a", True), ("/a", "/b", False), ("/a$", "/a", True), ("/a$", "/ab", False),
        ("/*.php$", "/x/a.php", True),
        ("/*.php$", "/a.php5", False), ("/*/b", "/a/c/b/d", True), ("*", "", True), ("", "/a", True), ("$", "", True),
        ("/a*$", "/abc", True), ("/aba*aba$", "/aba", False), ("/a**b", "/ab", True),
    ],
)  # fmt: skip
def test_patterns(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


@given(st.text("ab*", max_size=8), st.booleans(), st.text("ab", max_size=10))
def test_the_same_as_a_regular_expression(pattern: str, whole: bool, path: str) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*"))) + ("$" if whole else "")
    assert matches(pattern + "$" * whole, path) is (re.match(expression, path) is not None)


def test_many_stars_take_linear_time() -> None:
    begin = time.process_time()
    assert not matches("*a" * 50_000 + "b", "a" * 100_000)
    assert not matches("*aab" * 25_000, "a" * 100_000)
    assert time.process_time() - begin < 1
