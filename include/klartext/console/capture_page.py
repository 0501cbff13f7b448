"""The page of one capture: the article as read, where its metadata are from, and every line with what decided on it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from klartext.console import commands
from klartext.console.captures import ReadCapture, read_capture
from klartext.console.differences import differences
from klartext.console.lake_cache import LakeCache
from klartext.console.shared_page import shared_pairs
from klartext.console.view import View
from klartext.console.warm_extractor import WarmExtractor
from klartext.extract.explain import OUTSIDE, Line
from klartext.lake import version_index
from klartext.lake.table_files import day_of_raw_file
from klartext.model import Article
from klartext.warc import reader

_LINES = 4_000
"""Lines of a page that are shown."""
_LONG_LINE = 4_000
"""Characters of a line that are shown."""
_TEASERS = 200
_VERSIONS = 50
"""Earlier versions that are listed, latest first."""


@dataclasses.dataclass(frozen=True, slots=True)
class LineRow:
    """A line with its mark: ``kept``, ``lead``, ``removed``, or ``outside`` of the article."""

    mark: str
    rule: str
    earlier: str
    text: str
    cut: bool


def content(
    cache: LakeCache, extractor: WarmExtractor, view: View, slug: str, file: str, offset: int,
    compared: str | None = None, generic: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What the page shows; arguments and errors as of :func:`klartext.console.captures.read_capture`.

    ``compared`` is the ``version_id`` with which the text is compared; by default the version before.
    """
    read = read_capture(cache, extractor, view, slug, file, offset, generic=generic)
    article = read.result.article if read.result else None
    versions = _versions(cache, slug, article) if article else []
    chosen = _compared(versions, article, compared)
    lines = read.result.lines if read.result else []
    url = read.record.url or ""
    return {
        "slug": slug,
        "file": file,
        "offset": offset,
        "generic": generic,
        "record": read.record,
        "url": url,
        "article": article,
        "published": next((v for v in versions if _place(v) == (file, offset)), None),
        "facts": _facts(read, article),
        "failure": _failure(read),
        "lines": [_line_row(line) for line in lines[:_LINES]],
        "lines_left_out": max(0, len(lines) - _LINES),
        "removed": Counter(
            line.rule for line in lines if not line.keep and line.rule not in ("", OUTSIDE)
        ).most_common(),
        "disbelieved": read.result.disbelieved if read.result else [],
        "notes": read.result.notes if read.result else [],
        "teasers": read.result.teasers[:_TEASERS] if read.result else [],
        "versions": versions[:_VERSIONS],
        "compared": chosen,
        "shares_text": len(shared_pairs(cache, article.article_id)) > 0 if article else False,
        "changes": _changes(chosen, article) if chosen and article else [],
        "actions": _actions(slug, file, url),
    }


def _place(version: Mapping[str, Any]) -> tuple[str, int]:
    return version["capture"]["file"], version["capture"]["offset"]


def _failure(read: ReadCapture) -> tuple[str, str] | None:
    """The stable reason and details of a capture that gives no article."""
    if isinstance(read.record, reader.UnusableRecord):
        return read.record.reason, read.record.detail
    assert read.result is not None
    return None if read.result.article else (read.result.reason or "", read.result.detail or "")


def _facts(read: ReadCapture, article: Article | None) -> list[tuple[str, str, str]]:
    """Metadata: name, value, and where the value is from or how exact it is."""
    record = read.record
    rows: list[tuple[str, Any, str]] = [("captured", _utc(record.fetched_at), "WARC record")]
    if isinstance(record, reader.Page):
        rows += [("status", record.status, record.content_type), ("found in", record.via, "")]
    if article:
        rules = article.rules
        stated = f"{article.published_from}, to the {article.published_precision}" if article.published_at else ""
        rows += [
            ("address", article.canonical_url, "canonical address, in normal form"),
            ("article_id", article.article_id, ""),
            ("version_id", article.version_id, "hash of headline, lead and text"),
            ("publisher", article.publisher, ""),
            ("published_at", _utc(article.published_at), stated),
            ("modified_at", _utc(article.modified_at), "stated on the page"),
            ("authors", ", ".join(article.authors), "byline"),
            ("agencies", ", ".join(article.agencies), "byline, credit or closing line"),
            ("section", article.section, ""),
            ("topics", ", ".join(article.topics), ""),
            ("language", article.language, "of the text"),
            ("access", article.access, ""),
            ("words", article.word_count, f"the publisher counts {article.stated_word_count}"
             if article.stated_word_count else ""),
            ("images", len(article.images), ""),
            ("rules", rules, "source file" if rules != "generic" else "no source file"),
            ("extractor", article.extractor, ""),
        ]  # fmt: skip
    return [(name, str(value), note) for name, value, note in rows if value not in (None, "")]


def _utc(moment: dt.datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else None


def _line_row(line: Line) -> LineRow:
    far = not line.keep and line.rule in ("", OUTSIDE)
    mark = "kept" if line.keep else "lead" if line.rule == "lead" else "outside" if far else "removed"
    rule = line.rule or ("" if line.keep else "not-article")
    text = line.text[:_LONG_LINE]
    return LineRow(mark, rule, ", ".join(reversed(line.earlier)), text, len(line.text) > len(text))


_VERSION_COLUMNS = ["article_id", "version_id", "title", "lead", "text", "fetched_at", "extractor", "rules", "capture",
                    "url", "canonical_url"]  # fmt: skip


def _versions(cache: LakeCache, slug: str, article: Article) -> list[dict[str, Any]]:
    """The published versions of an article, latest capture first, without what was taken down."""
    while True:
        groups = version_index.load(cache.lake, slug).of_articles([article.article_id]).row_groups()
        try:
            rows = version_index.read_versions(cache.lake, groups, [article.article_id], _VERSION_COLUMNS)
        except version_index.FileChanged:
            continue  # another run has published meanwhile
        rows = cache.lake.takedown_filter().filter_rows("versions", rows)
        return sorted(rows.to_pylist(), key=lambda row: (row["fetched_at"], row["version_id"]), reverse=True)


def _compared(versions: list[dict[str, Any]], article: Article | None, named: str | None) -> dict[str, Any] | None:
    """The version to compare with: the one that is named, else the last one before this capture that differs."""
    if article is None:
        return None
    if named:
        return next((version for version in versions if version["version_id"] == named), None)
    earlier = (v for v in versions if v["fetched_at"] < article.fetched_at and v["version_id"] != article.version_id)
    return next(earlier, None)


def _changes(version: Mapping[str, Any], article: Article) -> list[Any]:
    before = (version["title"], version["lead"], version["text"])
    after = (article.title, article.lead, article.text)
    return differences("\n".join(filter(None, before)), "\n".join(filter(None, after)))


def _actions(slug: str, file: str, url: str) -> list[tuple[str, str]]:
    if not url:
        return []
    return [
        ("See this page in a terminal", commands.explain(url)),
        ("Take the article down; give the reason", commands.takedown(url)),
        ("Extract its day again, after a change of the source file",
         commands.replay(slug, day_of_raw_file(file))),
    ]  # fmt: skip
