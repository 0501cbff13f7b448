"""A copy of a table, or of the rows of it that meet a condition, in another folder or object store.

The copy has a file for each file of the table, in the same folders, so that it is read like the lake. Beside them a
manifest records of which state of which file each was made. Exporting again reads only files that have changed
since, and removes what the lake no longer has, so an interrupted export goes on where it stopped.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from klartext import model
from klartext.lake import empty_files, layout, row_files, table_files, tables
from klartext.lake.lake import Lake
from klartext.lake.storage import Storage
from klartext.lake.table_files import TableFile
from klartext.track import Track, untracked

MANIFEST = "klartext-export.json"
FORMATS = ("parquet", "jsonl")
_SAVE_EVERY = 50
"""Files after which the manifest is written; what is written of others until then is written again after a crash."""


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """What is exported: a table, a SQL condition on its columns, ``source``, ``month`` and ``date``, and the format."""

    table: str
    where: str | None
    form: str

    def __post_init__(self) -> None:
        if self.table not in model.PUBLISHED:
            raise ValueError(f"no table {self.table!r}; tables are {', '.join(model.PUBLISHED)}")
        if self.form not in FORMATS:
            raise ValueError(f"no format {self.form!r}; formats are {', '.join(FORMATS)}")
        if self.where is not None:
            _matching(
                tables.as_table(table_files.stored_as(self.table), []),
                self.where,
                {"source": "", "month": "", "date": ""},
            )

    def as_json(self) -> dict[str, Any]:
        return {"table": self.table, "where": self.where, "format": self.form, "schema_version": model.SCHEMA_VERSION}


@dataclasses.dataclass(slots=True)
class Exported:
    """What an export did: files written, left as they were, removed; and the rows that the copy has now."""

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    rows: int = 0


def export_table(lake: Lake, target: Storage, selection: Selection, track: Track = untracked) -> Exported:
    """Brings a copy up to date. What was taken down is in no copy that is brought up to date afterwards.

    Raises ValueError if the target holds another selection, or something that is no export.
    """
    known = _manifest(target, selection)
    done = Exported()
    if selection.form == "parquet":
        _put_empty_file(target, selection.table)
    files = table_files.list_table(lake, selection.table)
    kept: dict[str, dict[str, Any]] = {}
    try:
        for number, file in enumerate(track(files, "files"), start=1):
            name = _name(file, selection)
            entry = {"stat": list(file.stat), "rows": 0}
            before = known.get(name)
            if before is not None and before["stat"] == entry["stat"] and (not before["rows"] or target.exists(name)):
                kept[name] = before
                done.unchanged += 1
            else:
                entry["rows"] = _write(lake, target, name, file, selection)
                kept[name] = entry
                done.written += 1
            if number % _SAVE_EVERY == 0:
                _save(target, selection, known | kept)
        for name in known.keys() - kept.keys():
            target.remove(name)
            done.removed += 1
        known = {}
    finally:
        _save(target, selection, known | kept)
        target.remove(f"{layout.WRITING}/none")  # on a disk removes the folder of unfinished files, as it is empty
    done.rows = sum(entry["rows"] for entry in kept.values())
    return done


def _put_empty_file(target: Storage, table: str) -> None:
    """Writes the table's file without rows, so that a copy without rows is read like any other."""
    name, data = layout.empty_file(table).partition("/")[2], empty_files.content(table)
    if target.read(name) != data:
        target.put(name, data)


def _write(lake: Lake, target: Storage, name: str, file: TableFile, selection: Selection) -> int:
    """Writes the rows of a file that meet the condition, and returns their number; no file for none."""
    rows = table_files.read_file(lake, file)
    if selection.where is not None:
        place = {"source": file.source, "month": file.partition[:7], "date": file.partition}
        rows = rows.take(_matching(rows, selection.where, place))
    if not rows.num_rows:
        target.remove(name)
        return 0
    if selection.form == "jsonl":
        target.put(name, "".join(row_files.line(row) + "\n" for row in _placed(rows, file)).encode())
    else:
        target.put(name, tables.to_parquet(table_files.stored_as(file.table), rows))
    return int(rows.num_rows)


def _placed(rows: pa.Table, file: TableFile) -> Iterator[dict[str, Any]]:
    """Rows with what is in the path of a file, for a format whose readers do not look there."""
    place = {"source": file.source} if file.source else {}
    place["month" if len(file.partition) == 7 else "date"] = file.partition
    for part in rows.to_batches(1_000):
        for row in part.to_pylist():
            yield place | row


def _matching(rows: pa.Table, where: str, place: dict[str, str]) -> pa.Array:
    """The numbers of the rows that meet a condition. Raises ValueError for one that is no condition on the table."""
    table = rows
    for name, value in place.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.repeat(pa.scalar(value), rows.num_rows))
    table = table.append_column("_row", pa.array(range(rows.num_rows), pa.int64()))
    connection = duckdb.connect(config={"enable_external_access": "false", "lock_configuration": "true"})
    try:
        connection.register("rows", table)
        found = connection.sql(f"SELECT _row FROM rows WHERE ({where}\n) ORDER BY _row").to_arrow_table()
    except duckdb.Error as error:
        raise ValueError(
            f"--where {where!r}: {str(error).splitlines()[0]}; give a condition as in SQL, for example "
            "\"language = 'de' AND word_count >= 100\""
        ) from error
    finally:
        connection.close()
    return found["_row"].combine_chunks()


def _name(file: TableFile, selection: Selection) -> str:
    """The file of the copy: the table's name and the path within it."""
    inside = file.name.partition(f"/{file.table}/")[2].removesuffix(".parquet")
    return f"{file.table}/{inside}.{selection.form}"


def _manifest(target: Storage, selection: Selection) -> dict[str, dict[str, Any]]:
    data = target.read(MANIFEST)
    if data is None:
        if target.files("", ""):
            raise ValueError(f"{target.root} has files and is no export: give an empty folder, or one of an export")
        return {}
    try:
        found = json.loads(data)
        of, files = found["of"], dict(found["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{target.root}/{MANIFEST} is damaged: remove the folder and export again") from error
    if of != selection.as_json():
        raise ValueError(
            f"{target.root} is an export of another selection, {json.dumps(of)}: give the same one, or another folder"
        )
    return files


def _save(target: Storage, selection: Selection, files: dict[str, dict[str, Any]]) -> None:
    target.put(MANIFEST, json.dumps({"of": selection.as_json(), "files": dict(sorted(files.items()))}).encode())
