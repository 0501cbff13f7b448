"""The page of take-downs: what was removed, when, by whom and why."""

from __future__ import annotations

from typing import Any

from klartext.console import commands
from klartext.console.lake_cache import LakeCache
from klartext.console.view import View

_LISTED = 500


def content(cache: LakeCache, view: View) -> dict[str, Any]:
    """What the page shows: take-downs of articles of the sources that the user may see, latest first."""
    rows = cache.takedowns(view.may_read)
    rows.sort(key=lambda row: (row["taken_down_at"], row["article_id"]), reverse=True)
    return {
        "rows": rows[:_LISTED],
        "count": len(rows),
        "actions": [
            ("Take an article down, by any of its addresses", commands.takedown("ADDRESS")),
            ("Readmit an article that was taken down by mistake", commands.undo_takedown()),
        ],
    }
