"""The columns of every table, defined once.

Arrow schemas, Great Expectations suites and the data dictionary are derived from the classes below. A row is an
instance; :func:`klartext.columns.table` turns rows into an Arrow table. Times are UTC with microseconds; texts are NFC
without control characters; lists are never null.
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

SCHEMA_VERSION = 7
"""Incremented with every change of a table's columns; it is in the footer of every published file."""
MAJOR_VERSION = 1
"""Incremented with a change that breaks readers: a column that is removed, or has another meaning or type. The tables
then have a folder of their own beside the former one."""
SHARED_TEXT_RULES = "shared-text 1"
"""Names the rules by which shared text is found; with another name all months are computed again."""

Access = Literal["free", "registration", "paid", "unknown"]
Precision = Literal["second", "minute", "day"]
PublishedFrom = Literal["jsonld", "meta", "page", "sitemap", "url", "text"]
Outcome = Literal["captured", "placeholder", "unchanged", "disallowed", "gone", "failed", "refused", "deadline"]
PlaceholderReason = Literal[
    "consent-page",
    "challenge-page",
    "login-page",
    "script-page",
    "error-page",
    "repeated-page",
    "text-is-consent-notice",
]
Stage = Literal["extract", "validate"]
Verdict = Literal["passed", "warned", "refused"]
SharedKind = Literal["copy", "version", "excerpt", "quote"]
PLACEHOLDERS: frozenset[str] = frozenset(typing.get_args(PlaceholderReason))
"""Codes of a capture that is not the page that was asked for: another was served in its place."""
ARTICLES_FOLDED = "articles-folded"
"""The warning of a batch in which pages with different texts have one ``article_id``, and the reason in ``skipped`` of
their addresses."""
OUTCOMES = ("published", "withheld", "rejected", *(o for o in typing.get_args(Outcome) if o != "captured"))
"""The outcomes of a page in an account, each a column of ``batches``."""


@dataclasses.dataclass(slots=True, kw_only=True)
class Image:
    """An image of the article, as on the page."""

    url: str
    caption: str | None
    credit: str | None


@dataclasses.dataclass(slots=True, kw_only=True)
class Capture:
    """A record in a WARC file: the file below the lake's root, the record's offset in bytes, the payload's digest."""

    file: str
    offset: int
    digest: str


@dataclasses.dataclass(slots=True, kw_only=True)
class Candidate:
    """An address to fetch, and what the place where it was found states about it."""

    url: str = column("address to fetch, as found", required=True)
    discovered_from: str = column("address of the feed, sitemap, page or index in which it was found", required=True)
    title: str | None = column("title stated there")
    published_at: dt.datetime | None = column("time of publication stated there")
    modified_at: dt.datetime | None = column(
        "time of the last change stated there; of a date without a time, the end of that day"
    )


@dataclasses.dataclass(slots=True, kw_only=True)
class Fetch:
    """One attempt to fetch one candidate, failed ones included."""

    url: str = column("the candidate's address", required=True)
    discovered_from: str = column("where the candidate was found", required=True)
    outcome: Outcome = column("outcome of the attempt", required=True)
    reason: str | None = column("code of the reason if the outcome is not captured")
    status: int | None = column("HTTP status")
    final_url: str | None = column("address after redirects")
    bytes: int | None = column("size of the payload", unit="bytes")
    attempt: int = column("number of the attempt at this address in this batch, from 1", required=True)
    fetched_at: dt.datetime = column("when the response was received, or the attempt ended", required=True)
    capture: Capture | None = column(
        "the WARC record of the response; for a known page that was not requested, the earlier one"
    )
    candidate_title: str | None = column("title stated where the candidate was found")
    candidate_published_at: dt.datetime | None = column("time of publication stated there")


