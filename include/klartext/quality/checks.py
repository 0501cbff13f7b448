"""Every check as data: its code, what it asks, and the expectation that asks it.

The codes are promises: they stand in ``rejects.reasons`` and in verdicts, and whoever counts them relies on them.
An expectation is named as Great Expectations names it, without importing it.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Literal

from klartext import model
from klartext.sources import Source

Severity = Literal["critical", "warning"]


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """``arguments`` are those of the expectation; ``means`` says what is wrong with what fails.

    A critical check refuses the row, or the batch if it looks at one; a warning is only told.
    """

    code: str
    means: str
    expectation: str
    arguments: dict[str, Any]
    severity: Severity = "critical"


TITLE_LENGTH = (3, 300)
"""Characters of a title."""
TEXT_LENGTH = (200, 1_000_000)
"""Characters of a whole text: short wire items have some 300, the longest live blogs some 300,000."""
TEXT_WORDS = 30
PAID_TEXT_LENGTH = 40
"""Characters of what a page shows before its paywall: one sentence."""
NOTICE_SHARE = 0.5
"""Share of a text's characters in sentences of a notice, above which the text is that notice."""
REPEATED_SHARE = 0.3
"""Share of a text's characters in lines that stood before; refrains and live blogs repeat up to a tenth."""
REPLACED_CHARACTERS = 3
"""Characters that a publisher's own page may have lost; a wrong charset loses far more."""
CLOCKS_APART = 1.0
"""Hours by which the publisher's clock may be ahead of ours."""
YEARS_BEFORE = 20
"""Years before a source's first day from which its archive may still come."""

_MISREAD = (
    r"Ã[\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]"  # ä ö ü ß é: two bytes of UTF-8 taken for two characters
    r"|Â[\xa0-\xbf]|[ÄÅ][°±ŸŽž\x80-\x9f]|â€|ï»¿"
)
_CONTROL = r"[\x00-\x09\x0b-\x1f\x7f-\x9f]"


def row_checks(source: Source) -> list[Check]:
    """What every article of a source has to fulfil. Columns that the table does not have are made by ``facts``."""
    checks = [
        Check(f"{_dashed(name)}-missing", f"no {name}", "ExpectColumnValuesToNotBeNull", {"column": name})
        for name in model.required(model.Article)
    ]
    checks += [
        Check(f"{_dashed(name)}-unknown", f"{name} is none of its words", "ExpectColumnValuesToBeInSet",
              {"column": name, "value_set": words})
        for name, words in model.allowed(model.Article).items()
    ]  # fmt: skip
    return checks + _identity(source) + _times() + _title(source) + _text() + _language(source)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _between(code: str, means: str, column: str, low: float | None, high: float | None) -> Check:
    bounds = {"min_value": low, "max_value": high}
    arguments = {"column": column, **{k: v for k, v in bounds.items() if v is not None}}
    return Check(code, means, "ExpectColumnValuesToBeBetween", arguments)


def _identity(source: Source) -> list[Check]:
    hosts = [*source.hosts, source.slug]
    return [
        Check("article-id-of-another-source", "the article's number is another source's",
              "ExpectColumnValuesToMatchRegex", {"column": "article_id", "regex": rf"^{re.escape(source.slug)}:."}),
        *(Check("address-outside-source", f"{name} is none of the source's hosts", "ExpectColumnValuesToBeInSet",
                {"column": f"{name}_host", "value_set": hosts}) for name in ("url", "canonical_url")),
    ]  # fmt: skip


def _times() -> list[Check]:
    return [
        _between("published-after-capture", "published after it was captured", "hours_online", -CLOCKS_APART, None),
        _between("published-before-source", "published long before the source began", "years_into_source",
                 -YEARS_BEFORE, None),
        _between("word-count-wrong", "word_count cannot be", "word_count", 1, None),
    ]  # fmt: skip


def _title(source: Source) -> list[Check]:
    return [
        _between("title-too-short", "the title has hardly a letter", "title_length", TITLE_LENGTH[0], None),
        _between("title-too-long", "the title is a paragraph", "title_length", None, TITLE_LENGTH[1]),
        Check("title-is-site-name", "the title names the site and not the article", "ExpectColumnValuesToNotBeInSet",
              {"column": "title_plain", "value_set": sorted({source.name.casefold(), source.slug, *source.hosts})}),
    ]  # fmt: skip


def _text() -> list[Check]:
    return [
        _between("text-too-short", "next to no text before the paywall", "paid_text_length", PAID_TEXT_LENGTH, None),
        _between("text-too-short", "too few characters for an article", "whole_text_length", TEXT_LENGTH[0], None),
        _between("text-too-short", "too few words for an article", "whole_text_words", TEXT_WORDS, None),
        _between("text-too-long", "more text than an article has", "text_length", None, TEXT_LENGTH[1]),
        _between("text-is-consent-notice", "the text is a consent notice", "consent_share", None, NOTICE_SHARE),
        _between("text-is-paywall-notice", "the text is a paywall", "paywall_share", None, NOTICE_SHARE),
        _between("text-repeats-itself", "lines stand in the text again and again", "repeated_share", None,
                 REPEATED_SHARE),
        _between("teaser-in-text", "the text of a teaser stands in the text", "teasers_inside", None, 0),
        _between("characters-broken", "characters that could not be read", "replaced_characters", None,
                 REPLACED_CHARACTERS),
        *(Check("characters-broken", f"{name} was read with the wrong charset", "ExpectColumnValuesToNotMatchRegex",
                {"column": name, "regex": f"{_MISREAD}|{_CONTROL}"}) for name in ("title", "lead", "text")),
    ]  # fmt: skip


def _language(source: Source) -> list[Check]:
    return [
        Check("language-of-another-source", f"the text is not in the source's language, {source.language}",
              "ExpectColumnValuesToBeInSet", {"column": "language", "value_set": [source.language]}),
    ]  # fmt: skip


FEW = 5
"""Pages below which shares say nothing: a batch with fewer is not held against them."""


def batch_checks() -> list[Check]:
    """What a batch has to fulfil as a whole: bounds on the one row of figures that ``account`` makes of it.

    The bounds are fixed. Bounds from a source's own past come in as other numbers of the same checks.
    """
    return [
        _between("batch-rejects", "too many pages were rejected", "rejected_share", None, 0.5),
        _between("batch-titles", "too many pages without a title", "without_title_share", None, 0.3),
        _between("batch-texts", "too many pages without a text", "without_text_share", None, 0.3),
        _between("batch-times", "too many articles without a time", "without_time_share", None, 0.5),
        dataclasses.replace(
            _between("batch-leads", "many articles without a lead", "without_lead_share", None, 0.8),
            severity="warning",
        ),
        dataclasses.replace(
            _between("batch-authors", "no article with an author or an agency", "without_author_share", None, 0.95),
            severity="warning",
        ),
    ]
