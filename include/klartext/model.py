"""The columns of every table, defined once.

Arrow schemas, Great Expectations suites and the data dictionary are made from the classes below. A row is an
instance; :func:`table` turns rows into Arrow. Times are UTC with microseconds; texts are NFC without control
characters; lists are never null.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import pyarrow as pa

SCHEMA_VERSION = 2
"""Goes up with every change of a table's columns; every published file names it."""
MAJOR_VERSION = 1
"""Goes up with a change that breaks who reads the tables: a column that goes, or means or holds something else. Their
files then lie in folders of their own, beside the former ones."""

Access = Literal["free", "registration", "paid", "unknown"]
Precision = Literal["second", "minute", "day"]
PublishedFrom = Literal["jsonld", "meta", "page", "sitemap", "url"]
Outcome = Literal["captured", "unchanged", "disallowed", "gone", "failed", "refused", "deadline"]
Stage = Literal["extract", "validate"]


def column(meaning: str, *, required: bool = False, unit: str | None = None) -> Any:
    """A column: what it means, and whether a row without it is refused. Literals give the allowed values."""
    return dataclasses.field(metadata={"meaning": meaning, "required": required, "unit": unit})


@dataclasses.dataclass(slots=True, kw_only=True)
class Image:
    """A picture of the article, as the page shows it."""

    url: str
    caption: str | None
    credit: str | None


@dataclasses.dataclass(slots=True, kw_only=True)
class Capture:
    """Where the bytes are: the WARC file below the lake's root, the record's offset, the payload's digest."""

    file: str
    offset: int
    digest: str


@dataclasses.dataclass(slots=True, kw_only=True)
class Candidate:
    """An address worth fetching, and what was said of it where it was found."""

    url: str = column("address to fetch, as found", required=True)
    discovered_from: str = column("address of the feed, sitemap, page or index that named it", required=True)
    title: str | None = column("title given there")
    published_at: dt.datetime | None = column("time of publication given there")
    modified_at: dt.datetime | None = column("time of the last change given there")


@dataclasses.dataclass(slots=True, kw_only=True)
class Fetch:
    """One attempt at one candidate, failures included."""

    url: str = column("the candidate's address", required=True)
    discovered_from: str = column("where the candidate was found", required=True)
    outcome: Outcome = column("what became of it", required=True)
    reason: str | None = column("why, where the outcome is not a capture")
    status: int | None = column("HTTP status")
    final_url: str | None = column("address after redirects")
    bytes: int | None = column("size of the payload", unit="bytes")
    attempt: int = column("number of the attempt at this address in this batch, from 1", required=True)
    fetched_at: dt.datetime = column("when the answer came, or the attempt ended", required=True)
    capture: Capture | None = column("the record of the exchange; of a page known and not asked for, the earlier one")
    candidate_title: str | None = column("title given where the candidate was found")
    candidate_published_at: dt.datetime | None = column("time of publication given there")


