"""Checking that the files of a lake are complete and consistent, and rebuilding the current views."""

from __future__ import annotations

import collections
import dataclasses
import functools
from collections.abc import Iterator
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from klartext import dataset_card, model
from klartext.curate import curate
from klartext.lake import curated_state, current_view, empty_files, layout, linked_state, tables, takedown_filter
from klartext.lake.lake import Lake, LakeError
from klartext.link import link_pending
from klartext.maintenance import check_shared_text
from klartext.model import ARTICLES_FOLDED, OUTCOMES
from klartext.track import Track, untracked
from klartext.warc import reader, redact
from klartext.warc.repair import end_of_whole_members

_FORMER = "is of schema"
_FETCH_AGAIN = "remove it and clear `fetch` of its batch"
_REPLACE = "replay its batch or run `klartext lake rebuild`"


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file; ``what`` is the rest of a sentence that begins with the file."""

    file: str
    what: str


def check(lake: Lake, *, captures: bool = True, track: Track = untracked) -> Iterator[Problem]:
    """All problems of a lake; none if everything is consistent.

    Checked is, in this order: every file can be read, has the bytes that its rows are written as and has its table's
    schema; every table has its file without rows; no article is in ``articles`` twice; every batch with versions has an
    account, and every account adds up; every month of ``articles`` is byte for byte what ``versions`` give, and every
    month of ``shared_text`` and ``keep`` what ``articles`` give, if these tables were ever written; every WARC file is
    whole, and the capture of every version exists with its digest (``captures``: this reads all WARC files, and may be
    left out); no half-written file and no accepted but unpublished rows are left; no row of a taken-down article is
    left. While batches are published or curated, unfinished work may be reported as a problem. ``track`` shows the
    progress of each part.
    """
    torn: set[str] = set()
    former: set[str] = set()
    for problem in _files(lake, track):
        (former if problem.what.startswith(_FORMER) else torn).add(problem.file)
        yield problem
    yield from _missing_tables(lake)
    yield from _to_the_end(_duplicates(lake, torn))
    yield from _to_the_end(_accounts(lake, torn))
    yield from _to_the_end(_views(lake, torn, former, track))
    yield from _to_the_end(_shared_text(lake, torn, former, track))
    if captures:
        yield from _to_the_end(_captures(lake, torn, track))
    yield from _to_the_end(_staged(lake))
    yield from _to_the_end(_taken_down(lake, torn, captures))


def _to_the_end(problems: Iterator[Problem]) -> Iterator[Problem]:
    """The problems that a part of the check finds; a file that it cannot read ends that part, and is a problem."""
    try:
        yield from problems
    except tables.DamagedFile as error:
        yield Problem(error.file, error.what)


def rebuild(lake: Lake, source: str | None = None, *, track: Track = untracked) -> Iterator[tuple[str, str, int]]:
    """Rebuilds all months of ``articles`` of one source, or of all sources, from ``versions``, and then the shared text
    of all months that these touch; yields source, month and number of rows of each month of ``articles``. Files of an
    earlier schema are rewritten too. Raises LakeError if shared text cannot be computed."""
    empty_files.create(lake.storage, repair=True)
    for slug in _sources(lake) if source is None else [source]:
        lake.storage.remove(layout.version_index(slug))
        lake.storage.remove(layout.schema_marker(slug))
        for month in track(current_view.months_of_source(lake, slug), f"rebuilding {slug}"):
            yield slug, month, curate(lake, slug, month)
        for name in lake.storage.files(layout.shingles_folder(slug), ".parquet"):
            lake.storage.remove(name)
    linked_state.forget(lake)
    dataset_card.write(lake)
    if failed := link_pending(lake).failed:
        raise LakeError(f"shared text of {', '.join(failed)} could not be computed: {next(iter(failed.values()))}")


def _sources(lake: Lake) -> list[str]:
    names = [name for table in ("versions", "articles") for name in lake.published_files(table)]
    return sorted({layout.partitions(name)["source"] for name in names if "source=" in name})


def _files(lake: Lake, track: Track) -> Iterator[Problem]:
    for name in track(lake.storage.files(layout.tables_folder(), ""), "checking files"):
        table = name.split("/")[1]
        if table not in model.PUBLISHED or not name.endswith(".parquet"):
            yield Problem(name, "is no Parquet file of a table and breaks readers of that folder; move it away")
            continue
        data = lake.storage.read(name)
        if data is None:
            continue  # removed meanwhile
        try:
            file = tables.open_parquet(pa.BufferReader(data))
            version = tables.schema_version(file.metadata.metadata)
            rows = file.read()
            rows.validate(full=True)
            as_written = _is_as_written(table, version, rows, file.metadata.created_by, data)
            as_written = as_written and not (layout.is_empty_file(name) and rows.num_rows)
        except Exception as error:  # noqa: BLE001 - readers raise anything for bytes that no writer has written
            what = (str(error).splitlines() or [""])[0] or type(error).__name__
            yield Problem(name, f"is damaged, {_REPLACE}: {what}")
            continue
        if version != str(model.SCHEMA_VERSION) or not file.schema_arrow.equals(model.schema(model.PUBLISHED[table])):
            yield Problem(name, f"{_FORMER} {version}, now {model.SCHEMA_VERSION}: `klartext lake rebuild` rewrites it")
        elif not as_written:
            yield Problem(name, f"is damaged, {_REPLACE}: its bytes are not those that its rows are written as")


def _missing_tables(lake: Lake) -> Iterator[Problem]:
    for name in empty_files.missing(lake.storage) if lake.storage.files(layout.tables_folder(), ".parquet") else []:
        table = name.split("/")[1]
        yield Problem(name, f"is missing; without it readers fail while {table} is empty: run `klartext lake rebuild`")


def _is_as_written(table: str, version: str, rows: pa.Table, writer: str | None, data: bytes) -> bool:
    """False if a file has other bytes than its rows have in a file: what it states beside them may be wrong. True where
    that cannot be compared: for files of another schema, or of another version of the writer."""
    name = "current" if table == "articles" else table
    if version != str(model.SCHEMA_VERSION) or writer != _writer():
        return True
    schema = model.schema(model.TABLES[name])
    if rows.schema.names != schema.names:
        return True
    return _gives(name, rows, data)


def _gives(name: str, rows: pa.Table, data: bytes) -> bool:
    """True if these are the bytes of a file with these rows, as written now or before pages had checksums."""
    return any(tables.to_parquet(name, rows, checksums=checksums).to_pybytes() == data for checksums in (True, False))


@functools.cache
def _writer() -> str | None:
    """What the present version of pyarrow states as the writer of a file."""
    empty = tables.to_parquet("batches", tables.as_table("batches", []))
    return cast(str | None, pq.ParquetFile(pa.BufferReader(empty)).metadata.created_by)


def _read(lake: Lake, table: str, name: str, columns: list[str]) -> pa.Table:
    with lake.storage.open_input(name) as stream, tables.reading(name):
        return tables.read_columns(table, stream, columns)


def _duplicates(lake: Lake, torn: set[str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name in lake.published_files("articles"):
        if name not in torn:
            for article in _read(lake, "current", name, ["article_id"])["article_id"].to_pylist():
                if article in first:
                    yield Problem(name, f"has {article}, which {first[article]} has too: run `klartext lake rebuild`")
                first.setdefault(article, name)


def _accounts(lake: Lake, torn: set[str]) -> Iterator[Problem]:
    columns = ["batch", "discovered", "skipped", "warnings", *OUTCOMES]
    accounted = set()
    for name in lake.published_files("batches"):
        accounted.add(name.rpartition("/")[2])
        for row in _read(lake, "batches", name, columns).to_pylist() if name not in torn else []:
            found = sum(row[outcome] for outcome in OUTCOMES)
            if f"{row['batch']}.parquet" != name.rpartition("/")[2]:
                yield Problem(name, f"holds the account of another batch, {row['batch']}")
            elif row["discovered"] != found:
                yield Problem(
                    name,
                    f"does not add up: {row['discovered']} pages discovered, {found} have an outcome; replay the batch",
                )
            elif what := _skipped_problem(row):
                yield Problem(name, f"{what}; replay the batch")
    for name in lake.published_files("versions"):
        if name.rpartition("/")[2] not in accounted:
            yield Problem(name, "has no account in batches: replay the batch")


def _skipped_problem(account: dict[str, Any]) -> str | None:
    """What is wrong with the counts of skipped entries in an account."""
    entries = [(entry["origin"], entry["reason"]) for entry in account["skipped"]]
    if any(entry["count"] < 1 for entry in account["skipped"]):
        return "has an entry in skipped without a count"
    if len(set(entries)) < len(entries):
        return "counts the same entry in skipped twice"
    folded = any(reason == ARTICLES_FOLDED for _, reason in entries)
    if folded != (ARTICLES_FOLDED in account["warnings"]):
        return f"has the warning {ARTICLES_FOLDED} without addresses, or addresses without the warning"
    return None


def _views(lake: Lake, torn: set[str], former: set[str], track: Track) -> Iterator[Problem]:
    for source in _sources(lake):
        if any(name.startswith(layout.table_folder("versions", source) + "/") for name in torn):
            continue  # the view cannot be computed from damaged files
        pending = curated_state.pending_months(lake, source)
        for month in track(current_view.months_of_source(lake, source), f"comparing months of {source}"):
            advice = "something was published since and not curated: the DAG heal or `klartext lake rebuild` does that"
            advice = advice if month in pending else "run `klartext lake rebuild`"
            name = layout.month_file(source, month)
            rows = current_view.current_rows(lake, source, month)
            there = lake.storage.read(name)
            if there is None and rows.num_rows:
                yield Problem(name, f"is missing, with {rows.num_rows} articles: {advice}")
            elif there is not None and not rows.num_rows:
                yield Problem(name, f"is left over, that month has no article: {advice}")
            elif there is not None and name not in torn | former:
                made = tables.sort_rows("current", rows, source)
                if not any(
                    tables.to_parquet("current", made, checksums=c).to_pybytes() == there for c in (True, False)
                ):
                    yield Problem(name, f"differs from what versions give for that month: {advice}")


def _shared_text(lake: Lake, torn: set[str], former: set[str], track: Track) -> Iterator[Problem]:
    for file, what in check_shared_text.problems(lake, torn | former, track):
        yield Problem(file, what)


def _captures(lake: Lake, torn: set[str], track: Track) -> Iterator[Problem]:
    wanted: dict[str, dict[int, tuple[str, str]]] = collections.defaultdict(dict)
    for name in lake.published_files("versions"):
        for row in _read(lake, "versions", name, ["capture"]).to_pylist() if name not in torn else []:
            capture: dict[str, Any] = row["capture"]
            wanted[capture["file"]][capture["offset"]] = (capture["digest"], name)
    for raw in track(sorted({*lake.storage.files("raw", ".warc.gz"), *wanted}), "reading captures"):
        found: dict[int, str] = {}
        offsets = wanted.get(raw, {})
        try:
            with lake.open_raw(raw) as stream:
                end, _ = end_of_whole_members(stream)
                if end != lake.raw_size(raw):
                    yield Problem(
                        raw, f"is damaged at or after byte {end}; replace it from a backup, or {_FETCH_AGAIN}"
                    )
                stream.seek(0)
                found = {record.capture.offset: record.capture.digest for record in reader.read(stream, raw)}
        except FileNotFoundError:
            yield Problem(raw, f"is missing; {len(offsets)} versions were extracted from it")
            continue
        except Exception as error:  # noqa: BLE001 - as above
            yield Problem(raw, f"cannot be read: {error}")
            continue
        for offset, (digest, name) in sorted(offsets.items()):
            if offset not in found:
                yield Problem(raw, f"has no capture at byte {offset}, from which rows of {name} were extracted")
            elif found[offset] != digest:
                yield Problem(
                    raw, f"has another capture at byte {offset} than the one from which rows of {name} were extracted"
                )


def _taken_down(lake: Lake, torn: set[str], captures: bool) -> Iterator[Problem]:
    again = "run `klartext takedown` with the same address"
    records = takedown_filter.read_records(lake.storage)
    for name, record in records.items():
        if record.done_at is None:
            yield Problem(name, f"the take-down of {record.article_id} was interrupted: {again} to complete it")
    known = takedown_filter.TakedownFilter.of_records(records.values())
    for name in lake.storage.files(layout.tables_folder(), ".parquet") if records else []:
        table = name.split("/")[1]
        covered = {*takedown_filter.ADDRESS_COLUMNS, *takedown_filter.ID_COLUMNS, "batches"}
        if table in covered and name not in torn:
            rows = tables.from_parquet(table if table != "articles" else "current", lake.storage.read(name) or b"")
            if not known.filter_rows(table, rows).equals(rows):
                yield Problem(name, f"has rows of an article that was taken down: {again} to remove them")
    for raw in sorted({file for file, _ in known.erased}) if captures else []:
        if lake.storage.exists(raw):
            with lake.open_raw(raw) as stream:
                offsets = [offset for file, offset in known.erased if file == raw]
                if left := redact.find_records(stream, offsets, lambda _: False):
                    yield Problem(
                        raw, f"has {len(left)} captures of an article that was taken down: {again} to remove them"
                    )


def _staged(lake: Lake) -> Iterator[Problem]:
    for name in lake.storage.files(layout.WRITING, ""):
        yield Problem(
            name, "is being written, or was when its process died; the next publish or curate removes it then"
        )
    published = {name.rpartition("/")[2] for name in lake.published_files("versions")}
    for name in lake.storage.files(layout.STAGING, "/versions.parquet"):
        batch = name.split("/")[-2]
        if f"{batch}.parquet" not in published and _read(lake, "versions", name, ["article_id"]).num_rows:
            yield Problem(name, f"has accepted rows that are not published: clear `publish` of the run of {batch}")
