"""The pictures of a report, as charts of Vega-Altair.

A row is a source, the one with most articles on top, in every picture. Amounts are shades of one colour with the number
beside or in them, and the only two colours that differ in meaning are blue and orange, which people who do not see all
colours can distinguish.
"""

from __future__ import annotations

import collections
from typing import Any

import altair as alt

from klartext.report.numbers import QUANTILE_NAMES, WORD_LIMITS, Numbers
from klartext.report.periods import by_period

INK, MUTED, GRID, PAPER = "#24292f", "#57606a", "#d0d7de", "#ffffff"
"""Colours that :mod:`klartext.report.svg` replaces on a dark background."""
BLUE, ORANGE = "#0072b2", "#e69f00"
SHADES = ["#e3eef9", "#9ecae1", "#4292c6", "#08519c"]
ON_PALE, ON_DARK = "#111111", "#fefefe"
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
ROW = 30
SOURCES = 20
"""Sources that have a row; the smallest of more are summed up in the last one."""
SHORTEST, LONGEST = 11, 12_000
"""Ends of the axis of lengths, in words; what is outside is drawn at its end."""


def articles(numbers: Numbers) -> alt.TopLevelMixin:
    """The number of articles by source and month; of more than three years by source and year."""
    names = list(numbers.sources)
    unit, periods, counts = by_period(numbers)
    cells = [{"source": name, "period": period, "articles": count} for (name, period), count in counts.items()]
    totals = [{"source": name, "articles": each.articles} for name, each in numbers.sources.items()]
    title = _title(f"Articles by source and {unit}", f"{_count(numbers.articles, 'article')} in all")
    if len(periods) == 1:
        largest = max(each.articles for each in numbers.sources.values())
        scale, axis = alt.Scale(domain=[0, largest * 1.1]), _whole_numbers(largest)
        return _bars(totals, 280, names, alt.Axis(), alt.X("articles:Q", title=f"articles of {periods[0]}",
                     scale=scale, axis=axis)).properties(title=title)  # fmt: skip
    step = max(14, min(64, 480 // len(periods)))
    x: Any = alt.X("period:O", sort=periods, title=unit, scale=alt.Scale(domain=periods),
                   axis=alt.Axis(labelAngle=0 if step >= 50 else -60, labelOverlap=True))  # fmt: skip
    y: Any = alt.Y("source:N", sort=names, title=None)
    grid = alt.Chart(alt.Data(values=cells), width=alt.Step(step), height=alt.Step(ROW)).encode(x=x, y=y)
    most = max(counts.values())
    heat: Any = grid.mark_rect(stroke=PAPER).encode(color=_shade("articles", most))
    if step >= _digits(most):
        heat += grid.mark_text().encode(text=alt.Text("articles:Q", format=","), color=_on_shade("articles", most))
    scale = alt.Scale(domain=[0, max(each.articles for each in numbers.sources.values()) * 1.6])
    side = _bars(totals, 120, names, None, alt.X("articles:Q", scale=scale, axis=None))
    all_of = alt.TitleParams("all", fontSize=11, fontWeight="normal", offset=4)
    return alt.hconcat(heat, side.properties(title=all_of), spacing=8).properties(title=title)


def _bars(rows: list[dict[str, Any]], width: int, names: list[str], axis: alt.Axis | None, x: alt.X) -> Any:
    """A bar for each source, with its number at the end."""
    y = alt.Y("source:N", sort=names, title=None, axis=axis)
    bars: Any = alt.Chart(alt.Data(values=rows), width=width, height=alt.Step(ROW)).encode(x=x, y=y)
    return bars.mark_bar(color=BLUE, height=16) + bars.mark_text(align="left", dx=4).encode(
        text=alt.Text("articles:Q", format=",")
    )


def shares(numbers: Numbers) -> alt.TopLevelMixin:
    """The share of the articles of a source that have a lead, and that name an author."""
    rows = [
        {"source": name, "what": what, "share": count / each.articles, "label": f"{count:,} of {each.articles:,}"}
        for name, each in numbers.sources.items()
        for what, count in (("with a lead", each.with_lead), ("with an author", each.with_author))
    ]
    chart: Any = alt.Chart(alt.Data(values=rows), width=280, height=alt.Step(15, **{"for": "offset"})).encode(
        x=alt.X("share:Q", title="share of the articles of a source", scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])),
        y=alt.Y("source:N", sort=list(numbers.sources), title=None,
                scale=alt.Scale(paddingInner=0.3, paddingOuter=0.15)),
        yOffset=alt.YOffset("what:N", sort=["with a lead", "with an author"]),
    )  # fmt: skip
    scale = alt.Scale(domain=["with a lead", "with an author"], range=[BLUE, ORANGE])
    colour = alt.Color("what:N", title=None, scale=scale, legend=alt.Legend(orient="bottom"))
    labels = chart.mark_text(align="left", dx=4, fontSize=10).encode(text="label:N")
    return (chart.mark_bar().encode(color=colour) + labels).properties(
        title=_title("Leads and authors", "share and number of the articles that have one")
    )


