"""How well extracted articles agree with gold: the share of 4-word shingles, and whole lines leaked and lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

QUOTES = str.maketrans(dict.fromkeys("„“”«»‟″", '"') | dict.fromkeys("‚‘’‛′`´‹›", "'") | dict.fromkeys("–—‒‐‑−", "-"))
_DENSE = "\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af"


@dataclasses.dataclass(slots=True)
class Score:
    """Of one page. What the gold does not say is None and does not count."""

    f1: float
    leaked: int
    lost: int
    lead: bool | None
    title: bool | None
    minute: bool | None
    authors: bool | None


def words(text: str | None) -> list[str]:
    """The words of a text, lower-cased; a Chinese, Japanese or Korean character is a word."""
    plain = unicodedata.normalize("NFKC", text or "").replace("\xad", "").translate(QUOTES)
    return re.findall(rf"[{_DENSE}]|[^\W{_DENSE}]+", plain.lower())


def shingles(text: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    """The runs of ``size`` words, counted; a shorter text is one."""
    if len(text) < size:
        return Counter([tuple(text)] if text else [])
    return Counter(tuple(text[i : i + size]) for i in range(len(text) - size + 1))


def share(part: Counter[tuple[str, ...]], whole: Counter[tuple[str, ...]]) -> float:
    """The share of the one counter that the other holds too."""
    return (part & whole).total() / part.total() if part else 1.0


def score(gold: Mapping[str, Any], row: Mapping[str, Any] | None) -> Score:
    """One page's row of articles against its gold; a page without a row counts as empty."""
    row = row or {}
    titles = [" ".join(words(title)) for title in gold.get("titles") or []]
    neutral = [" ".join(words(line)) for line in gold.get("neutral") or []]

    def counted(lines: list[str]) -> list[str]:
        return [line for line in lines if (key := " ".join(words(line))) and not key.startswith(tuple(neutral))]

    want = counted([*(gold.get("lead") or []), *gold["lines"]])
    got = counted([row.get("lead") or "", *(row.get("text") or "").split("\n")])
    a, b = shingles(words("\n".join(got)), 4), shingles(words("\n".join(want)), 4)
    precision, recall = (share(a, b) if got else 0.0), share(b, a)
    have, wanted = shingles(words("\n".join(got)), 3), shingles(words("\n".join(want)), 3)
    in_both = _lines(want) & _lines(got)  # a line of two words, as subheadings are, has no shingle of three

    def missing(line: str, there: Counter[tuple[str, ...]], least: float) -> bool:
        return tuple(words(line)) not in in_both and share(shingles(words(line), 3), there) < least

    lead = words(" ".join(gold.get("lead") or []))
    return Score(
        f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        leaked=sum(missing(line, wanted, 0.3) for line in got),
        lost=sum(missing(line, have, 0.5) for line in want),
        lead=share(shingles(lead, 3), shingles(words(row.get("lead")), 3)) > 0.8 if lead else None,
        title=" ".join(words(row.get("title"))) in titles if titles else None,
        minute=_minute(row.get("published_at")) == _minute(gold["published_at"]) if gold.get("published_at") else None,
        authors=_people(row.get("authors")) == _people(gold["authors"]) if gold.get("authors") else None,
    )


def _lines(lines: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words(line)) for line in lines}


def _minute(value: dt.datetime | str | None) -> dt.datetime | None:
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(dt.UTC).replace(second=0, microsecond=0) if moment else None


def _people(names: Sequence[str] | None) -> set[str]:
    return {" ".join(words(name)) for name in names or []}


def total(scores: Sequence[Score]) -> dict[str, float]:
    """Means over the pages; leaked and lost are lines per 100 pages."""
    found = {"pages": float(len(scores)), "f1": statistics.fmean(s.f1 for s in scores)}
    found |= {name: 100 * statistics.fmean(getattr(s, name) for s in scores) for name in ("leaked", "lost")}
    for name in ("lead", "title", "minute", "authors"):
        known = [getattr(s, name) for s in scores if getattr(s, name) is not None]
        found[name] = statistics.fmean(known) if known else 1.0
    return found
