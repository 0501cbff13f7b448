"""From which files the shingles and the shared text of each month were computed, so that what is out of date is found.

The shingles of a source and month follow from its file of ``articles``; ``shared_text`` and ``keep`` of a month follow
from the shingles of that month and of the month before. A record that is lost only means that something is computed
once more.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping

from klartext import model
from klartext.lake import layout
from klartext.lake.lake import Lake
from klartext.lake.linked_files import TABLES, SourceMonth, all_shingles, by_month, month_before
from klartext.lake.storage import FileStat

# shingles


def view_digest(lake: Lake, key: SourceMonth) -> str:
    """Identifies the present file of ``articles`` of a source and month; empty if there is none."""
    return _digest({"": lake.month_stat(*key)})


def shingled_sources(lake: Lake, months: Iterable[str]) -> dict[SourceMonth, FileStat]:
    """The files of shingles of some months, of all sources; sorted."""
    wanted = set(months)
    return {key: stat for key, stat in sorted(all_shingles(lake).items()) if key.month in wanted}


def pending_shingles(lake: Lake, older_than: float = 0.0) -> list[SourceMonth]:
    """The months of which the shingles do not match the articles; sorted.

    Args:
        older_than: seconds. A month whose articles were written since then is left out, because the run that is to
            bring it up to date may be under way.
    """
    limit = time.time_ns() - int(older_than * 1e9)
    views = by_month(lake.published_stats("articles"))
    made = all_shingles(lake)
    recorded = {source: _read(lake, layout.shingles_state(source)) for source, _ in {*views, *made}}
    found = []
    for key in sorted({*views, *made}):
        view = views.get(key)
        known = recorded[key.source].get(key.month, "")
        if (known != _digest({"": view}) or (view is None) != (key not in made)) and not (
            older_than and view and view.modified_ns >= limit
        ):
            found.append(key)
    return found


def is_shingled(lake: Lake, key: SourceMonth, digest: str) -> bool:
    """True if the shingles of a month were computed from the file of ``articles`` with this digest."""
    return _read(lake, layout.shingles_state(key.source)).get(key.month) == digest


def record_shingles(lake: Lake, key: SourceMonth, digest: str) -> None:
    """Records from which file of ``articles`` the shingles of a month were computed."""
    _record(lake, layout.shingles_state(key.source), {key.month: digest})


# shared text


def inputs_digest(files: Mapping[SourceMonth, FileStat]) -> str:
    """Identifies the files of shingles that a month of ``shared_text`` is computed from; empty for none."""
    return _digest({"|".join(key): stat for key, stat in files.items()})


def inputs(lake: Lake, month: str) -> dict[SourceMonth, FileStat]:
    """The files of shingles that a month of ``shared_text`` is computed from; none if the month has no article."""
    return _inputs(shingled_sources(lake, [month, month_before(month)]), month)


def is_linked(lake: Lake, month: str) -> bool:
    """True if ``shared_text`` and ``keep`` of a month match the present shingles."""
    return month not in pending_months(lake, [month])


def pending_months(lake: Lake, months: Iterable[str] | None = None) -> list[str]:
    """The months, or those of some, of which ``shared_text`` or ``keep`` does not match the shingles; sorted."""
    files = all_shingles(lake)
    recorded = _read(lake, layout.LINKED_STATE)
    if months is None:
        made = [name for table in TABLES for name in lake.published_files(table)]
        months = {*(key.month for key in files), *recorded, *(layout.partitions(name)["month"] for name in made)}
    found = []
    for month in sorted(set(months)):
        near = {key: stat for key, stat in files.items() if key.month in (month, month_before(month))}
        expected = inputs_digest(_inputs(near, month))
        there = [lake.storage.exists(layout.linked_file(table, month)) for table in TABLES]
        if recorded.get(month, "") != expected or there != [bool(expected)] * len(TABLES):
            found.append(month)
    return found


def record_month(lake: Lake, month: str, digest: str) -> None:
    """Records from which files of shingles a month was computed."""
    _record(lake, layout.LINKED_STATE, {month: digest})


def forget(lake: Lake) -> None:
    """Removes all records, so that everything is computed again."""
    for name in lake.storage.files("index", "/shingles.json"):
        lake.storage.remove(name)
    lake.storage.remove(layout.LINKED_STATE)


def _inputs(files: Mapping[SourceMonth, FileStat], month: str) -> dict[SourceMonth, FileStat]:
    return dict(sorted(files.items())) if any(key.month == month for key in files) else {}


def _digest(files: Mapping[str, FileStat | None]) -> str:
    """A digest of files, which also changes with the rules and the schema; empty without a file."""
    there = sorted((name, *stat) for name, stat in files.items() if stat)
    versions = (model.SHARED_TEXT_RULES, model.MAJOR_VERSION, model.SCHEMA_VERSION)
    return hashlib.sha256(repr((versions, there)).encode()).hexdigest()[:32] if there else ""


def _record(lake: Lake, name: str, months: Mapping[str, str]) -> None:
    """Records months. Another process may record other months at once."""
    while True:
        with lake.storage.lock(name):
            before = lake.storage.stat(name)
            known = _read(lake, name)
            merged = {month: digest for month, digest in sorted((known | dict(months)).items()) if digest}
            if merged == known or lake.storage.replace_if_unchanged(name, before, json.dumps(merged).encode()):
                return


def _read(lake: Lake, name: str) -> dict[str, str]:
    """The recorded months; none if there is no record or it cannot be read."""
    try:
        return {str(month): str(digest) for month, digest in json.loads(lake.storage.read(name) or b"{}").items()}
    except (ValueError, AttributeError):
        return {}
