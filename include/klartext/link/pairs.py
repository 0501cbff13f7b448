"""The rows of ``shared_text``: pairs of articles that share text, and what kind of sharing it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from klartext import model
from klartext.link import candidates, verify
from klartext.link.verify import Shared
from klartext.link.window import Window

DAYS = 30
"""Days between the publication of two articles up to which they are compared."""
COPY = 0.5
"""Share of the shorter article from which a pair is a copy or a version."""
QUOTE, WHOLE = 0.4, 0.8
"""Quoted share from which a pair shares a quote; share of the shorter article from which it is a copy nevertheless, of
an interview perhaps."""
_DAY = 86_400_000_000


def find(window: Window) -> Shared:
    """The pairs of a window that share text, and of which an article is of its month."""
    hashes, articles, counts = window.fingerprints()
    one, another = candidates.find(hashes, articles, counts, window.first)
    del hashes, articles
    near = np.abs(window.moments[one] - window.moments[another]) <= DAYS * _DAY
    near &= window.sizes[one] == window.sizes[another]
    return verify.find(window, one[near], another[near])


def rows(window: Window, shared: Shared) -> pa.Table:
    """The pairs as rows of ``shared_text``."""
    found = [
        _row(window, *pair)
        for pair in zip(
            shared.one.tolist(), shared.another.tolist(), shared.words.tolist(), shared.quoted_share.tolist(),
            shared.longest_run.tolist(), strict=True,
        )
    ]  # fmt: skip
    return model.table(model.SharedText, found)


def _row(window: Window, one: int, another: int, words: int, quoted_share: float, longest_run: int) -> dict[str, Any]:
    ids = window.rows["article_id"]
    this, other = sorted((one, another), key=ids.__getitem__)
    shares = [min(1.0, words / int(window.words[number])) for number in (this, other)]
    same_publisher = _same_publisher(window, this, other)
    return {
        "article_id": ids[this],
        "other_id": ids[other],
        "version_id": window.rows["version_id"][this],
        "other_version_id": window.rows["version_id"][other],
        "shared_words": words,
        "share_of_this": shares[0],
        "share_of_other": shares[1],
        "longest_run": longest_run,
        "quoted_share": quoted_share,
        "first_published_id": _first_published(window, this, other),
        "same_agency": not _names(window, this).isdisjoint(_names(window, other)),
        "same_publisher": same_publisher,
        "kind": kind(max(shares), quoted_share, same_publisher),
        "rules": model.SHARED_TEXT_RULES,
    }


def kind(share_of_shorter: float, quoted_share: float, same_publisher: bool) -> model.SharedKind:
    """The kind of a pair, by the share of the shorter article and that of quoted words in what is shared."""
    if quoted_share >= QUOTE and share_of_shorter < WHOLE:
        return "quote"
    if share_of_shorter < COPY:
        return "excerpt"
    return "version" if same_publisher else "copy"


def _same_publisher(window: Window, this: int, other: int) -> bool:
    owners, names = window.rows["owner"], window.rows["publisher"]
    return bool(owners[this] == owners[other] or names[this].casefold() == names[other].casefold())


def _names(window: Window, number: int) -> set[str]:
    return {name.casefold() for name in window.rows["agencies"][number]}


def _first_published(window: Window, this: int, other: int) -> str | None:
    moments = window.moments
    if not (window.to_the_minute[this] and window.to_the_minute[other]) or moments[this] == moments[other]:
        return None
    return str(window.rows["article_id"][this if moments[this] < moments[other] else other])
