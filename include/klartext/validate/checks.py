"""All checks as data: code, meaning, and the expectation that carries it out.

The codes are stable: they are in ``rejects.reasons`` and in verdicts. An expectation is named as in Great Expectations,
without importing it.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from klartext import model

Severity = Literal["critical", "warning"]


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """``arguments`` are those of the expectation; ``means`` says what is wrong with a value that fails.

    A critical check rejects the row, or refuses the batch; a warning is only reported.
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
"""Share of a text's characters in lines that occurred before; refrains and live blogs repeat up to a tenth."""
EQUAL_PAGES = 2
"""Other articles of a site that may have an undated article's text: it may be there in several sections. A page that is
served in place of many articles has it more often."""
STATED_WORDS = 50
"""Words from which a publisher's own count is used: below, a caption more or less may be half of it."""
STATED_RATIO, STATED_RATIO_ROUGH = (0.5, 2.0), (0.3, 3.5)
"""Words of a text to those that its publisher counts. Publishers count boxes, captions and the lead or leave them out;
where no source file names the element, the count on a page is only roughly right."""
REPLACED_CHARACTERS = 3
"""Replacement characters that a publisher's own page may contain; a wrong charset gives far more."""
CLOCKS_APART = 1.0
"""Hours by which the publisher's clock may be ahead of ours."""
YEARS_BEFORE = 20
"""Years before a source's first day from which its archive may still come."""

_MISREAD = (
    r"Ã[\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]"  # ä ö ü ß é: two bytes of UTF-8 taken for two characters
    r"|Â[\xa0-\xbf]|[ÄÅ][°±ŸŽž\x80-\x9f]|â€|ï»¿"
)
_CONTROL = r"[\x00-\x09\x0b-\x1f\x7f-\x9f]"


def row_checks() -> list[Check]:
    """The checks of every article. Columns that the table does not have are computed by ``facts``, those that depend on
    the article's source among them, so that one suite checks articles of any number of sources."""
    checks = [
        Check(f"{_dashed(name)}-missing", f"no {name}", "ExpectColumnValuesToNotBeNull", {"column": name})
        for name in model.required(model.Article)
    ]
    checks += [
        Check(f"{_dashed(name)}-unknown", f"{name} is none of its allowed values", "ExpectColumnValuesToBeInSet",
              {"column": name, "value_set": words})
        for name, words in model.allowed(model.Article).items()
    ]  # fmt: skip
    return checks + _identity() + _times() + _title() + _text() + _stated()


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def between(code: str, means: str, column: str, low: float | None, high: float | None) -> Check:
    """A check that a number is within bounds, both included; None is no bound."""
    bounds = {"min_value": low, "max_value": high}
    arguments = {"column": column, **{k: v for k, v in bounds.items() if v is not None}}
    return Check(code, means, "ExpectColumnValuesToBeBetween", arguments)


def _none(code: str, means: str, column: str) -> Check:
    """A check of a column that has a value only in the rows that fail."""
    return Check(code, means, "ExpectColumnValuesToBeNull", {"column": column})


def _identity() -> list[Check]:
    return [
        _none("article-id-of-another-source", "the article's number is another source's", "foreign_article_id"),
        *(
            _none("address-outside-source", f"the host of {name} is none of the source's", f"foreign_{name}_host")
            for name in ("url", "canonical_url")
        ),
        _none("language-of-another-source", "the text is not in the source's language", "foreign_language"),
    ]


def _times() -> list[Check]:
    return [
        between("published-after-capture", "published after it was captured", "hours_online", -CLOCKS_APART, None),
        between("published-before-source", "published long before the source began", "years_into_source",
                 -YEARS_BEFORE, None),
        between("word-count-wrong", "word_count cannot be", "word_count", 1, None),
    ]  # fmt: skip


def _title() -> list[Check]:
    return [
        between("title-too-short", "the title has hardly a letter", "title_length", TITLE_LENGTH[0], None),
        between("title-too-long", "the title is a paragraph", "title_length", None, TITLE_LENGTH[1]),
        _none("title-is-site-name", "the title names the site and not the article", "title_site_name"),
    ]


