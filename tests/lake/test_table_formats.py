"""What docs/table-formats.md says of Iceberg holds for a lake that changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klartext.lake import Lake
from klartext.maintenance.takedown import take_down
from klartext.sources import PROJECT
from support.command_line import run
from support.documents import blocks
from support.sample_lake import publish
from support.sample_rows import article, batch

(SNIPPET,) = [block.code for block in blocks(PROJECT / "docs" / "table-formats.md") if "pyiceberg" in block.code]


def registered(folder: str) -> Any:
    """The Iceberg table after the copy in a folder was registered."""
    assert "2024-05-17" in SNIPPET
    names: dict[str, Any] = {}
    exec(SNIPPET.replace("2024-05-17", folder), names)
    return names["table"]


def titles(found: Any) -> dict[str, str]:
    rows = found.to_arrow().to_pylist()
    assert len({row["article_id"] for row in rows}) == len(rows)
    return {row["article_id"]: row["title"] for row in rows}


def test_a_snapshot_keeps_what_was_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lake = Lake.open(str(tmp_path / "data"))
    publish(lake, batch("2024-05-01"), article(1, title="Erst so"), article(2))
    assert run("export", "--to", "snapshots/first").exit_code == 0
    first = registered("first")
    assert titles(first.scan())["dwn:1"] == "Erst so"
    publish(lake, batch("2024-05-02"), article(1, title="Dann anders"), article(3))
    take_down(lake, article(2).url, "a test")
    assert run("export", "--to", "snapshots/second").exit_code == 0
    second = registered("second")
    now = titles(second.scan())
    assert set(now) == {"dwn:1", "dwn:3"}
    then = titles(second.scan(snapshot_id=second.snapshots()[0].snapshot_id))
    assert then["dwn:1"] == "Erst so" and "dwn:2" in then, "the page says that copies keep what was taken down"
    second.delete("article_id = 'dwn:3'")
    assert set(titles(second.scan())) == {"dwn:1"}
    assert second.scan().to_arrow().schema.field("published_at").type.tz == "UTC"