@dataclasses.dataclass(slots=True, kw_only=True)
class Article:
    """The article that extraction reads from a capture."""

    article_id: str = column(
        "identifies the article in all captures: source and publisher's number, or else a hash of canonical_url",
        required=True,
    )
    version_id: str = column("identifies the content: the same for all captures with the same content", required=True)
    url: str = column("address as fetched", required=True)
    canonical_url: str = column("address that the publisher states as canonical, in normal form", required=True)
    site: str = column(
        "registered domain of url, such as faz.net; of an IP address or a local name the host", required=True, since=5
    )
    publisher: str = column("name of the publisher", required=True)
    kicker: str | None = column("line above the headline")
    title: str = column("headline on the page, without the name of the site", required=True)
    lead: str | None = column("standfirst; it is not part of text")
    text: str = column(
        "headings, paragraphs, lists and tables of the article in order, one block per line; the cells of a table's "
        'row are separated by " | "',
        required=True,
    )
    authors: list[str] = column(
        "authors as the publisher names them, in the order of the byline: people, or a desk or service that signs the "
        "article; the publisher itself only if its metadata names it and no one else"
    )
    agencies: list[str] = column("wire services, from the byline, credit line or closing line")
    section: str | None = column("section as stated by the publisher")
    topics: list[str] = column("topics as stated by the publisher")
    language: str | None = column("language of the text, ISO 639-1")
    published_at: dt.datetime | None = column(
        "time of first publication as stated; its precision is published_precision"
    )
    published_date: dt.date | None = column(
        "day of published_at at the publisher's place: in the time zone of its source file; without one in that of the "
        "stated time, or where it states UTC or none in that of the domain's country",
        default=None,
        since=7,
    )
    modified_at: dt.datetime | None = column("time of the last change as stated on the page")
    published_precision: Precision | None = column("precision of published_at")
    published_from: PublishedFrom | None = column(
        "where published_at was read; text: a day that htmldate found on the page, where nothing states one"
    )
    access: Access = column("who can read the whole text; a page that ends at a paywall is paid", required=True)
    images: list[Image] = column("images of the article, with caption and credit")
    word_count: int = column("number of words of lead and text", required=True)
    stated_word_count: int | None = column(
        "number of words as stated by the publisher, of the whole text even behind a paywall", default=None, since=3
    )
    fetched_at: dt.datetime = column("when the page was captured", required=True)
    discovered_from: str | None = column("where the address was found")
    capture: Capture = column("the WARC record that this row was extracted from", required=True)
    extractor: str = column("version of the extractor", required=True)
    rules: str = column("rules applied: source and date from which they are valid, or generic", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Current(Article):
    """The current version of an article, as consumers read it, with columns about its other versions."""

    version_count: int = column(
        "number of contents captured, from 1; a difference between two extractors does not count",
        required=True,
        since=2,
    )
    first_fetched_at: dt.datetime = column("when the article was first captured", required=True, since=2)
    changed_at: dt.datetime | None = column("when the last edit was first captured; null if there was none", since=2)
    in_source: str = column(
        "the source, as the folder source names it: for readers that do not see folders, such as Hugging Face's",
        required=True,
        since=7,
    )
    in_month: str = column("the month, as the folder month names it, YYYY-MM", required=True, since=7)


@dataclasses.dataclass(slots=True, kw_only=True)
class Teaser:
    """A teaser: a card or link to another article on an article's page; it is not part of the text."""

    article_id: str = column("article on whose page the teaser is", required=True)
    url: str = column("address of that page", required=True)
    position: int = column("position on the page, from 1", required=True)
    title: str | None = column("title of the teaser")
    kicker: str | None = column("line above the title")
    section: str | None = column("section shown in the teaser")
    shown_date: str | None = column("date as shown in the teaser; often the day of the crawl")
    text: str | None = column("text of the teaser")
    target_url: str | None = column("address of the link, absolute and in normal form")
    is_self: bool = column("true if the teaser is for the article on whose page it is", required=True)
    fetched_at: dt.datetime = column("when the page was captured", required=True)
    capture: Capture = column("the WARC record that this row was extracted from", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Reject(Article):
    """A capture that gave no article, or an article that failed a check; columns without a value are null."""

    stage: Stage = column("the step that rejected it", required=True)
    reasons: list[str] = column("stable code of every check that failed", required=True)
    detail: str | None = column("details of the failure for people")


@dataclasses.dataclass(slots=True, kw_only=True)
class Takedown:
    """An article that was removed at the request of its publisher, and what was removed."""

    article_id: str = column("the article, as in the other tables", required=True)
    names: list[str] = column(
        "its other identifiers: hashes of its addresses and the article_id that they give; never an address"
    )
    taken_down_at: dt.datetime = column("when it was taken down", required=True)
    by: str | None = column("who did so, or asked for it")
    why: str = column("the reason", required=True)
    with_captures: bool = column("true if the captured pages were to be removed too", required=True)
    captures: list[Capture] = column("its captures; if with_captures is true, the bytes at these positions are removed")
    versions: int = column("number of rows removed from versions", required=True)
    teasers: int = column("number of rows removed from teasers: on its page, and those that lead to it", required=True)
    rejects: int = column("number of rows removed from rejects", required=True)
    fetches: int = column("number of rows of fetches whose content was removed", required=True)
    done_at: dt.datetime | None = column("when everything was removed; null while that is under way or was interrupted")


@dataclasses.dataclass(slots=True, kw_only=True)
class Removed:
    """What a rule removed from the pages of a batch."""

    rule: str = column("name of the rule", required=True)
    characters: int = column("characters of the lines that it removed", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Skipped:
    """What a step skipped or read only in part: a count for each place and reason."""

    origin: str = column(
        "address of the feed, sitemap, list or page, or name of the file, in which it was", required=True
    )
    reason: str = column(
        "code of the reason, such as entry-undated or page-cut; articles-folded if two pages share one article_id",
        required=True,
    )
    count: int = column("number of entries, records or pages", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class SelectorMatches:
    """On how many pages of a batch a selector of the source's rules matched."""

    rules: str = column("source and date from which the rules are valid, as in articles", required=True)
    field: str = column("key of the rules, such as body or lead", required=True)
    selector: str = column("the CSS selector", required=True)
    pages: int = column("pages of articles that were read with these rules", required=True)
    matched: int = column("those of them that have an element of the selector", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class ValueCount:
    """The number of rows with a value of a column."""

    value: str | None = column("the value; null for rows without one")
    count: int = column("number of rows", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Finding:
    """What is wrong with a batch, for people."""

    code: str = column("code of the check that failed", required=True)
    severity: str = column("critical if it refuses the batch, else warning", required=True)
    what: str = column("what is wrong, as a sentence", required=True)
    pages: list[str] = column("addresses of some of the pages that show it")
    to_do: str | None = column("what to do, as a sentence or a command")


@dataclasses.dataclass(slots=True, kw_only=True)
class Account:
    """The account of a batch: every known page counts once, in ``discovered`` and in one of the outcomes."""

    batch: str = column("name of the batch and of its files", required=True)
    start: dt.datetime = column("begin of the interval; of an imported file, the first capture", required=True)
    end: dt.datetime = column(
        "end of the interval, not part of it; of an imported file, the last capture", required=True
    )
    imported: bool = column("true if the pages are of an imported file", required=True)
    verdict: Verdict = column("result of validation; nothing of a refused batch is published", required=True)
    reasons: list[str] = column("why the batch was refused")
    warnings: list[str] = column("codes of failed batch checks that do not refuse the batch")
    discovered: int = column("all known pages", required=True)
    published: int = column("pages whose article is published", required=True)
    withheld: int = column("pages of a refused batch whose article passed the row checks", required=True)
    rejected: int = column("captured pages without an accepted article", required=True)
    placeholder: int = column(
        "pages in whose place another was served: a consent, challenge, login or error page; asked for again",
        required=True,
        since=6,
    )
    unchanged: int = column("pages that are known and have not changed", required=True)
    disallowed: int = column("pages that the publisher does not allow to be fetched", required=True)
    gone: int = column("pages that do not exist any more", required=True)
    failed: int = column("pages that could not be fetched", required=True)
    refused: int = column("pages that the crawler refused to fetch", required=True)
    deadline: int = column("pages for which no time was left", required=True)
    origins_failed: int = column("feeds, sitemaps and archives that could not be read", required=True)
    captures: int = column("captures of all runs of the batch", required=True)
    articles: int = column("articles extracted from them, rejected ones included", required=True)
    pages: int = column("captures that should be articles by their address; the shares refer to these", required=True)
    rejected_share: float | None = column("share of pages that were rejected", unit="0 to 1")
    placeholder_share: float | None = column(
        "share of pages, placeholders included, in whose place another was served", unit="0 to 1", since=6
    )
    without_title_share: float | None = column("share of pages without a title", unit="0 to 1")
    without_text_share: float | None = column("share of pages without a text", unit="0 to 1")
    incomplete_share: float | None = column(
        "share of pages, placeholders included, whose text is missing because a script loads it, or is far shorter "
        "than the publisher counts",
        unit="0 to 1",
        since=6,
    )
    without_body_share: float | None = column(
        "share of pages on which no selector of the rules for the body matched; null if the rules name none",
        unit="0 to 1",
        since=6,
    )
    equal_texts: int | None = column("extracted articles with the same text as another article of the batch", since=6)
    equal_text_share: float | None = column("share of extracted articles that these are", unit="0 to 1", since=6)
    without_time_share: float | None = column("share of accepted articles without published_at", unit="0 to 1")
    unstated_time_share: float | None = column(
        "share of accepted articles whose time is stated nowhere: without published_at, or with a day found in "
        "the text",
        unit="0 to 1",
        since=6,
    )
    coarse_time_share: float | None = column(
        "share of accepted articles whose published_at is a day, or missing", unit="0 to 1", since=6
    )
    without_lead_share: float | None = column("share of accepted articles without lead", unit="0 to 1")
    without_author_share: float | None = column("share of accepted articles without author and agency", unit="0 to 1")
    median_length: float | None = column("median length of the accepted texts", unit="characters")
    noise_removed: float | None = column(
        "mean number of characters per page removed by the noise rules", unit="characters"
    )
    published_from: list[ValueCount] = column(
        "accepted articles by where published_at was read, as in articles; null for none", since=6
    )
    published_precision: list[ValueCount] = column(
        "accepted articles by precision of published_at; null for none", since=6
    )
    selectors: list[SelectorMatches] = column(
        "on how many pages each selector of the rules matched; of teasers only the selector of the card", since=6
    )
    findings: list[Finding] = column(
        "what is wrong, which pages show it and what to do; empty if all checks passed", since=6
    )
    extractor: str | None = column("version of the extractor")
    rules: list[str] = column("rules applied, as in articles")
    schema_version: int = column("version of the columns", required=True)
    skipped: list[Skipped] = column(
        "what was skipped or read only in part, by place and reason; not part of discovered", since=4
    )
    great_expectations: str | None = column("version of Great Expectations; null if nothing was checked")


@dataclasses.dataclass(slots=True, kw_only=True)
class SharedText:
    """Two articles that share text. The article with the smaller id is this one, that with the larger the other one;
    neither is named the origin."""

    article_id: str = column("the one article, that with the smaller id", required=True)
    other_id: str = column("article_id of the other article", required=True)
    version_id: str = column("the version of this article that was compared", required=True)
    other_version_id: str = column("the version of the other article that was compared", required=True)
    shared_words: int = column(
        "words of lead and text in common runs of five words and more, without the source's boilerplate: the smaller "
        "of the two articles' counts; in scripts without spaces characters, in runs of twelve and more",
        required=True,
    )
    share_of_this: float = column("shared_words by the words of this article", unit="0 to 1", required=True)
    share_of_other: float = column("shared_words by the words of the other article", unit="0 to 1", required=True)
    longest_run: int = column("words of the longest common run", required=True)
    quoted_share: float = column(
        "share of the shared words that are between quotation marks, in the article in which more are",
        unit="0 to 1",
        required=True,
    )
    first_published_id: str | None = column(
        "article_id of the one that was published first; null where either time is missing or only a day, and where "
        "both are equal. The first is not always the origin"
    )
    same_agency: bool = column("true if both name the same wire service", required=True)
    same_publisher: bool = column(
        "true if both are of one source, in other of one site, or name the same publisher", required=True
    )
    kind: SharedKind = column(
        "copy: half of the shorter article or more, at another publisher; version: the same at one publisher; quote: "
        "much of what is shared is between quotation marks; excerpt: anything else",
        required=True,
    )
    rules: str = column("version of the rules by which shared text is found", required=True)


@dataclasses.dataclass(slots=True, kw_only=True)
class Keep:
    """Whether an article is kept in a selection without duplicates."""

    article_id: str = column("the article", required=True)
    kept: bool = column(
        "false if 0.8 of its words are in an earlier article: a kept one of its month, or one of the month before",
        required=True,
    )
    because_of: str | None = column("article_id of that earlier article; the earliest of several")


@dataclasses.dataclass(slots=True, kw_only=True)
class Shingles:
    """What is compared of an article to find shared text; derived from its row in ``articles``."""

    article_id: str = column("the article", required=True)
    version_id: str = column("its version", required=True)
    site: str = column("as in articles", required=True)
    publisher: str = column("as in articles", required=True)
    agencies: list[str] = column("as in articles")
    moment: dt.datetime = column("time of publication; where none is stated, that of the first capture", required=True)
    day: dt.date = column("day of moment in the publisher's time zone", required=True)
    to_the_minute: bool = column("true if moment is a time of publication to the minute or second", required=True)
    words: int = column("number of words of lead and text, as they are compared", required=True)
    size: int = column("words of a shingle", required=True)
    shingles: list[int] = column("a hash of 64 bits for every run of size words, in order")
    quoted: list[int] = column("positions of words at which quotation marks open and close, alternately")
    rules: str = column("version of the rules by which shared text is found", required=True)


Row = (
    Candidate
    | Fetch
    | Article
    | Current
    | Teaser
    | Reject
    | Removed
    | Skipped
    | SelectorMatches
    | Account
    | Takedown
    | SharedText
    | Keep
    | Shingles
)
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
    "selectors": SelectorMatches,
    "skipped_by_discover": Skipped,
    "skipped_by_fetch": Skipped,
    "skipped_by_extract": Skipped,
    "shared_text": SharedText,
    "keep": Keep,
    "shingles": Shingles,
}
"""All tables that the lake stores, staged ones included; ``current`` is the published table ``articles``."""
PUBLISHED: Mapping[str, type[Any]] = {
    "articles": Current,
    **{
        name: TABLES[name]
        for name in ("versions", "teasers", "rejects", "fetches", "batches", "takedowns", "shared_text", "keep")
    },
}
"""The tables that consumers read, by the name of their folder."""
