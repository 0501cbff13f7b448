"""The columns of every table, defined once.

Arrow schemas, Great Expectations suites and the data dictionary are made from the classes below. A row is an
instance; :func:`klartext.columns.table` turns rows into Arrow. Times are UTC with microseconds; texts are NFC without
control characters; lists are never null.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from collections.abc import Mapping
from typing import Any, Literal

from klartext.columns import allowed as allowed
from klartext.columns import column
from klartext.columns import required as required
from klartext.columns import schema as schema
from klartext.columns import table as table

SCHEMA_VERSION = 4
"""Goes up with every change of a table's columns; every published file names it."""
MAJOR_VERSION = 1
"""Goes up with a change that breaks who reads the tables: a column that goes, or means or holds something else. Their
files then lie in folders of their own, beside the former ones."""

Access = Literal["free", "registration", "paid", "unknown"]
Precision = Literal["second", "minute", "day"]
PublishedFrom = Literal["jsonld", "meta", "page", "sitemap", "url"]
Outcome = Literal["captured", "unchanged", "disallowed", "gone", "failed", "refused", "deadline"]
Stage = Literal["extract", "validate"]
Verdict = Literal["passed", "warned", "refused"]
OUTCOMES = ("published", "withheld", "rejected", *(o for o in typing.get_args(Outcome) if o != "captured"))
"""What becomes of a page in the end; a column of ``batches`` each."""


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
    modified_at: dt.datetime | None = column("time of the last change given there; of a day its last instant")


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
        "whom the publisher names as author, in the order of the byline: people; a desk or a service where it signs, "
        "the house where its own data names it and nobody else"
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
    stated_word_count: int | None = column(
        "words of the text as the publisher counts them, before a paywall and behind it", default=None
    )
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


@dataclasses.dataclass(slots=True, kw_only=True)
class Takedown:
    """An article that its publisher wants nobody to read any more, and what was done about it."""

    article_id: str = column("the article, as in the other tables", required=True)
    names: list[str] = column(
        "what else it is known by: hashes of its addresses, and what article_id they give; never an address itself"
    )
    taken_down_at: dt.datetime = column("when it was taken down", required=True)
    by: str | None = column("who did so, or asked for it")
    why: str = column("the reason, as given", required=True)
    with_captures: bool = column("whether the captured bytes were to go too", required=True)
    captures: list[Capture] = column("its captures; with with_captures there is nothing left at these places")
    versions: int = column("rows taken out of versions", required=True)
    teasers: int = column("rows taken out of teasers: cards on its page, and cards that led to it", required=True)
    rejects: int = column("rows taken out of rejects", required=True)
    fetches: int = column("rows of fetches that tell no more than that something was asked for", required=True)
    done_at: dt.datetime | None = column("when all of it was gone; null while that is under way or was cut off")


@dataclasses.dataclass(slots=True, kw_only=True)
class Removed:
    """What a rule took out of the pages of a batch."""

    rule: str = column("name of the rule", required=True)
    characters: int = column("characters of the lines that it took out", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Skipped:
    """What a step read and left out, or read only in part: a count for each place and reason."""

    origin: str = column(
        "address of the feed, sitemap, list or page, or name of the file, in which it stood", required=True
    )
    reason: str = column("stable code of the reason, such as entry-undated or page-cut", required=True)
    count: int = column("entries, records or pages", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Account:
    """What became of a batch: every page that it knew of counts once, in ``discovered`` and in one of its outcomes."""

    batch: str = column("name of the batch, which its files carry", required=True)
    start: dt.datetime = column("begin of its interval; of an imported file, the first capture", required=True)
    end: dt.datetime = column("its end, not part of it; of an imported file, the last capture", required=True)
    imported: bool = column("whether the pages came with a file, and not for an interval", required=True)
    verdict: Verdict = column("what the gate said; of a refused batch nothing is published", required=True)
    reasons: list[str] = column("why it was refused, a clause each")
    warnings: list[str] = column("codes of the batch checks that it failed and that stop nothing")
    discovered: int = column("pages that the batch knew of", required=True)
    published: int = column("pages whose article is published", required=True)
    withheld: int = column("pages whose article passed the row checks, in a batch that was refused", required=True)
    rejected: int = column("pages captured, of which no article could be made or accepted", required=True)
    unchanged: int = column("pages that are known and the same", required=True)
    disallowed: int = column("pages that the publisher does not allow us", required=True)
    gone: int = column("pages that are no more", required=True)
    failed: int = column("pages that could not be fetched", required=True)
    refused: int = column("pages that the crawler would not fetch", required=True)
    deadline: int = column("pages for which no time was left", required=True)
    origins_failed: int = column("feeds, sitemaps and archives that could not be read", required=True)
    captures: int = column("captures that the batch has, of all its runs", required=True)
    articles: int = column("articles made of them, rejected ones included", required=True)
    pages: int = column("captures that ought to be an article, by their address: what the shares are of", required=True)
    rejected_share: float | None = column("share of pages that were rejected", unit="0 to 1")
    without_title_share: float | None = column("share of pages without a title", unit="0 to 1")
    without_text_share: float | None = column("share of pages without a text", unit="0 to 1")
    without_time_share: float | None = column("share of accepted articles without published_at", unit="0 to 1")
    without_lead_share: float | None = column("share of accepted articles without lead", unit="0 to 1")
    without_author_share: float | None = column("share of accepted articles without author and agency", unit="0 to 1")
    median_length: float | None = column("median length of the accepted texts", unit="characters")
    noise_removed: float | None = column("what the noise rules took out of a page, on average", unit="characters")
    extractor: str | None = column("version of the extractor")
    rules: list[str] = column("rules applied, as in articles")
    schema_version: int = column("version of the columns", required=True)
    skipped: list[Skipped] = column(
        "what discover, fetch and extract left out or read only in part, by place and reason; not part of discovered"
    )
    great_expectations: str | None = column("version of Great Expectations; null where nothing had to be checked")


Row = Candidate | Fetch | Article | Current | Teaser | Reject | Removed | Skipped | Account | Takedown
TABLES: Mapping[str, type[Any]] = {
    "articles": Article,
    "current": Current,
    "versions": Article,
    "teasers": Teaser,
    "rejects": Reject,
    "fetches": Fetch,
    "batches": Account,
    "candidates": Candidate,
    "takedowns": Takedown,
    "removed": Removed,
    "skipped_by_discover": Skipped,
    "skipped_by_fetch": Skipped,
    "skipped_by_extract": Skipped,
}
"""What steps hand on and the lake keeps; ``current`` is what consumers find in the folder ``articles``."""
PUBLISHED: Mapping[str, type[Any]] = {
    "articles": Current,
    **{name: TABLES[name] for name in ("versions", "teasers", "rejects", "fetches", "batches", "takedowns")},
}
"""What consumers read, by the name of its folder."""
