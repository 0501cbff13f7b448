"""Text from outside is printed as it is, without markup and control characters."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from klartext.terminal import Terminal, TerminalHandler, printable

ANY_TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\x1b\x9b\x07\r\x00\u202e\u2066\u2028[]/:\\"))
OWN_CODES = re.compile(r"\x1b\[[0-9;]*m")
"""What rich writes for styles."""


def printed(*renderables: Any, color: bool = False, **options: Any) -> str:
    stream = io.StringIO()
    system = "truecolor" if color else None
    terminal = Terminal(file=stream, width=60, force_terminal=color, color_system=system)
    terminal.print(*renderables, **options)
    return stream.getvalue()


def forms(text: str) -> list[Any]:
    """The text in all forms in which commands print."""
    table = Table("a", text)
    table.add_row(text, Text(text, style="red"))
    grid = Table.grid()
    grid.add_row(text)
    return [text, Text(text, style="bold"), table, grid, Padding(Text(text), (1, 0)), Rule(text)]


@given(ANY_TEXT)
def test_no_text_reaches_the_terminal_as_markup_or_control_characters(text: str) -> None:
    for form in forms(text):
        shown = OWN_CODES.sub("", printed(form, color=True))
        assert printable(shown) == shown


@given(ANY_TEXT)
def test_printable_is_idempotent_and_keeps_the_length(text: str) -> None:
    assert printable(printable(text)) == printable(text)
    assert len(printable(text)) == len(text)
    assert printable("".join(char for char in text if char.isalnum())) == "".join(c for c in text if c.isalnum())


@pytest.mark.parametrize(
    "text", ["[/3 May]", "[red]x[/red]", "[link=https://a.b]c[/link]", ":warning:", "[/]", "\\[x]"]
)
def test_markup_is_printed_as_it_is(text: str) -> None:
    assert len(forms(text)) == 6
    for form in forms(text):
        assert text in printed(form)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", "a\ufffd[2Jb"), ("a\x9b31mb", "a\ufffd31mb"), ("a\x1b]0;title\x07b", "a\ufffd]0;title\ufffdb"),
        ("exe.\u202egpj", "exe.\ufffdgpj"), ("a\u2067b\u2069", "a\ufffdb\ufffd"), ("a\rb", "a\ufffdb"),
        ("Ä\tß\n€ 日本 🦊", None),
    ],
)  # fmt: skip
def test_what_is_replaced(text: str, shown: str | None) -> None:
    assert printable(text) == (shown or text)


def test_styles_and_rich_s_own_codes_stay() -> None:
    assert "\x1b[31mred\x1b[0m" in printed(Text("red", style="red"), color=True)


def test_records_of_the_log_are_printed_like_everything_else() -> None:
    stream = io.StringIO()
    logger = logging.Logger("of-this-test")
    logger.addHandler(TerminalHandler(Terminal(file=stream, soft_wrap=True)))
    logger.warning("%s at %s", "articles-folded", "https://a.example/[/b]\x1b[2J")
    assert stream.getvalue() == "articles-folded at https://a.example/[/b]\ufffd[2J\n"
