"""The frame that the row checks look at: columns of the articles, and figures computed from them."""

from __future__ import annotations

import collections
import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from klartext import model
from klartext.sources import Source
from klartext.urls import registered_domain
from klartext.validate import checks, notices

_LINE = 40
"""Characters from which a line that occurs twice counts as repeated."""
_CARD = 60
"""Characters from which a teaser's text is long enough to be recognised."""
_NOTICES = 4_000
"""Characters up to which a text can be nothing but a notice."""
_NUMBERS = (
    "hours_online", "years_into_source", "title_length", "text_length", "paid_text_length", "whole_text_length",
    "whole_text_words", "consent_share", "paywall_share", "repeated_share", "teasers_inside", "replaced_characters",
    "word_count", "stated_ratio",
)  # fmt: skip


def _plain(text: str | None) -> str:
    """The text without differences of white space and case."""
    return " ".join((text or "").split()).casefold()


@functools.lru_cache(maxsize=4096)
def _domain(netloc: str) -> str:
    return registered_domain(f"https://{netloc}/")


def _host(url: str | None, source: Source) -> str | None:
    """The host as the source file names it. A source without a file has all hosts of its domain."""
    parts = urlsplit(url or "")
    netloc = parts.netloc.rpartition("@")[2].lower()
    if netloc in source.hosts or not netloc:
        return netloc or None
    if parts.hostname in source.hosts:
        return parts.hostname
    return source.slug if _domain(netloc) in (source.slug, source.name) else netloc


def _repeated(lines: list[str]) -> float:
    """The share of characters in lines that occurred before; ``lines`` are results of :func:`_plain`."""
    counts = collections.Counter(lines)
    if len(counts) == len(lines):
        return 0.0  # nearly all texts
    total = sum(len(line) * n for line, n in counts.items())
    again = sum(len(line) * (n - 1) for line, n in counts.items() if len(line) >= _LINE)
    return again / total if total else 0.0


class TeaserTexts:
    """The texts of a batch's teasers, to find them in the texts of articles.

    A teaser on the article's own page must not be in its text at all. A teaser on another page counts if it is a whole
    line of the text: within a line, two articles may have the same words. A teaser for the article itself does not
    count.
    """

    def __init__(self, teasers: Iterable[Mapping[str, Any]], source: Source) -> None:
        self._own: dict[str, set[str]] = collections.defaultdict(set)
        self._shown: dict[str, set[str | None]] = collections.defaultdict(set)
        for card in teasers:
            text = _plain(card["text"])
            if len(text) < _CARD or card["is_self"]:
                continue
            target = source.article_id(card["target_url"]) if card["target_url"] else None
            if target != card["article_id"]:
                self._own[card["article_id"]].add(text)
            self._shown[text].add(target)

    def count_in(self, row: Mapping[str, Any], lines: list[str]) -> int:
        """The number of teasers in an article's text; ``lines`` are its lines, as of :func:`_plain`."""
        own = self._own.get(row["article_id"])
        whole = " ".join(lines) if own else ""
        found = {text for text in own or () if text in whole}
        found |= {line for line in lines if line in self._shown and row["article_id"] not in self._shown[line]}
        return len(found)


def _stated_ratio(row: Mapping[str, Any], words: int) -> float | None:
    """The ratio of a text's words to the publisher's count; None where there is no count or a very small one."""
    stated = row["stated_word_count"]
    if stated is None or stated < checks.STATED_WORDS or row["access"] in ("paid", "registration"):
        return None
    return words / float(stated)


def _figures(row: Mapping[str, Any], source: Source, teaser_texts: TeaserTexts) -> dict[str, Any]:
    text, published = row["text"] or "", row["published_at"]
    lines = [_plain(line) for line in text.splitlines()]
    began = dt.datetime.combine(source.since, dt.time(), source.zone)
    short = text if len(text) <= _NOTICES else ""
    whole, words = row["access"] != "paid", len(text.split())
    return {
        "url_host": _host(row["url"], source),
        "canonical_url_host": _host(row["canonical_url"], source),
        "hours_online": (row["fetched_at"] - published).total_seconds() / 3600
        if published and row["fetched_at"]
        else None,
        "years_into_source": (published - began).total_seconds() / (365.25 * 86400) if published else None,
        "title_plain": _plain(row["title"]) or None,
        "title_length": len((row["title"] or "").strip()) or None,
        "text_length": len(text) or None,
        "paid_text_length": len(text) if text and not whole else None,
        "whole_text_length": len(text) if text and whole else None,
        "whole_text_words": words if text and whole else None,
        "stated_ratio": _stated_ratio(row, words),
        "consent_share": notices.notice_share(notices.CONSENT, short),
        "paywall_share": notices.notice_share(notices.PAYWALL, short),
        "repeated_share": _repeated(lines),
        "teasers_inside": teaser_texts.count_in(row, lines),
        "replaced_characters": f"{row['title']}{row['lead']}{text}".count("\ufffd"),
    }


def _value(value: Any) -> Any:
    """White space alone is no text; of a structure it only matters that there is one."""
    if isinstance(value, str):
        return value if value.strip() else None
    return "present" if isinstance(value, dict) else value


def build_frame(articles: pa.Table, teasers: Iterable[Mapping[str, Any]], source: Source) -> Any:
    """A pandas frame with one row for each article, in their order; its column ``row`` has their number."""
    import pandas as pd

    teaser_texts = TeaserTexts(teasers, source)
    names = list(dict.fromkeys([*model.required(model.Article), *model.allowed(model.Article), "lead", "language"]))
    needed = [*names, *(name for name in ("text", "published_at", "stated_word_count") if name not in names)]
    rows = articles.select(needed).to_pylist()
    figures = [_figures(row, source, teaser_texts) for row in rows]
    columns: dict[str, list[Any]] = {"row": list(range(len(rows)))}
    columns |= {name: [_value(row[name]) for row in rows] for name in names}
    columns |= {name: [found[name] for found in figures] for name in (figures[0] if figures else ())}
    numbers = dict.fromkeys(_NUMBERS, "float64")  # also where a column has no number at all
    return pd.DataFrame(columns).astype(numbers)
