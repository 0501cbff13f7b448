"""What the lake promises, held against the files; and the views made anew from what is published."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from klartext import model
from klartext.curate import step
from klartext.lake import layout, schema, tables, takedown_filter, version_index
from klartext.lake.lake import Lake
from klartext.lake.months import month_of, zone_of
from klartext.model import OUTCOMES
from klartext.warc import reader, redact

_FORMER = "is of schema"


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """A promise that a file does not keep."""

    file: str
    what: str


def check(lake: Lake, *, captures: bool = True) -> Iterator[Problem]:
    """Everything that is wrong, in the order of the promises; nothing if all is well.

    Every file is whole and of its table's schema. No article is there twice. Every batch that published has an account,
    and every account adds up. Every month of ``articles`` is, byte for byte, what ``versions`` makes of it. Every
    version's capture is there with its digest (``captures`` reads all that was ever fetched, and may be left out).
    Nothing half written and nothing accepted but not published is left. What was taken down is nowhere. While batches
    are published or curated, what is on its way may be told as a problem.
    """
    torn: set[str] = set()
    former: set[str] = set()
    for problem in _files(lake):
        (former if problem.what.startswith(_FORMER) else torn).add(problem.file)
        yield problem
    yield from _twice(lake, torn)
    yield from _accounts(lake, torn)
    yield from _views(lake, torn, former)
    if captures:
        yield from _captures(lake, torn)
    yield from _staged(lake)
    yield from _taken_down(lake, torn, captures)


def rebuild(lake: Lake, source: str | None = None) -> Iterator[tuple[str, str, int]]:
    """Makes the views of one source, or of all, anew from ``versions``; gives source, month and rows of each.

    Files of an earlier schema are written anew, and what was published before a change that breaks readers is brought
    over first.
    """
    collections.deque(schema.bring_over(lake, source), maxlen=0)
    for slug in _sources(lake) if source is None else [source]:
        lake.storage.remove(layout.places(slug))
        lake.storage.remove(layout.schema(slug))
        for month in months(lake, slug):
            yield slug, month, step.curate(lake, slug, month)


def months(lake: Lake, source: str) -> list[str]:
    """Every month that the view of a source has, or that an article may be at home in."""
    zone = zone_of(source)
    moments = version_index.of(lake, source).rows["moment"].unique().to_pylist()
    shown = lake.storage.files(layout.table("articles", source), ".parquet")
    return sorted({month_of(m, zone) for m in moments} | {layout.partitions(name)["month"] for name in shown})


def _sources(lake: Lake) -> list[str]:
    names = [name for table in ("versions", "articles") for name in lake.storage.files(layout.table(table), "")]
    return sorted({layout.partitions(name)["source"] for name in names if "source=" in name})


def _files(lake: Lake) -> Iterator[Problem]:
    for name in lake.storage.files(layout.tables(), ""):
        table = name.split("/")[1]
        if table not in model.PUBLISHED or not name.endswith(".parquet"):
            yield Problem(name, "is no file of a table; plain readers stumble over it")
            continue
        try:
            with lake.storage.open_input(name) as stream:
                file = pq.ParquetFile(stream)
                told = tables.version(file.metadata.metadata)
                for number in range(file.num_row_groups):
                    file.read_row_group(number)
        except FileNotFoundError:
            continue  # emptied meanwhile
        except (pa.ArrowException, OSError) as error:
            yield Problem(name, f"cannot be read whole: {str(error).splitlines()[0]}")
            continue
        if told != str(model.SCHEMA_VERSION) or not file.schema_arrow.equals(model.schema(model.PUBLISHED[table])):
            yield Problem(name, f"{_FORMER} {told}, now {model.SCHEMA_VERSION}: `klartext lake rebuild` writes it anew")


def _read(lake: Lake, table: str, name: str, columns: list[str]) -> pa.Table:
    with lake.storage.open_input(name) as stream:
        return tables.read(table, stream, columns)


def _twice(lake: Lake, torn: set[str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name in lake.storage.files(layout.table("articles"), ".parquet"):
        if name not in torn:
            for article in _read(lake, "current", name, ["article_id"])["article_id"].to_pylist():
                if article in first:
                    yield Problem(name, f"{article} is there already, in {first[article]}")
                first.setdefault(article, name)


def _accounts(lake: Lake, torn: set[str]) -> Iterator[Problem]:
    counted = ["batch", "discovered", *OUTCOMES]
    told = set()
    for name in lake.storage.files(layout.table("batches"), ".parquet"):
        told.add(name.rpartition("/")[2])
        for row in _read(lake, "batches", name, counted).to_pylist() if name not in torn else []:
            found = sum(row[outcome] for outcome in OUTCOMES)
            if f"{row['batch']}.parquet" != name.rpartition("/")[2]:
                yield Problem(name, f"holds the account of another batch, {row['batch']}")
            elif row["discovered"] != found:
                yield Problem(name, f"does not add up: {row['discovered']} pages discovered, {found} came to something")
    for name in lake.storage.files(layout.table("versions"), ".parquet"):
        if name.rpartition("/")[2] not in told:
            yield Problem(name, "has no account in batches; a replay of the batch makes one")


def _views(lake: Lake, torn: set[str], former: set[str]) -> Iterator[Problem]:
    for source in _sources(lake):
        if any(name.startswith(layout.table("versions", source) + "/") for name in torn):
            continue  # nothing can be made from what cannot be read
        for month in months(lake, source):
            name = layout.articles(source, month)
            rows, _ = step.view(lake, source, month)
            there = lake.storage.read(name)
            if there is None and rows.num_rows:
                yield Problem(name, f"is missing: {rows.num_rows} articles are at home in that month")
            elif there is not None and not rows.num_rows:
                yield Problem(name, "is left over: no article is at home in that month")
            elif there is not None and name not in torn | former:
                made = tables.encode("current", tables.ordered("current", rows))
                if made.to_pybytes() != there:
                    yield Problem(name, "is not what versions makes of that month; `klartext lake rebuild` does")


def _captures(lake: Lake, torn: set[str]) -> Iterator[Problem]:
    wanted: dict[str, dict[int, tuple[str, str]]] = collections.defaultdict(dict)
    for name in lake.storage.files(layout.table("versions"), ".parquet"):
        for row in _read(lake, "versions", name, ["capture"]).to_pylist() if name not in torn else []:
            capture: dict[str, Any] = row["capture"]
            wanted[capture["file"]][capture["offset"]] = (capture["digest"], name)
    for raw, offsets in sorted(wanted.items()):
        found: dict[int, str] = {}
        try:
            with lake.open_raw(raw) as stream:
                found = {record.capture.offset: record.capture.digest for record in reader.read(stream, raw)}
        except OSError:
            yield Problem(raw, f"is missing: {len(offsets)} versions were made from it")
            continue
        for offset, (digest, name) in sorted(offsets.items()):
            if offset not in found:
                yield Problem(raw, f"has no capture at byte {offset}, which {name} was made from")
            elif found[offset] != digest:
                yield Problem(raw, f"has another capture at byte {offset} than {name} was made from")


def _taken_down(lake: Lake, torn: set[str], captures: bool) -> Iterator[Problem]:
    again = "`klartext takedown` of the same address"
    records = takedown_filter.records(lake.storage)
    for name, record in records.items():
        if record.done_at is None:
            yield Problem(name, f"{record.article_id} is not taken down to the end: {again} does that")
    known = takedown_filter.Barred.of(records.values())
    for name in lake.storage.files(layout.tables(), ".parquet") if records else []:
        table = name.split("/")[1]
        if table in takedown_filter.ADDRESSES and name not in torn:
            rows = tables.decode(table if table != "articles" else "current", lake.storage.read(name) or b"")
            if not known.without(table, rows).equals(rows):
                yield Problem(name, f"has rows of what was taken down: {again} takes them out")
    for raw in sorted({file for file, _ in known.erased}) if captures else []:
        if lake.storage.exists(raw):
            with lake.open_raw(raw) as stream:
                offsets = [offset for file, offset in known.erased if file == raw]
                if left := redact.places(stream, offsets, lambda _: False):
                    yield Problem(raw, f"has {len(left)} captures of what was taken down: {again} takes them out")


def _staged(lake: Lake) -> Iterator[Problem]:
    for name in lake.storage.files(layout.WRITING, ""):
        yield Problem(name, "was being written by a process that is gone, or is just now")
    published = {name.rpartition("/")[2] for name in lake.storage.files(layout.table("versions"), ".parquet")}
    for name in lake.storage.files(layout.STAGING, "/versions.parquet"):
        batch = name.split("/")[-2]
        if f"{batch}.parquet" not in published and _read(lake, "versions", name, ["article_id"]).num_rows:
            yield Problem(name, f"was accepted and not published: clear `publish` of the run of {batch}")
