"""The documents of the project, and the blocks of code in them."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from klartext.sources import PROJECT

_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,})[ ]*(\S*)[^\n]*\n(.*?)^ {0,3}\1[ ]*$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?<=\n\n)(?: {4}\S[^\n]*\n(?:\s*\n(?= {4}))?)+")


def documents() -> list[Path]:
    """The Markdown files of the project's root and of ``docs``, without the change log: it names what is no more."""
    root = [path for path in PROJECT.glob("*.md") if path.name != "CHANGELOG.md"]
    return [*sorted(root), *sorted((PROJECT / "docs").glob("*.md"))]


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        document: its path below the project's root.
        line: the number of its first line, from 1.
        language: as the fence names it; empty if it names none, or if the block is indented.
        code: its lines, without the indentation of an indented block.
    """

    document: str
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(path: Path) -> list[Block]:
    """Every block of code of a document, fenced or indented, in their order."""
    text = path.read_text("utf-8")
    name = str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else path.name
    found, rest = [], text
    for match in _FENCED.finditer(text):
        found.append((match.start(), match[2], match[3]))
        hidden = re.sub(r"[^\n]", ".", match[0])
        rest = rest[: match.start()] + hidden + rest[match.end() :]
    for match in _INDENTED.finditer(rest):
        found.append((match.start(), "", re.sub(r"^ {4}", "", match[0], flags=re.MULTILINE)))
    return [Block(name, text.count("\n", 0, at) + 1, language, code) for at, language, code in sorted(found)]
