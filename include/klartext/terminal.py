"""Where commands print to: results to standard output, remarks to standard error.

Rows, addresses and reasons come from publishers' pages. On a :class:`Terminal` they are never taken for markup, and
control characters in them never reach the terminal.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]"
)
"""Control characters but tab and line feed, separators of lines and paragraphs, and what changes the direction of text
or hides it."""


def printable(text: str) -> str:
    """The text with each control character, and each that changes the direction of writing, replaced by ``\\ufffd``.

    Tabs and line feeds stay.
    """
    return _UNSAFE.sub("\ufffd", text)


def json_line(row: Any, default: Any = None) -> str:
    """A value as JSON on one line, in which unsafe characters are written as escapes."""
    text = json.dumps(row, ensure_ascii=False, default=default)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def styled(text: str, style: str = "", **options: Any) -> Text:
    """A printable text with a style, for tables and paragraphs."""
    return Text(printable(text), style=style, **options)


class Terminal(Console):
    """A console for text from outside: no markup, no emoji codes, no highlighting, nothing but printable characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "emoji": False, "highlight": False, **options})

    def print_line(self, text: str) -> None:
        """Prints a text as one line, whole: not wrapped, not cut, its tabs as they are."""
        self.file.write(printable(text) + "\n")

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as it is printed, alone or in a table; made printable before its width is measured."""
        return super().render_str(printable(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of anything that rich can print, each made printable; rich's own control codes stay."""
        for segment in super().render(renderable, options):
            if segment.control or not _UNSAFE.search(segment.text):
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)


class TerminalHandler(logging.Handler):
    """Writes records of the log to a terminal, one a line."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        """Prints the record's message, and its traceback if it has one."""
        try:
            self._terminal.print(self.format(record))
        except Exception:  # noqa: BLE001  (as every handler of the standard library does)
            self.handleError(record)


out = Terminal()
err = Terminal(stderr=True, soft_wrap=True)
