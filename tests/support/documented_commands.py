"""The commands of a document, in their order."""

from __future__ import annotations

import re
import shlex

PROGRAMS = (
    "klartext", "airflow", "make", "python", "export", "docker", "kubectl", "helm", "pre-commit",
)  # fmt: skip
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}(?=\S)(.*)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")
_ENVIRONMENT = re.compile(r"^(?:[A-Z_]+=(?:'[^']*'|\S*) +)+")


def commands(text: str) -> list[str]:
    """Every command: lines of code blocks without a language, indented lines, and spans of code that begin with one of
    :data:`PROGRAMS` and have an argument. Continued lines are joined, remarks and ``.venv/bin/`` left out."""
    found: list[tuple[int, str]] = []
    rest = text
    for block in _FENCE.finditer(text):
        rest = rest[: block.start()] + " " * len(block[0]) + rest[block.end() :]
        if block[1] in ("", "sh", "bash", "console"):
            lines = re.sub(r"\\\n\s*", " ", block[2]).splitlines()
            found += [(block.start() + n, line) for n, line in enumerate(lines)]
    for pattern in (_INDENTED, _SPAN):
        found += [(match.start(), match[1]) for match in pattern.finditer(rest)]
    cleaned = ((at, _clean(line)) for at, line in found)
    return [line for _, line in sorted(cleaned) if is_command(line)]


def _clean(line: str) -> str:
    line = re.sub(r"\s+", " ", re.sub(r"\s{2,}# .*", "", line)).strip()
    return _ENVIRONMENT.sub("", line).replace(".venv/bin/", "")


def is_command(line: str) -> bool:
    """True for a program with an argument; names of connections and packages have none."""
    program, _, rest = line.partition(" ")
    return program in PROGRAMS and bool(rest)


def words(line: str) -> list[str]:
    """The words of a command, as a shell splits them. Raises ValueError for quotation marks that are not closed."""
    return shlex.split(line)