def lengths(numbers: Numbers) -> alt.TopLevelMixin:
    """The distribution of the number of words: of all articles, and of each source."""
    sums = [sum(column) for column in zip(*(each.length_classes() for each in numbers.sources.values()), strict=True)]
    ends = [SHORTEST, *WORD_LIMITS[1:], LONGEST]
    classes = [{"from": low, "to": high, "articles": count}
               for low, high, count in zip(ends, ends[1:], sums, strict=False) if count]  # fmt: skip
    low, high = min(64, classes[0]["from"]), max(1024, classes[-1]["to"])
    ticks = [n for n in (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000) if low <= n <= high]
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    plain: Any = alt.X("from:Q", scale=scale, title=None, axis=alt.Axis(values=ticks, labels=False, grid=True))
    count_axis = _whole_numbers(max(sums))
    histogram: Any = alt.Chart(alt.Data(values=classes), width=360, height=90).mark_bar(color=BLUE, stroke=PAPER)
    histogram = histogram.encode(x=plain, x2="to:Q", y=alt.Y("articles:Q", title="articles", axis=count_axis),
                                 y2=alt.datum(0))  # fmt: skip
    rows = []
    for name, each in numbers.sources.items():
        values = each.quantiles()
        ends = [min(max(value, low), high) for value in values]
        rows.append({"source": name, "label": f"{values[2]:,.0f}"} | dict(zip(QUANTILE_NAMES, ends, strict=True)))
    base: Any = alt.Chart(alt.Data(values=rows), width=360, height=alt.Step(ROW)).encode(
        y=alt.Y("source:N", sort=list(numbers.sources), title=None)
    )
    axis = alt.Axis(values=ticks, format=",d", grid=True)
    line = alt.X("p5:Q", scale=scale, title="words of lead and text, logarithmic", axis=axis)
    spread = (
        base.mark_rule(color=BLUE, strokeWidth=2).encode(x=line, x2="p95")
        + base.mark_bar(color=BLUE, height=12).encode(x=alt.X("p25:Q", scale=scale), x2="p75")
        + base.mark_tick(color=ORANGE, thickness=3, height=18, opacity=1).encode(x=alt.X("median:Q", scale=scale))
        + base.mark_text(align="left", dx=5).encode(x=alt.X("p95:Q", scale=scale), text="label:N")
    )
    explained = ["line: 5 % to 95 % of the articles of a source; bar: the middle half;", "mark and number: the median"]
    return alt.vconcat(histogram, spread, spacing=6).properties(title=_title("Length of articles", explained))


