"""Checking that shared text matches the articles that it was computed from."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from klartext.lake import layout, linked_files, linked_state, tables
from klartext.lake.lake import Lake
from klartext.lake.linked_files import SourceMonth
from klartext.link.step import compute_month, compute_shingles
from klartext.track import Track

_LATER = "articles have changed since: the DAG heal or `klartext link` computes it again"
_DIFFERS = "differs from what articles give: run `klartext lake rebuild`"


def problems(lake: Lake, skipped: Collection[str], track: Track) -> Iterator[tuple[str, str]]:
    """The files of shingles, ``shared_text`` and ``keep`` that differ from what ``articles`` give, each with what is
    wrong; none if these tables were never written. Files in ``skipped`` are known to be damaged or of another schema.
    """
    if not linked_files.all_shingles(lake) and not lake.published_files("keep"):
        return
    outdated = set[str]()
    pending = set(linked_state.pending_shingles(lake))
    for key in track(sorted({*linked_files.all_shingles(lake), *pending}), "shingles"):
        if _differs(lake, key):
            outdated |= {key.month, linked_files.next_month(key.month)}
            yield layout.shingles_file(*key), _LATER if key in pending else _DIFFERS
    pending_months = set(linked_state.pending_months(lake))
    months = {key.month for key in linked_files.all_shingles(lake)} | pending_months
    for month in track(sorted(months - outdated), "shared text"):
        for name in _different_files(lake, month, skipped):
            yield name, _LATER if month in pending_months else _DIFFERS


def _differs(lake: Lake, key: SourceMonth) -> bool:
    stored = linked_files.read_shingles(lake, key)
    made = tables.sort_rows("shingles", compute_shingles(lake, key), key.source)
    return not (stored.equals(made) if stored is not None else made.num_rows == 0)


def _different_files(lake: Lake, month: str, skipped: Collection[str]) -> Iterator[str]:
    files = linked_state.inputs(lake, month)
    made = compute_month(lake, month, files) if files else {}
    for table in linked_files.TABLES:
        name = layout.linked_file(table, month)
        stored = lake.storage.read(name)
        if name in skipped:
            continue
        if table not in made:
            expected = None
        else:
            expected = tables.to_parquet(table, tables.sort_rows(table, made[table], "")).to_pybytes()
        if stored != expected:
            yield name