@dataclasses.dataclass(slots=True, kw_only=True)
class Article:
    """What extraction makes of a capture."""

    article_id: str = column(
        "the same for every capture of an article: source and publisher's number, else a hash of the canonical address",
        required=True,
    )
    version_id: str = column("the same for every capture with one content", required=True)
    url: str = column("address as fetched", required=True)
    canonical_url: str = column("address as the publisher names it, folded", required=True)
    publisher: str = column("name of the publisher", required=True)
    kicker: str | None = column("line above the headline")
    title: str = column("headline as the reader sees it; no site name, no SEO title", required=True)
    lead: str | None = column("standfirst; not part of text")
    text: str = column("subheadings and paragraphs in order, one a line; nothing else of the page", required=True)
    authors: list[str] = column(
        "whom the publisher names as author, in the order of the byline: people; a desk or a service where it signs"
    )
    agencies: list[str] = column("wire services, from byline, credit line or the closing dateline")
    section: str | None = column("section as the publisher files it")
    topics: list[str] = column("topics as the publisher tags it")
    language: str | None = column("language of the text, ISO 639-1")
    published_at: dt.datetime | None = column("time of first publication, as exact as the page says")
    modified_at: dt.datetime | None = column("time of the last change that the page names")
    published_precision: Precision | None = column("how exact published_at is")
    published_from: PublishedFrom | None = column("where published_at was read")
    access: Access = column(
        "whether the whole text is there for everyone; a page that ends at a paywall is paid", required=True
    )
    images: list[Image] = column("pictures of the article with caption and credit")
    word_count: int = column("words of lead and text", required=True)
    fetched_at: dt.datetime = column("when the page was captured", required=True)
    discovered_from: str | None = column("through what the capture came")
    capture: Capture = column("the bytes this row was made from", required=True)
    extractor: str = column("version of the extractor", required=True)
    rules: str = column("rules applied: source and date from which they hold, or generic", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Current(Article):
    """The current version of an article, as consumers read it, with what its other versions tell."""

    version_count: int = column(
        "contents that it was seen with, from 1; captures that another extractor read do not count as edits",
        required=True,
    )
    first_fetched_at: dt.datetime = column("when the article was first captured", required=True)
    changed_at: dt.datetime | None = column("when the last edit was first captured; null if none was seen")


@dataclasses.dataclass(slots=True, kw_only=True)
class Teaser:
    """A card or link to another article, found on a page and kept apart from its text."""

    article_id: str = column("article on whose page it stood", required=True)
    url: str = column("address of that page", required=True)
    position: int = column("place on the page, from 1", required=True)
    title: str | None = column("title of the card")
    kicker: str | None = column("line above the title")
    section: str | None = column("section shown on the card")
    shown_date: str | None = column("date as shown on the card; often the day of the crawl")
    text: str | None = column("text of the card")
    target_url: str | None = column("address it leads to, resolved and folded")
    is_self: bool = column("whether the card shows the article on whose page it stands", required=True)
    fetched_at: dt.datetime = column("when the page was captured", required=True)
    capture: Capture = column("the bytes this row was made from", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Reject(Article):
    """A capture that gave no article, or an article that failed a check; columns it never had are null."""

    stage: Stage = column("the step that refused it", required=True)
    reasons: list[str] = column("stable code of every check that failed", required=True)
    detail: str | None = column("what a person would want to know of the failure")


Row = Candidate | Fetch | Article | Current | Teaser | Reject
TABLES: Mapping[str, type[Any]] = {
    "articles": Article,
    "current": Current,
    "versions": Article,
    "teasers": Teaser,
    "rejects": Reject,
    "fetches": Fetch,
    "candidates": Candidate,
}
"""What steps hand on and the lake keeps; ``current`` is what consumers find in the folder ``articles``."""
PUBLISHED: Mapping[str, type[Any]] = {
    "articles": Current,
    **{name: TABLES[name] for name in ("versions", "teasers", "rejects", "fetches")},
}
"""What consumers read, by the name of its folder."""


def _arrow(hint: Any) -> pa.DataType:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _arrow(next(a for a in args if a is not type(None)))
    if origin is Literal:
        return pa.string()
    if origin is list:
        return pa.list_(pa.field("element", _arrow(args[0])))  # the name that Parquet gives back
    if dataclasses.is_dataclass(hint):
        return pa.struct([pa.field(k, _arrow(v)) for k, v in typing.get_type_hints(hint).items()])
    return {
        str: pa.string(),
        int: pa.int64(),
        bool: pa.bool_(),
        dt.datetime: pa.timestamp("us", tz="UTC"),
    }[hint]


_SCHEMAS: dict[type[Any], pa.Schema] = {}


def schema(row: type[Any]) -> pa.Schema:
    """The Arrow schema of a table. Every column is nullable to readers; what must be there is checked before."""
    if row not in _SCHEMAS:
        hints = typing.get_type_hints(row)
        _SCHEMAS[row] = pa.schema([pa.field(f.name, _arrow(hints[f.name])) for f in dataclasses.fields(row)])
    return _SCHEMAS[row]


def required(row: type[Any]) -> list[str]:
    """Names of the columns without which a row is refused."""
    return [f.name for f in dataclasses.fields(row) if f.metadata["required"]]


def allowed(row: type[Any]) -> dict[str, list[str]]:
    """Columns that hold one of a few words, with the words."""
    found = {}
    for name, hint in typing.get_type_hints(row).items():
        kinds = [hint, *typing.get_args(hint)]
        words = next((typing.get_args(k) for k in kinds if typing.get_origin(k) is Literal), None)
        if words:
            found[name] = list(words)
    return found


def table(row: type[Any], rows: Iterable[Any]) -> pa.Table:
    """Rows as an Arrow table of the class's schema, in the order given."""
    return pa.Table.from_pylist([r if isinstance(r, dict) else dataclasses.asdict(r) for r in rows], schema(row))