def _text() -> list[Check]:
    return [
        between("text-too-short", "next to no text before the paywall", "paid_text_length", PAID_TEXT_LENGTH, None),
        between("text-too-short", "too few characters for an article", "whole_text_length", TEXT_LENGTH[0], None),
        between("text-too-short", "too few words for an article", "whole_text_words", TEXT_WORDS, None),
        between("text-too-long", "more text than an article has", "text_length", None, TEXT_LENGTH[1]),
        between("text-is-consent-notice", "the text is a consent notice", "consent_share", None, NOTICE_SHARE),
        between("text-is-paywall-notice", "the text is a paywall", "paywall_share", None, NOTICE_SHARE),
        between("repeated-page", "the same text is at many other addresses", "repeated_elsewhere", None, EQUAL_PAGES),
        between("text-repeats-itself", "lines are repeated in the text", "repeated_share", None,
                 REPEATED_SHARE),
        between("teaser-in-text", "the text of a teaser is in the text", "teasers_inside", None, 0),
        between("characters-broken", "characters that could not be decoded", "replaced_characters", None,
                 REPLACED_CHARACTERS),
        *(Check("characters-broken", f"{name} was read with the wrong charset", "ExpectColumnValuesToNotMatchRegex",
                {"column": name, "regex": f"{_MISREAD}|{_CONTROL}"}) for name in ("title", "lead", "text")),
    ]  # fmt: skip


def _stated() -> list[Check]:
    return [
        check
        for column, (low, high) in {"stated_ratio": STATED_RATIO, "stated_ratio_rough": STATED_RATIO_ROUGH}.items()
        for check in (
            between("text-shorter-than-stated", "far fewer words than the publisher counts", column, low, None),
            between("text-longer-than-stated", "far more words than the publisher counts", column, None, high),
        )
    ]


FEW = 5
"""Pages below which shares mean nothing: a batch with fewer is not checked for them."""
ALL_OF = 3
"""Pages of a small batch that must all show the same fault for the batch to be refused."""
FEW_OF_SITE = 10
"""As :data:`FEW`, for a site in a batch of hosts without a source file."""


def batch_checks() -> list[Check]:
    """The checks of every batch with fixed bounds, on the metrics of its account.

    Those against the source's own past are in :mod:`klartext.validate.history` and replace the warnings here.
    """
    # fmt: off
    return [
        between("batch-placeholders", "most pages are placeholders", "placeholder_share", None, 0.5),
        _warning(between("batch-placeholders", "there are placeholders among the pages", "placeholder_share", None, 0)),
        between("batch-equal-texts", "too many articles have the text of another one", "equal_text_share", None, 0.3),
        _warning(
            between("batch-equal-texts", "many articles have the text of another one", "equal_text_share", None, 0.1)
        ),
        between("batch-rejects", "too many pages were rejected", "rejected_share", None, 0.5),
        between("batch-titles", "too many pages without a title", "without_title_share", None, 0.3),
        between("batch-texts", "too many pages without a text", "without_text_share", None, 0.3),
        between("batch-times", "too many articles without a time", "without_time_share", None, 0.5),
        _warning(
            between("batch-body", "no selector of `body` matches on many pages", "without_body_share", None, 0.5)
        ),
        _warning(
            between("batch-incomplete", "many pages come without their text, which a script loads",
                    "incomplete_share", None, 0.3)
        ),
        _warning(
            between("batch-stated-times", "the time of many articles is stated nowhere", "unstated_time_share", None,
                    0.5)
        ),
        _warning(between("batch-leads", "many articles without a lead", "without_lead_share", None, 0.8)),
        _warning(
            between("batch-authors", "no article with an author or an agency", "without_author_share", None, 0.95)
        ),
    ]


def small_batch_checks(pages: int, placeholders: int, equal_texts: int, *, body_always_matched: bool) -> list[Check]:
    """The checks of a batch with fewer than :data:`FEW` pages: only what all of its pages have in common counts.

    Args:
        pages: the pages that should be articles, without placeholders.
        placeholders: the placeholders.
        equal_texts: the articles with the text of another one.
        body_always_matched: true if a selector of the body matched on every page of the past.

    From :data:`ALL_OF` pages on, what can have no other cause refuses the batch.
    """
    found = []
    if placeholders:
        some = between("batch-placeholders", "there are placeholders among the pages", "placeholder_share", None, 0)
        found.append(_warning(some))
    if placeholders >= ALL_OF:
        found.append(between("batch-placeholders", "most pages are placeholders", "placeholder_share", None, 0.5))
    if pages >= 2:
        body = between("batch-body", "no selector of `body` matches on any page", "without_body_share", None, 0.99)
        found.append(body if pages >= ALL_OF and body_always_matched else _warning(body))
    if equal_texts:
        equal = between("batch-equal-texts", "all articles have the same text", "equal_text_share", None, 0.99)
        found.append(equal if equal_texts >= ALL_OF else _warning(equal))
    return found


def _warning(check: Check) -> Check:
    return dataclasses.replace(check, severity="warning")
