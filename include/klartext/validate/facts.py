"""The frame that the row checks look at: columns of the articles, and figures computed from them column by column."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from klartext import model, sources
from klartext.sources import Source
from klartext.urls import registered_domain
from klartext.validate import checks, equal_texts, notices
from klartext.validate.line_facts import TeaserTexts, fold_lines, repeated_shares

_NOTICES = 4_000
"""Characters up to which a text can be nothing but a notice."""
_SLICE = 4_096
"""Articles whose lines are in memory at once."""
_YEAR = 365.25 * 86400 * 1e6
"""Microseconds."""
_WORD = r"[^\s\p{Z}]+"
_BLANK = r"[\t\x0b\x0c\r\x1c-\x1f\x{85}\p{Z}]|  |^ | $"
_NETLOC = r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?P<netloc>[^/?#\\]*)"


@functools.lru_cache(maxsize=4096)
def _domain(netloc: str) -> str:
    return registered_domain(f"https://{netloc}/")


def foreign_host(netloc: str | None, source: Source) -> str | None:
    """A host that is none of the source's; None for one that is. A source without a file has all hosts of its
    domain."""
    netloc = (netloc or "").rpartition("@")[2].lower()
    own = (*source.hosts, source.slug)
    if not netloc or netloc in own:
        return None
    try:
        if urlsplit(f"https://{netloc}/").hostname in own or _domain(netloc) in (source.slug, source.name):
            return None
    except ValueError:
        return netloc
    return netloc


class RowSources:
    """The source as which each article of a table is checked: the batch's, or in a batch of many sites that of the
    page's own site, by the host of its address.

    ``known`` are the sources, ``codes`` has the position in it for each row.
    """

    def __init__(self, articles: pa.Table, source: Source) -> None:
        self.known, self.codes = [source], np.zeros(articles.num_rows, np.int64)
        if source.slug != sources.OTHER.slug or not articles.num_rows:
            return
        hosts = netlocs(articles["url"]).fill_null("").dictionary_encode()
        found = [sources.page_source(source, f"https://{netloc}/") for netloc in hosts.dictionary.to_pylist()]
        numbers = {each.slug: n for n, each in enumerate({each.slug: each for each in found}.values())}
        self.known = list({each.slug: each for each in found}.values())
        self.codes = np.array([numbers[each.slug] for each in found], np.int64)[hosts.indices.to_numpy()]

    def values(self, of: Any, kind: pa.DataType) -> pa.Array:
        """For each row a value of its source, which ``of`` returns."""
        return pa.array([of(source) for source in self.known], kind).take(pa.array(self.codes))


def netlocs(addresses: pa.ChunkedArray) -> pa.Array:
    """The part of each address between scheme and path; null for what is no address."""
    found = pc.extract_regex(addresses.combine_chunks(), _NETLOC)
    return pc.struct_field(found, "netloc")


def _foreign_hosts(addresses: pa.ChunkedArray, rows: RowSources) -> pa.Array:
    """The host of each address if it is none of the source's, else null."""
    hosts = netlocs(addresses).fill_null("").dictionary_encode()
    names = hosts.dictionary.to_pylist()
    pairs = hosts.indices.to_numpy().astype(np.int64) * len(rows.known) + rows.codes
    unique, where = np.unique(pairs, return_inverse=True)
    found = [foreign_host(names[pair // len(rows.known)], rows.known[pair % len(rows.known)]) for pair in unique]
    return pa.array(found, pa.string()).take(pa.array(where))


def _foreign_ids(ids: pa.Array, rows: RowSources) -> pa.Array:
    prefix = pc.struct_field(pc.extract_regex(ids, r"^(?P<slug>[^:]*):(?s:.)"), "slug")
    own = pc.equal(prefix, rows.values(lambda source: source.slug, pa.string())).fill_null(False)
    return pc.if_else(own, pa.scalar(None, pa.string()), ids)


def _foreign_languages(languages: pa.Array, rows: RowSources) -> pa.Array:
    stated = rows.values(lambda source: source.language, pa.string())
    return pc.if_else(pc.not_equal(languages, stated).fill_null(False), languages, pa.scalar(None, pa.string()))


def _site_names(titles: pa.Array, rows: RowSources) -> pa.Array:
    """The titles that are a name of their source, else null."""
    names = [
        f"{code}\x1f{_lowered(name)}"
        for code, source in enumerate(rows.known)
        for name in {source.name, source.slug, *source.hosts}
    ]
    keys = pc.binary_join_element_wise(pa.array(rows.codes).cast(pa.string()), titles, "\x1f")
    named = pc.is_in(keys, value_set=pa.array(names, pa.string()))
    return pc.if_else(named, titles, pa.scalar(None, pa.string()))


def _lowered(text: str) -> str:
    return " ".join(text.split()).lower()


def _collapsed(texts: pa.Array) -> pa.Array:
    """Texts of one line in lower case, without differences of white space; null for white space alone."""
    blanks = pc.match_substring_regex(texts, _BLANK).fill_null(False)
    if pc.any(blanks).as_py():
        plain = [" ".join(text.split()) for text in texts.filter(blanks).to_pylist()]
        texts = pc.replace_with_mask(texts, blanks, pa.array(plain, pa.string()))
    return _without_empty(pc.utf8_lower(texts))


def _without_empty(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.greater(pc.utf8_length(texts), 0), texts, pa.scalar(None, pa.string()))


def _moments(times: pa.Array) -> Any:
    """Times as floats, microseconds since 1970; NaN for null."""
    return times.cast(pa.int64()).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)


def _only(values: pa.Array, mask: pa.Array) -> pa.Array:
    return pc.if_else(mask.fill_null(False), values, pa.scalar(None, values.type))


def _time_figures(articles: pa.Table, rows: RowSources) -> dict[str, Any]:
    published, fetched = (_moments(articles[name].combine_chunks()) for name in ("published_at", "fetched_at"))
    began = [dt.datetime.combine(source.since, dt.time(), source.zone).timestamp() * 1e6 for source in rows.known]
    return {
        "hours_online": (fetched - published) / 3600e6,
        "years_into_source": (published - np.array(began)[rows.codes]) / _YEAR,
    }


def _text_figures(articles: pa.Table, rows: RowSources) -> dict[str, Any]:
    text, access = articles["text"].combine_chunks(), articles["access"].combine_chunks()
    length = pc.utf8_length(text)
    length = _only(length, pc.greater(length, 0))
    words = pc.list_value_length(pc.ascii_split_whitespace(pc.utf8_trim_whitespace(text)))
    is_paid = pc.equal(access, "paid").fill_null(False)
    whole = pc.and_(pc.invert(is_paid), pc.is_valid(length))
    stated = articles["stated_word_count"].combine_chunks()
    open_to_all = pc.invert(pc.is_in(access, value_set=pa.array(["paid", "registration"])))
    counted = pc.and_(pc.greater_equal(stated, checks.STATED_WORDS).fill_null(False), open_to_all)
    ratio = pc.divide(words.fill_null(0).cast(pa.float64()), _only(stated, counted).cast(pa.float64()))
    named = rows.values(lambda source: any(layout.word_count for layout in source.layouts), pa.bool_())
    return {
        "text_length": length,
        "paid_text_length": _only(length, is_paid),
        "whole_text_length": _only(length, whole),
        "whole_text_words": _only(words, whole),
        "stated_ratio": _only(ratio, named),
        "stated_ratio_rough": _only(ratio, pc.invert(named)),
        "replaced_characters": sum(
            pc.count_substring(articles[name].combine_chunks(), "\ufffd").fill_null(0).to_numpy(zero_copy_only=False)
            for name in ("title", "lead", "text")
        ),
    }


def _may_be_placeholder(articles: pa.Table) -> pa.Array:
    """True for articles that can be a page served in place of another: short, and without a time on the page. An
    article under several addresses has one."""
    stated = pc.is_in(articles["published_from"].combine_chunks(), value_set=pa.array(["jsonld", "meta", "page"]))
    return pc.and_(
        pc.invert(stated), pc.less_equal(pc.utf8_length(articles["text"].combine_chunks()), _NOTICES).fill_null(False)
    )


def _notice_shares(text: pa.Array, kind: notices.NoticeKind) -> Any:
    """The share of each text that is a kind of notice. Texts without any of its words, and long ones, have none."""
    found = np.zeros(len(text))
    is_short = pc.less_equal(pc.utf8_length(text), _NOTICES).fill_null(False)
    numbers = np.flatnonzero(is_short.to_numpy(zero_copy_only=False))
    short = text.take(pa.array(numbers))
    possible = notices.may_have_notice(kind, short).to_numpy(zero_copy_only=False)
    for number in numbers[possible]:
        found[number] = notices.notice_share(kind, text[number].as_py())
    return found


def _line_figures(articles: pa.Table, teasers: TeaserTexts) -> dict[str, Any]:
    """The figures that need each line of the texts, for some articles at a time."""
    repeated, inside = [np.zeros(0)], [np.zeros(0)]
    for start in range(0, articles.num_rows, _SLICE):
        part = articles.slice(start, _SLICE)
        lines = fold_lines(part["text"].combine_chunks())
        repeated.append(repeated_shares(lines))
        inside.append(teasers.count_in(part["article_id"].to_pylist(), lines))
    return {"repeated_share": np.concatenate(repeated), "teasers_inside": np.concatenate(inside)}


def _presence(column: pa.ChunkedArray) -> pa.Array:
    """White space alone is no text; of a structure it only matters that there is one."""
    values = column.combine_chunks()
    if pa.types.is_struct(values.type):
        return pc.if_else(pc.is_valid(values), pa.scalar("present"), pa.scalar(None, pa.string()))
    if pa.types.is_string(values.type):
        return _only(values, pc.match_substring_regex(values, _WORD))
    return values


def build_frame(articles: pa.Table, teasers: pa.Table, source: Source) -> Any:
    """A pandas frame with one row for each article, in their order; its column ``row`` has their number.

    Args:
        articles: rows of ``articles``.
        teasers: rows of ``teasers`` of the same pages.
        source: of the batch. Of :data:`klartext.sources.OTHER`, each row is checked as one of its own site.
    """
    rows = RowSources(articles, source)
    names = dict.fromkeys([*model.required(model.Article), *model.allowed(model.Article), "lead", "text"])
    text, title = articles["text"].combine_chunks(), articles["title"].combine_chunks()
    plain = _collapsed(title)
    columns: dict[str, Any] = {"row": np.arange(articles.num_rows)}
    columns |= {name: _presence(articles[name]) for name in names}
    columns |= {
        "foreign_article_id": _foreign_ids(_presence(articles["article_id"]), rows),
        "foreign_url_host": _foreign_hosts(articles["url"], rows),
        "foreign_canonical_url_host": _foreign_hosts(articles["canonical_url"], rows),
        "foreign_language": _foreign_languages(articles["language"].combine_chunks(), rows),
        "title_site_name": _site_names(plain, rows),
    }
    numbers = {
        "title_length": pc.utf8_length(_without_empty(pc.utf8_trim_whitespace(title))),
        "word_count": articles["word_count"].combine_chunks(),
        "repeated_elsewhere": _only(pa.array(equal_texts.equal_elsewhere(articles)), _may_be_placeholder(articles)),
        "consent_share": _notice_shares(text, notices.CONSENT),
        "paywall_share": _notice_shares(text, notices.PAYWALL),
        **_time_figures(articles, rows),
        **_text_figures(articles, rows),
        **_line_figures(articles, TeaserTexts(teasers, source)),
    }
    floats = {name: _float(values) for name, values in numbers.items()}
    return pa.table(columns | floats).to_pandas()


def _float(values: Any) -> pa.Array:
    """Numbers as floats, also where a column has no number at all."""
    values = values if isinstance(values, pa.Array) else pa.array(values)
    return values.cast(pa.float64())