def shared_text(numbers: Numbers) -> alt.TopLevelMixin:
    """The number of pairs of articles that share text, of each two sources."""
    names = list(numbers.sources)
    cells: list[dict[str, Any]] = []
    for n, row in enumerate(names):
        for column in names[: n + 1]:
            kinds = numbers.pairs.get((column, row))
            cells.append({"row": row, "column": column, "pairs": kinds.total() if kinds else 0})
    most = max(cell["pairs"] for cell in cells)
    sums = sum(numbers.pairs.values(), collections.Counter[str]())
    by_kind = ", ".join(f"{kind} {sums[kind]:,}" for kind in sorted(sums, key=lambda kind: (-sums[kind], kind)))
    below = f"{_count(sums.total(), 'pair')} of articles" + (f": {by_kind}" if by_kind else "")
    step = max(26, _digits(most), min(64, 420 // len(names)))
    angle = 0 if max(map(len, names)) * 6.5 < step else -40
    grid: Any = alt.Chart(alt.Data(values=cells), width=alt.Step(step), height=alt.Step(ROW)).encode(
        x=alt.X("column:N", sort=names, title=None, axis=alt.Axis(labelAngle=angle)),
        y=alt.Y("row:N", sort=names, title=None),
    )
    some, none = alt.datum.pairs > 0, alt.datum.pairs == 0
    layers = (
        grid.transform_filter(none).mark_rect(fill=PAPER, stroke=GRID)
        + grid.transform_filter(none).mark_text(color=MUTED).encode(text="pairs:Q")
        + grid.transform_filter(some).mark_rect(stroke=GRID).encode(color=_shade("pairs", most))
        + grid.transform_filter(some)
        .mark_text()
        .encode(text=alt.Text("pairs:Q", format=","), color=_on_shade("pairs", most))
    )
    return layers.properties(title=_title("Text that articles share", below))


PICTURES = {"articles": articles, "shares": shares, "lengths": lengths, "shared-text": shared_text}
"""The pictures, by the name of their file."""


def specification(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The chart in the language of Vega-Lite, in the style of the report."""
    styled = chart.configure(
        background=PAPER, font=FONT, padding=12, view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(labelColor=INK, titleColor=INK, domainColor=GRID, tickColor=GRID, gridColor=GRID,
                            labelFontSize=11, titleFontSize=11, titleFontWeight="normal", labelLimit=170, grid=False),
        legend=alt.LegendConfig(labelColor=INK, titleColor=INK, labelFontSize=11),
        text=alt.MarkConfig(color=INK, fontSize=11),
        title=alt.TitleConfig(color=INK, subtitleColor=MUTED, fontSize=15, subtitleFontSize=11, anchor="start",
                              subtitlePadding=4, offset=12),
    )  # fmt: skip
    found: dict[str, Any] = styled.to_dict()
    return found


def overview(numbers: Numbers) -> alt.TopLevelMixin:
    """All pictures in one."""
    first, second, third, fourth = (draw(numbers.largest(SOURCES)) for draw in PICTURES.values())
    return alt.concat(first, second, third, fourth, columns=2, spacing=40)


def _shade(field: str, most: int) -> Any:
    """Amounts as shades of a colour; a root, so that small amounts differ from none."""
    scale = alt.Scale(type="sqrt", domain=[0, max(most, 4)], range=SHADES)
    return alt.Color(f"{field}:Q", scale=scale, legend=None)


def _on_shade(field: str, most: int) -> Any:
    """The colour of a number on its shade."""
    return alt.condition(f"datum.{field} > {0.6 * max(most, 4)}", alt.value(ON_DARK), alt.value(ON_PALE))


def _whole_numbers(largest: int) -> alt.Axis:
    """An axis of numbers of articles."""
    few = {"values": list(range(largest + 1))} if largest <= 4 else {"tickCount": 4}
    return alt.Axis(format=",d", **few)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _digits(number: int) -> int:
    """The width of a number in a cell, in pixels."""
    return 6 * len(f"{number:,}") + 4


def _title(text: str, below: str | list[str]) -> alt.TitleParams:
    return alt.TitleParams(text, subtitle=below)
