"""No regular expression of the library backtracks without bound: its cost grows with the text, not with its square."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator

import pytest

from support.regular_expressions import Expression, expressions, pumps

SHORTER = ((4_000, 0.002), (20_000, 0.03))
"""Lengths of shorter texts, and the seconds that an expression needs for them if it needs :data:`LIMIT` for the longest
text by the square of its length. For most expressions these texts show that they are linear."""
LIMIT = 1.0
"""Seconds for the longest text."""


class _TooSlow(Exception):
    pass


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _cost(expression: Expression, text: str) -> float:
    """Seconds of CPU that the expression takes for a text; the limit and more where it was given up."""
    begin = time.process_time()
    try:
        with _at_most(2 * LIMIT):
            expression.apply(text)
    except _TooSlow:
        return 2 * LIMIT
    return time.process_time() - begin


def _worst(expression: Expression) -> tuple[float, str]:
    """The seconds that the worst of the longest texts costs, and what it repeats."""
    worst = (0.0, "")
    pieces = pumps(expression.pattern)
    for piece in pieces:
        for head in ("", pieces[-1]):
            for end in ("\x00", ""):
                sizes = [(size, least) for size, least in SHORTER if size < expression.longest]
                for size, least in [*sizes, (expression.longest, 0)]:
                    cost = _cost(expression, head + (piece * size)[: size - len(head) - 1] + end)
                    if cost < least:
                        break
                else:
                    worst = max(worst, (cost, piece))
                    if worst[0] > LIMIT:
                        return worst
    return worst


FOUND = expressions()


def test_the_expressions_are_found() -> None:
    assert len(FOUND) > 70
    assert "klartext.tdm._META" in FOUND


@pytest.mark.parametrize("name", sorted(FOUND))
def test_an_expression_is_linear(name: str) -> None:
    seconds, piece = _worst(FOUND[name])
    assert seconds < LIMIT, f"{name} takes {seconds:.1f} s for {FOUND[name].longest} characters of {piece!r}"
