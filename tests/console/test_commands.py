"""Commands to copy: whatever an address contains, the shell sees one word and the terminal no control character."""

from __future__ import annotations

import datetime as dt
import shlex
import subprocess
import unicodedata
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from klartext.console import commands

DAY = dt.date(2024, 5, 14)


def test_the_commands_are_those_of_the_command_line() -> None:
    start = dt.datetime(2024, 5, 14, 2, tzinfo=dt.UTC)
    assert commands.replay("dwn", DAY) == "klartext replay dwn --from 2024-05-14"
    assert commands.fetch_again("dwn", DAY) == "klartext fetch-again dwn --from 2024-05-14 --to 2024-05-15"
    assert commands.backfill("dwn", start, start) == (
        "airflow backfill create --dag-id ingest_dwn --from-date 2024-05-14T02:00:00+00:00 "
        "--to-date 2024-05-14T02:00:00+00:00 --reprocess-behavior failed"
    )


@given(st.text(max_size=60))
def test_an_address_is_one_word_of_printable_characters(address: str) -> None:
    command = commands.explain(address)
    assert not [char for char in command if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")]
    words = shlex.split(command)
    assert words[:2] == ["klartext", "explain"] and len(words) == 3
    assert unquote(words[2], errors="surrogatepass") == unquote(address.encode("utf-8", "replace").decode(),
                                                               errors="surrogatepass")  # fmt: skip


def test_a_shell_runs_nothing_of_an_address() -> None:
    hostile = "https://a.example/';touch /nowhere/x;'$(touch /nowhere/y)`z`\x03\nrm -rf /nowhere\u202e\x1b[201~"
    command = commands.takedown(hostile).replace("klartext", "printf '%s\\n'", 1)
    shown = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert shown.stderr == ""
    assert shown.stdout.splitlines() == ["takedown", commands.printable(hostile), "--why", "…"]
