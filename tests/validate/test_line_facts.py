"""Figures about lines, computed for whole columns, are those of each text by itself."""

from __future__ import annotations

import collections

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.validate import line_facts, notices

LINES = st.sampled_from(["Kurz", "kurz ", "", " \t", "Eine Zeile, die lang genug ist, um als wiederholt zu zählen.",
                         "EINE Zeile,  die lang genug ist, um als wiederholt zu zählen.", "Noch eine lange Zeile, aber "
                         "mit einem anderen Inhalt als die erste.", "x" * 41])  # fmt: skip
TEXTS = st.lists(st.none() | st.lists(LINES, max_size=8).map("\n".join), max_size=6)


def share(text: str | None) -> float:
    """The share of repeated lines, line by line."""
    lines = [" ".join(line.split()).lower() for line in (text or "").split("\n")]
    counts = collections.Counter(lines)
    total = sum(len(line) * n for line, n in counts.items())
    again = sum(len(line) * (n - 1) for line, n in counts.items() if len(line) >= 40)
    return again / total if total else 0.0


@given(TEXTS)
def test_repeated_shares_are_those_of_each_text(texts: list[str | None]) -> None:
    found = line_facts.repeated_shares(line_facts.fold_lines(pa.array(texts, pa.string())))
    assert found.tolist() == pytest.approx([share(text) for text in texts])


@given(st.lists(st.text(alphabet=" \n\t\xa0aAÄß.", max_size=30), max_size=5))
def test_lines_are_folded_as_a_text_is(texts: list[str]) -> None:
    lines = line_facts.fold_lines(pa.array(texts, pa.string())).to_pylist()
    assert [" ".join(line for line in each if line) for each in lines] == [line_facts.fold_text(text) for text in texts]


@given(
    st.lists(
        st.sampled_from(["Cookies akzeptieren", "Wir nutzen Cookies.", "Der Deich hält.", "ABO testen", ""]), max_size=6
    )
)
def test_a_text_that_may_have_no_notice_has_none(texts: list[str]) -> None:
    for kind in (notices.CONSENT, notices.PAYWALL):
        possible = notices.may_have_notice(kind, pa.array(texts, pa.string())).to_pylist()
        for text, may in zip(texts, possible, strict=True):
            assert may or notices.notice_share(kind, text) == 0
