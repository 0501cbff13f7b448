"""A batch in figures, and held against itself: every page that it knew of has to come out as something.

Two rows are of one page if :func:`klartext.urls.page_key` is the same. A page that was captured, in any run of the
batch, counts by the outcome of its captures; any other by the outcome of its last attempt. So the account is the same
for a first run, a rerun that takes most of its captures from the runs before, a replay and an import.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from klartext import fetch_log, model, urls
from klartext.batch import Batch
from klartext.model import OUTCOMES
from klartext.sources import Source

NO_TITLE = {"title-missing", "no-title"}
NO_TEXT = {"text-missing", "text-too-short", "no-text"}
"""Codes of extraction and of the row checks."""

Place = tuple[str, int]
"""The file and the offset of a capture."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tally:
    """What became of a batch's pages. ``lost`` are pages without an outcome, by address; ``orphans`` are captures of
    which nothing was made, and ``unknown`` counts articles of which no fetch tells."""

    discovered: int
    outcomes: Mapping[str, int]
    origins_failed: int
    captures: int
    articles: int
    rejected_by_extract: int
    lost: list[str]
    orphans: int
    unknown: int

    @property
    def adds_up(self) -> bool:
        whole = not (self.lost or self.orphans or self.unknown)
        return whole and self.discovered == sum(self.outcomes.values())

    def in_words(self) -> str:
        """Why it does not add up, as one line."""
        told = (
            f"{self.captures} pages captured, {self.articles} articles and {self.rejected_by_extract} rejects made of "
            f"them: {self.orphans} captures became nothing, {self.unknown} articles have no capture"
        )
        if self.lost:
            told += f"; {len(self.lost)} of {self.discovered} pages came to nothing, {self.lost[0]} first"
        return told


def _places(rows: Iterable[Mapping[str, Any]]) -> set[Place]:
    return {(row["capture"]["file"], row["capture"]["offset"]) for row in rows if row["capture"]}


def tally(
    fetches: Iterable[Mapping[str, Any]],
    candidates: Iterable[str],
    articles: Iterable[Mapping[str, Any]],
    rejects: Iterable[Mapping[str, Any]],
) -> Tally:
    """Counts every page once.

    ``fetches`` are the rows of all runs of the batch, ``candidates`` the addresses that discovery named, ``articles``
    what extraction made, of which those that a row check refused are in ``rejects`` too.
    """
    pages: dict[str, list[Mapping[str, Any]]] = {urls.page_key(url): [] for url in candidates}
    origins: dict[str, Mapping[str, Any]] = {}
    for row in sorted(fetches, key=lambda row: row["attempt"]):
        if row["discovered_from"].startswith(fetch_log.ORIGIN_PREFIX):
            origins[row["url"]] = row
        else:
            pages.setdefault(urls.page_key(row["url"]), []).append(row)
    rejects = list(rejects)
    made, refused = _places(articles), _places(rejects)
    early = _places(row for row in rejects if row["stage"] == "extract") - made
    accepted = made - refused
    captured = _places(row for rows in pages.values() for row in rows if row["outcome"] == "captured")
    outcomes = dict.fromkeys(OUTCOMES, 0)
    lost = []
    for page, rows in pages.items():
        if outcome := _outcome(rows, accepted, refused):
            outcomes[outcome] += 1
        else:
            lost.append(rows[0]["url"] if rows else page)
    return Tally(
        discovered=len(pages),
        outcomes=outcomes,
        origins_failed=len(origins),
        captures=len(captured),
        articles=len(made),
        rejected_by_extract=len(early),
        lost=sorted(lost),
        orphans=len(captured - made - refused),
        unknown=len(made - captured),
    )


def _outcome(rows: list[Mapping[str, Any]], accepted: set[Place], refused: set[Place]) -> str | None:
    """What became of a page, given its attempts in their order; None for one that came to nothing."""
    captured = [row for row in rows if row["outcome"] == "captured"]
    if captured:
        places = _places(captured)
        return "published" if places & accepted else "rejected" if places & refused else None
    return str(rows[-1]["outcome"]) if rows else None


