"""Charts as SVG: axes, the bounds of the gate, a title for each point. Colours are classes of the stylesheet.

A chart is as wide as a telephone, so that its letters keep their size there; wide pages have several beside each other.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT = 380, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 10, 24
SERIES = 8
"""Series that a chart has colours for; of more the smallest are summed up by the caller or left out."""
_MARKED = 120
"""Points of a line that get a mark and a title each; of more only those that were warned or refused."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value at a time, None for no value; ``low`` and ``high`` are the bounds within which it was expected, None for
    no bound; ``state`` is the verdict on its batch."""

    at: dt.datetime
    value: float | None
    low: float | None = None
    high: float | None = None
    state: str = "passed"


_LEAST = 1e-9
"""A largest value up to which the axis is that of zero: a step of the smallest numbers cannot be computed."""


def _nice_step(largest: float, steps: int = 4) -> float:
    """The least of 1, 2, 2.5 and 5 times a power of ten of which ``steps`` reach the largest value."""
    if largest <= 0:
        return 1.0 / steps
    rough = largest / steps
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))


def _label(value: float, share: bool) -> str:
    if share:
        return f"{value * 100:.3g} %"
    return f"{value / 1000:.4g}k" if value >= 10_000 else f"{value:.4g}"


class _Frame:
    """The axes: times from left to right, values from zero upwards."""

    def __init__(self, first: dt.datetime, last: dt.datetime, largest: float, share: bool) -> None:
        self.first, self.last, self.share = first, max(last, first + dt.timedelta(hours=1)), share
        largest = largest if largest > _LEAST else 0.0
        self.step = _nice_step(largest)
        self.top = self.step * max(1, math.ceil(largest / self.step - 1e-9)) if largest > 0 else 1.0
        if share and self.top > 1:
            self.step, self.top = 0.25, 1.0

    def x(self, at: dt.datetime) -> float:
        part = (at - self.first) / (self.last - self.first)
        return round(_LEFT + part * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        part = min(max(value / self.top, 0.0), 1.0)
        return round(HEIGHT - _BOTTOM - part * (HEIGHT - _TOP - _BOTTOM), 1)

    def axes(self) -> str:
        parts = []
        for n in range(round(self.top / self.step) + 1):
            value, y = n * self.step, self.y(n * self.step)
            parts.append(f'<path class="grid" d="M{_LEFT} {y}H{WIDTH - _RIGHT}"/>'
                         f'<text class="tick" x="{_LEFT - 5}" y="{y + 3.5}" text-anchor="end">'
                         f"{escape(_label(value, self.share))}</text>")  # fmt: skip
        span = self.last - self.first
        form = "%d %b" if span < dt.timedelta(days=320) else "%b %Y"
        count = 4
        anchors = {0: "start", count: "end"}
        for n in range(count + 1):
            at = self.first + span * n / count
            parts.append(f'<text class="tick" x="{self.x(at)}" y="{HEIGHT - 8}" '
                         f'text-anchor="{anchors.get(n, "middle")}">{at:{form}}</text>')  # fmt: skip
        return "".join(parts)


def _svg(title: str, description: str, body: str, series: Sequence[str] = ()) -> Markup:
    legend = "".join(f'<li class="c{n}">{escape(name)}</li>' for n, name in enumerate(series))
    return Markup(
        f'<figure class="chart"><figcaption>{escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(title)}</title>'
        f"<desc>{escape(description)}</desc>{body}</svg>"
        + (f'<ul class="legend">{legend}</ul>' if legend else "")
        + "</figure>"
    )  # fmt: skip


def no_data(title: str, why: str) -> Markup:
    """What stands in place of a chart without values."""
    return Markup(f'<figure class="chart"><figcaption>{escape(title)}</figcaption><p class="empty">{escape(why)}</p>'
                  "</figure>")  # fmt: skip


def line(title: str, points: Sequence[Point], first: dt.datetime, last: dt.datetime, *, share: bool = False,
         unit: str = "") -> Markup:  # fmt: skip
    """One metric over time, with the band of its bounds.

    Args:
        title: of the chart.
        points: in the order of time.
        first: left end of the axis.
        last: right end of the axis.
        share: the values are shares, shown in percent.
        unit: of the values, for the titles of points.
    """
    known = [point for point in points if point.value is not None]
    if not known:
        return no_data(title, "no values in this time")
    bounds = [b for p in points for b in (p.low, p.high) if b is not None and math.isfinite(b)]
    largest = max(point.value or 0.0 for point in known)
    # a bound far above the values would flatten them
    largest = max([largest, *(b for b in bounds if b <= max(2 * largest, 0.2 if share else 1.0))])
    frame = _Frame(first, last, largest, share)
    body = frame.axes() + _bands(points, frame)
    body += f'<path class="line c0" d="{_path([(p.at, p.value) for p in points], frame)}"/>'
    for point in known:
        if len(known) <= _MARKED or point.state not in ("passed", "none"):
            value = _label(point.value or 0.0, share) + (f" {unit}" if unit and not share else "")
            outside = _expected(point, share)
            body += (f'<circle class="dot {escape(point.state)}" cx="{frame.x(point.at)}" '
                     f'cy="{frame.y(point.value or 0.0)}" r="2.6"><title>{point.at:%d %b %Y %H:%M}: {escape(value)}'
                     f"{escape(outside)}</title></circle>")  # fmt: skip
    latest = known[-1]
    described = f"{len(known)} values from {known[0].at:%d %b %Y} to {latest.at:%d %b %Y}, the last is " \
                f"{_label(latest.value or 0.0, share)}"  # fmt: skip
    return _svg(title, described, body)


def _expected(point: Point, share: bool) -> str:
    low, high = (None if b is None else _label(b, share) for b in (point.low, point.high))
    if low and high:
        return f", expected {low} to {high}"
    return f", expected at most {high}" if high else f", expected at least {low}" if low else ""


def _path(values: Sequence[tuple[dt.datetime, float | None]], frame: _Frame) -> str:
    """A line through the values, broken where there is none."""
    parts, pen = [], "M"
    for at, value in values:
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{frame.x(at)} {frame.y(value)}")
        pen = "L"
    return "".join(parts)


def _bands(points: Sequence[Point], frame: _Frame) -> str:
    """The area between the bounds, one for each stretch of points that have bounds."""
    stretches: list[list[Point]] = [[]]
    for point in points:
        if point.low is None and point.high is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    bands = ""
    for stretch in filter(None, stretches):
        above = [f"{frame.x(p.at)} {frame.y(frame.top if p.high is None else p.high)}" for p in stretch]
        below = [f"{frame.x(p.at)} {frame.y(p.low or 0.0)}" for p in reversed(stretch)]
        bands += f'<path class="band" d="M{"L".join([*above, *below])}Z"/>'
    return bands


def lines(title: str, series: Mapping[str, Sequence[tuple[dt.datetime, float | None]]], first: dt.datetime,
          last: dt.datetime, *, share: bool = False) -> Markup:  # fmt: skip
    """Several metrics over time, by name; at most :data:`SERIES` are drawn, the others are named as left out."""
    shown = dict(list(series.items())[:SERIES])
    values = [value for pairs in shown.values() for _, value in pairs if value is not None]
    if not values:
        return no_data(title, "no values in this time")
    frame = _Frame(first, last, max(values), share)
    body = frame.axes()
    for n, (name, pairs) in enumerate(shown.items()):
        body += f'<path class="line c{n}" d="{_path(pairs, frame)}"><title>{escape(name)}</title></path>'
        alone = [(at, value) for at, value in pairs if value is not None]
        if len(alone) <= 40:
            body += "".join(
                f'<circle class="dot c{n}" cx="{frame.x(at)}" cy="{frame.y(value)}" r="2.2"><title>{escape(name)}, '
                f"{at:%d %b %Y}: {escape(_label(value, share))}</title></circle>" for at, value in alone
            )  # fmt: skip
    left_out = [f"{len(series) - len(shown)} more are not drawn"] if len(series) > len(shown) else []
    return _svg(title, f"{len(shown)} series: {', '.join(shown)}", body, [*shown, *left_out])


def bars(title: str, series: Mapping[str, Mapping[dt.date, float]], first: dt.date, last: dt.date, *,
         share: bool = False) -> Markup:  # fmt: skip
    """Numbers by day, one above the other by name; the smallest of more than :data:`SERIES` names are summed up.

    ``share`` draws each day's parts of their sum.
    """
    ordered = sorted(series.items(), key=lambda item: -sum(item[1].values()))
    if len(ordered) > SERIES:
        rest: dict[dt.date, float] = {}
        for _, by_day in ordered[SERIES - 1 :]:
            for day, number in by_day.items():
                rest[day] = rest.get(day, 0) + number
        ordered = [*ordered[: SERIES - 1], ("others", rest)]
    ordered = [(name, by_day) for name, by_day in ordered if any(by_day.values())]
    if not ordered:
        return no_data(title, "none in this time")
    totals: dict[dt.date, float] = {}
    for _, by_day in ordered:
        for day, number in by_day.items():
            totals[day] = totals.get(day, 0) + number
    begin = dt.datetime.combine(first, dt.time(), dt.UTC)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)
    frame = _Frame(begin, end, 1.0 if share else max(totals.values()), share)
    days = (last - first).days + 1
    slot = (WIDTH - _LEFT - _RIGHT) / days
    wide = round(max(slot * 0.8, 0.6), 2)
    base: dict[dt.date, float] = {}
    body = frame.axes()
    for n, (name, by_day) in enumerate(ordered):
        path = ""
        for day, number in sorted(by_day.items()):
            if not number or not first <= day <= last:
                continue
            height = number / totals[day] if share else number
            low, high = base.get(day, 0.0), base.get(day, 0.0) + height
            base[day] = high
            left = round(_LEFT + (day - first).days * slot + (slot - wide) / 2, 1)
            path += f"M{left} {frame.y(low)}H{round(left + wide, 1)}V{frame.y(high)}H{left}Z"
        body += f'<path class="bar c{n}" d="{path}"><title>{escape(name)}</title></path>'
    sums = ", ".join(f"{name} {sum(by_day.values()):,.4g}" for name, by_day in ordered)
    return _svg(title, f"in all: {sums}", body, [name for name, _ in ordered])
