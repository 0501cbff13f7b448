"""Charts as SVG, the same bytes for the same numbers, readable on a light and on a dark background; and as PNG."""

from __future__ import annotations

import re

import altair as alt
import vl_convert

from klartext.report import pictures

_DARK = {pictures.INK: "#e6edf3", pictures.MUTED: "#9198a1", pictures.GRID: "#3d444d", pictures.PAPER: "#0d1117",
         pictures.BLUE: "#4aa3df"}  # fmt: skip


def svg(chart: alt.TopLevelMixin) -> str:
    """The chart as SVG, of text and shapes without scripts; its colours follow the reader's setting of light or dark.

    The text keeps its letters, and a reader's browser draws them in a font of its own.
    """
    drawn = shapes(chart)
    rules = "".join(f'[{what}="{light}"]{{{what}:{dark}}}' for light, dark in _DARK.items()
                    for what in ("fill", "stroke"))  # fmt: skip
    head, rest = re.fullmatch(r"(<svg[^>]*>)(.*)", drawn, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{head}<style>@media (prefers-color-scheme:dark){{{rules}}}</style>{rest}\n"


def shapes(chart: alt.TopLevelMixin) -> str:
    """The chart as SVG in the colours of a light background, for a page whose own stylesheet replaces them."""
    found: str = vl_convert.vegalite_to_svg(pictures.specification(chart))
    return found


def png(chart: alt.TopLevelMixin) -> bytes:
    """The chart as PNG on a light background, twice as large as the SVG."""
    found: bytes = vl_convert.vegalite_to_png(pictures.specification(chart), scale=2)
    return found