def _expected(url: str | None, source: Source) -> bool:
    """Whether the page should have been an article. An imported file may hold front pages and feeds too."""
    try:
        return url is None or source.is_article(source.normalize_url(url))
    except ValueError:
        return True


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def figures(
    accepted: pa.Table, rejects: list[dict[str, Any]], source: Source, removed: pa.Table | None = None, made: int = 0
) -> dict[str, Any]:
    """What the batch checks look at, by the names of the columns of ``batches``; None where there is nothing to count.

    Rejects whose address is none of an article, by the source's file, do not count. ``removed`` tells what the noise
    rules took out of the pages of the ``made`` articles.
    """
    failed = [set(row["reasons"]) for row in rejects if _expected(row["url"], source)]
    kept = accepted.num_rows
    pages = kept + len(failed)
    people = [bool(authors or agencies) for authors, agencies in
              zip(accepted["authors"].to_pylist(), accepted["agencies"].to_pylist(), strict=True)]  # fmt: skip
    lengths = [len(text) for text in accepted["text"].to_pylist()]
    noise = [row["characters"] for row in removed.to_pylist() if row["rule"] != "lead"] if removed is not None else None
    return {
        "pages": pages,
        "rejected_share": _share(len(failed), pages),
        "without_title_share": _share(sum(bool(codes & NO_TITLE) for codes in failed), pages),
        "without_text_share": _share(sum(bool(codes & NO_TEXT) for codes in failed), pages),
        "without_time_share": _share(accepted["published_at"].null_count, kept),
        "without_lead_share": _share(accepted["lead"].null_count, kept),
        "without_author_share": _share(people.count(False), kept),
        "median_length": float(statistics.median(lengths)) if lengths else None,
        "noise_removed": _share(sum(noise), made) if noise is not None else None,
    }


def row(
    batch: Batch, found: Tally, shown: Mapping[str, Any], articles: pa.Table, skipped: list[model.Skipped]
) -> model.Account:
    """The account as a row of ``batches``, before the checks have run."""
    return model.Account(
        batch=batch.name, start=batch.start, end=batch.end, imported=batch.imported, verdict="passed", reasons=[],
        warnings=[], **found.outcomes, **shown, discovered=found.discovered, origins_failed=found.origins_failed,
        captures=found.captures, articles=found.articles,
        extractor="; ".join(sorted(set(articles["extractor"].to_pylist()))) or None,
        rules=sorted(set(articles["rules"].to_pylist())), schema_version=model.SCHEMA_VERSION, skipped=skipped,
        great_expectations=None,
    )  # fmt: skip


def judged(
    row: model.Account, *, reasons: list[str], warnings: list[str], great_expectations: str | None
) -> model.Account:
    """The account with what the gate said. Of a batch that was refused nothing is published, it is ``withheld``."""
    verdict: model.Verdict = "refused" if reasons else "warned" if warnings else "passed"
    said: dict[str, Any] = {"verdict": verdict, "reasons": reasons, "warnings": warnings}
    held: dict[str, Any] = {"withheld": row.published, "published": 0} if reasons else {}
    return dataclasses.replace(row, great_expectations=great_expectations, **said, **held)


def line(account: model.Account) -> str:
    """The account as one line of a log."""
    parts = [f"{getattr(account, name)} {name}" for name in OUTCOMES if getattr(account, name)]
    shares = [
        f"{name} {value:.0%}"
        for name, value in (
            ("rejected", account.rejected_share), ("without lead", account.without_lead_share),
            ("without time", account.without_time_share), ("without author", account.without_author_share),
        ) if value is not None
    ]  # fmt: skip
    length = [f"median {account.median_length:,.0f} characters"] if account.median_length is not None else []
    origins = [f"{account.origins_failed} origins failed"] if account.origins_failed else []
    told = "; ".join([f"{account.discovered} discovered = {' + '.join(parts) or '0'}", *origins, *length, *shares])
    flags = f" ({', '.join(account.warnings)})" if account.warnings else ""
    return f"{account.batch}: {account.verdict}{flags}: {told}"
