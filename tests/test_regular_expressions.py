"""No regular expression of the library backtracks without bound: its cost grows with the text, not with its square."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator

import pytest

from support.regular_expressions import Expression, expressions, pumps

SHORT = 4_000
SUSPICIOUS = 0.002
"""Seconds for the short text, of which a linear expression needs a tenth, also on a busy machine."""
LIMIT = 1.0
"""Seconds for the long text."""


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
                short, long = (
                    head + (piece * size)[: size - len(head) - 1] + end for size in (SHORT, expression.longest)
                )
                if expression.longest > SHORT and _cost(expression, short) < SUSPICIOUS:
                    continue
                worst = max(worst, (_cost(expression, long), piece))
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
