"""Charts: well-formed SVG with axes, bounds and titles, whatever the values and names are."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from klartext.console import charts
from klartext.console.charts import Point

FIRST = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
LAST = FIRST + dt.timedelta(days=30)
NUMBERS = st.none() | st.floats(0, 1e9)


def parsed(chart: object) -> etree._Element:
    return etree.fromstring(str(chart))


@example([(5e-324, None, None)], False, "")
@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=30), st.booleans(), st.text(max_size=20))
def test_any_values_fit_into_the_frame(values: list[tuple[float | None, ...]], share: bool, title: str) -> None:
    title = "".join(char for char in title if char.isprintable())
    points = [Point(at=FIRST + dt.timedelta(days=n), value=value, low=low, high=high)
              for n, (value, low, high) in enumerate(values)]  # fmt: skip
    tree = parsed(charts.line(f"<b>{title}", points, FIRST, LAST, share=share))
    for circle in tree.iter("circle"):
        assert 0 <= float(circle.get("cx")) <= charts.WIDTH
        assert 0 <= float(circle.get("cy")) <= charts.HEIGHT
    assert tree.find("figcaption").text == f"<b>{title}"


def test_a_point_says_its_value_and_what_was_expected() -> None:
    points = [Point(at=FIRST, value=0.5, high=0.2, state="refused"), Point(at=LAST, value=0.1, low=0.05, high=0.2)]
    tree = parsed(charts.line("Without lead", points, FIRST, LAST, share=True))
    assert [title.text for title in tree.iter("title")][1:] == [
        "01 May 2024 00:00: 50 %, expected at most 20 %", "31 May 2024 00:00: 10 %, expected 5 % to 20 %",
    ]  # fmt: skip
    assert [circle.get("class") for circle in tree.iter("circle")] == ["dot refused", "dot passed"]
    assert len(tree.findall(".//path[@class='band']")) == 1
    assert "0 %" in [text.text for text in tree.iter("text")]


def test_a_line_is_broken_where_there_is_no_value() -> None:
    points = [Point(at=FIRST + dt.timedelta(days=n), value=value) for n, value in enumerate([1, 2, None, 3])]
    (line,) = parsed(charts.line("x", points, FIRST, LAST)).findall(".//path[@class='line c0']")
    assert line.get("d").count("M") == 2


def test_the_smallest_of_many_reasons_are_summed_up() -> None:
    series = {f"reason-{n}": {FIRST.date(): float(n)} for n in range(1, 20)}
    tree = parsed(charts.bars("Rejects", series, FIRST.date(), LAST.date()))
    names = [item.text for item in tree.iter("li")]
    assert len(names) == charts.SERIES
    assert names[0] == "reason-19" and names[-1] == "others"
    assert f"others {sum(range(1, 13))}" in tree.find(".//desc").text


def test_selectors_are_named_as_they_are() -> None:
    tree = parsed(charts.lines("Selectors", {"body div > p": [(FIRST, 0.9)]}, FIRST, LAST, share=True))
    assert [item.text for item in tree.iter("li")] == ["body div > p"]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_chart_without_values_says_so(values: list[None]) -> None:
    tree = parsed(charts.line("x", [Point(at=FIRST, value=value) for value in values], FIRST, LAST))
    assert tree.find("p").text == "no values in this time"
