"""The exact commands for what a person can do about a page, a batch or a source, quoted for a shell.

Addresses and reasons are from publishers' pages. A command is made to be copied into a terminal, so no character of it
may act there: control characters would end a quoted word, and others change the order in which it is shown.
"""

from __future__ import annotations

import datetime as dt
import shlex
import unicodedata
from urllib.parse import quote


def replay(source: str, first: dt.date, after: dt.date | None = None) -> str:
    """Extracts the captures of some days again; ``after`` is the day after the last one."""
    return _command("klartext", "replay", source, *_days(first, after))


def fetch_again(source: str, first: dt.date, after: dt.date | None = None) -> str:
    """Asks again for pages whose captures are not the page."""
    return _command("klartext", "fetch-again", source, *_days(first, after or first + dt.timedelta(days=1)))


def backfill(source: str, first: dt.datetime, last: dt.datetime) -> str:
    """Runs the intervals that begin between two times."""
    begin, end = (f"{moment:%Y-%m-%dT%H:%M:%S}+00:00" for moment in (first, last))
    return _command("airflow", "backfill", "create", "--dag-id", f"ingest_{source}", "--from-date", begin,
                    "--to-date", end, "--reprocess-behavior", "failed")  # fmt: skip


def report() -> str:
    """Draws what the lake holds."""
    return _command("klartext", "report", "--to", "report")


def takedown(address: str) -> str:
    """Removes an article from every table; the reason is to be filled in."""
    return _command("klartext", "takedown", address, "--why", "…")


def undo_takedown() -> str:
    """Readmits an article; its address, which is not stored, is to be filled in."""
    return _command("klartext", "takedown", "ADDRESS", "--undo")


def explain(address: str) -> str:
    """Shows a page as read, in a terminal."""
    return _command("klartext", "explain", address)


def rejects(source: str, day: dt.date) -> str:
    """Lists the rejects of a day."""
    return _command("klartext", "rejects", "--source", source, "--date", day.isoformat())


def _days(first: dt.date, after: dt.date | None) -> list[str]:
    return ["--from", first.isoformat(), *(["--to", after.isoformat()] if after else [])]


def _command(*words: str) -> str:
    return shlex.join(printable(word) for word in words)


def printable(text: str) -> str:
    """A text without characters that a terminal acts on or that cannot be seen: they are percent-encoded, which is the
    same address."""
    return "".join(
        quote(char, safe="", errors="replace") if unicodedata.category(char) in _UNSEEN else char for char in text
    )


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
