"""What has changed since a time: a copy that applies it is the lake."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from klartext.lake import Lake, table_files
from klartext.maintenance.changes import changes
from klartext.maintenance.takedown import take_down
from support.command_line import run
from support.sample_lake import publish
from support.sample_rows import article, batch

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Copy:
    """What somebody keeps who reads only changes: rows of versions by batch."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.since = LONG_AGO

    def update(self, lake: Lake) -> int:
        """Applies the changes since the last time, and returns their number."""
        found = list(changes(lake, self.since))
        for change in found:
            match change["change"]:
                case "batch":
                    self.rows[change["batch"]] = []
                case "version":
                    self.rows[change["batch"]].append(change)
                case "take-down":
                    ids = {change["article_id"], *change["names"]}
                    for batch_name, rows in self.rows.items():
                        self.rows[batch_name] = [row for row in rows if row["article_id"] not in ids]
        self.since = found[-1]["until"]
        return len(found) - 1

    def versions(self) -> set[str]:
        return {row["version_id"] + row["title"] for rows in self.rows.values() for row in rows}


def versions(lake: Lake) -> set[str]:
    return {
        row["version_id"] + row["title"]
        for file in table_files.list_table(lake, "versions")
        for row in table_files.read_file(lake, file, ["version_id", "title"]).to_pylist()
    }


def test_a_copy_stays_the_lake(lake: Lake) -> None:
    copy = Copy()
    publish(lake, batch(), article(1), article(2))
    assert copy.update(lake) == 3
    publish(lake, batch("2024-05-02"), article(3), article(1, title="Anders", version_id="v1b"))
    copy.update(lake)
    assert copy.versions() == versions(lake)
    publish(lake, batch(), article(2))  # the batch again: an article less
    take_down(lake, article(3).url, "request of the publisher")
    copy.update(lake)
    assert copy.versions() == versions(lake)
    assert len(copy.versions()) == 2


def test_only_what_is_later_is_read(lake: Lake) -> None:
    publish(lake, batch(), article(1))
    last = list(changes(lake, LONG_AGO))[-1]
    assert last["change"] == "until"
    assert dt.datetime.now(dt.UTC) - last["until"] < dt.timedelta(minutes=10)
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert list(changes(lake, tomorrow)) == [{"change": "until", "until": tomorrow}]
    assert [change["change"] for change in changes(lake, LONG_AGO, "zeit")] == ["until"]


def test_a_time_needs_its_zone(lake: Lake) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        list(changes(lake, dt.datetime(2024, 5, 1)))


def test_the_command(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    publish(lake, batch(), article(1))
    shown = run("changes", "--since", "2000-01-01T00:00:00Z", "--data", lake.storage.root)
    assert [json.loads(line)["change"] for line in shown.stdout.splitlines()] == ["batch", "version", "until"]
    wrong = run("changes", "--since", "gestern", "--data", lake.storage.root)
    assert "is no time" in str(wrong.exception)
