"""Printing rows on a terminal."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from klartext.model import ARTICLES_FOLDED, OUTCOMES, Article, Candidate
from klartext.terminal import Terminal, styled

if TYPE_CHECKING:
    from klartext.extract.step import Explanation

_ADDRESSES = 10
"""Addresses of folded articles that are listed for a batch; its quality page has more."""


def articles(console: Terminal, rows: Iterable[Article]) -> None:
    """Each article as of :func:`article`."""
    for row in rows:
        article(console, row)


def article(console: Terminal, row: Article) -> None:
    """The article as readers see it, then its other columns."""
    width = min(console.width, 96)
    console.print(Rule(style="dim"))
    if row.kicker:
        console.print(styled(row.kicker, style="cyan"))
    console.print(styled(row.title, style="bold"), width=width)
    when = row.published_at.isoformat() if row.published_at else "no time of publication"
    who = ", ".join([*row.authors, *(a for a in row.agencies if a not in row.authors)])
    console.print(styled(" · ".join(filter(None, (row.publisher, when, who))), style="dim"))
    if row.lead:
        console.print(Padding(styled(row.lead, style="italic"), (1, 0, 0, 0)), width=width)
    for line in row.text.split("\n") if row.text else ():
        console.print(Padding(styled(line), (1, 0, 0, 0)), width=width)
    facts = {
        "address": row.canonical_url, "id": row.article_id, "section": row.section, "topics": ", ".join(row.topics),
        "changed": row.modified_at.isoformat() if row.modified_at else None, "access": row.access,
        "words": row.word_count, "pictures": len(row.images), "language": row.language, "rules": row.rules,
        "time from": row.published_from and f"{row.published_from}, to the {row.published_precision}",
    }  # fmt: skip
    grid = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        if value:
            grid.add_row(styled(name, style="dim"), styled(str(value)))
    console.print(Padding(grid, (1, 0)))


def listing(console: Terminal, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Rows as a table at a terminal; elsewhere, for other programs, as lines of values between tabs, none of them
    cut or wrapped, without a heading. Nothing if there are no rows."""
    all_rows = list(rows)
    if not console.is_terminal:
        for row in all_rows:
            values = (str(value).replace("\t", " ").replace("\n", " ") for value in row)
            console.print_line("\t".join(values))
        return
    if all_rows:
        table = Table(box=None, header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in all_rows:
            table.add_row(*row)
        console.print(table)


def candidates(console: Terminal, rows: Iterable[Candidate]) -> None:
    """One line per candidate."""
    listing(
        console,
        ("time", "address", "title"),
        ((_minute(row.modified_at or row.published_at), row.url, row.title or "") for row in rows),
    )


def fetches(console: Terminal, rows: Iterable[Mapping[str, Any]]) -> None:
    """One line per attempt."""
    listing(
        console,
        ("outcome", "reason", "status", "bytes", "address"),
        (
            (
                styled(row["outcome"], style="green" if row["outcome"] in ("captured", "unchanged") else "yellow"),
                row["reason"] or "", str(row["status"] or ""), str(row["bytes"] or ""), row["url"],
            )
            for row in rows
        ),
    )  # fmt: skip


def _minute(moment: dt.datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else ""


def batches(console: Terminal, rows: list[dict[str, Any]]) -> None:
    """One line per batch with its pages by outcome; below, what was skipped and why batches were refused or warned."""
    if not rows:
        return
    from klartext.validate.account import skipped_line
    from klartext.verdict_text import describe_verdict

    styles = {"passed": "green", "warned": "yellow", "refused": "red"}
    listing(
        console,
        ("source", "from (UTC)", "verdict", "discovered"),
        (
            (
                row["source"], _minute(row["start"]), styled(row["verdict"], style=styles[row["verdict"]]),
                f"{row['discovered']} = {_outcomes(row)}" + (", imported" if row["imported"] else ""),
            )
            for row in rows
        ),
    )  # fmt: skip
    for row in rows:
        if why := describe_verdict(row).sentence():
            codes = ", ".join(dict.fromkeys(finding["code"] for finding in row["findings"]))
            line = f"{row['batch']}: {codes}: {why}" if codes else f"{row['batch']}: {why}"
            console.print(styled(line, style=styles[row["verdict"]]), soft_wrap=True)
        if folded := [entry["origin"] for entry in row["skipped"] if entry["reason"] == ARTICLES_FOLDED]:
            more = f" and {len(folded) - _ADDRESSES} more" if len(folded) > _ADDRESSES else ""
            line = f"{row['batch']}: pages with one article_id at {', '.join(folded[:_ADDRESSES])}{more}"
            console.print(styled(line, style=styles[row["verdict"]]), soft_wrap=True)
        if skipped := skipped_line(row["skipped"]):
            console.print(styled(f"{row['batch']}: skipped or read in part: {skipped}", style="dim"), soft_wrap=True)


def _outcomes(row: Mapping[str, Any]) -> str:
    return " + ".join(f"{row[name]} {name}" for name in OUTCOMES if row[name]) or "nothing"


def rejects(console: Terminal, rows: Iterable[Mapping[str, Any]]) -> None:
    """One line per reject."""
    listing(
        console,
        ("reasons", "address", "what was found"),
        ((styled(", ".join(row["reasons"]), style="yellow"), row["url"] or "", row["detail"] or "") for row in rows),
    )


def explained(console: Terminal, pages: Iterable[Explanation]) -> None:
    """Every line of the pages in order: kept ones in green, removed ones in red, with the rule and those before it; dim
    are lines that are not of the article or are outside of the container that the source's rules name. A "t" marks the
    lines that trafilatura alone takes."""
    from klartext.extract.explain import OUTSIDE

    for url, lines, disbelieved in pages:
        console.print(Rule(url, style="dim"))
        for keep, rule, text, earlier, alone in lines:
            far = rule in ("", OUTSIDE)
            decided = " < ".join([rule or "not-article", *reversed(earlier)])
            style = "green" if keep or rule == "lead" else "dim" if far else "red"
            mark = "+" if keep else "▸" if rule == "lead" else " " if far else "-"
            head = f"{mark} {decided:<28} {'t' if alone else ' '} "
            if console.is_terminal:
                console.print(styled(head + text, style=style), overflow="ellipsis", no_wrap=True)
            else:
                console.print_line(head + text)
        counts = Counter(line.rule for line in lines if not line.keep and line.rule not in ("", OUTSIDE))
        removed = ", ".join(f"{rule} {count}" for rule, count in counts.most_common())
        console.print(styled(f"removed: {removed or 'nothing'}", style="bold"))
        if disbelieved:
            console.print(
                styled(
                    f"rules not applied, because they would remove more than a third: {', '.join(disbelieved)}",
                    style="bold red",
                )
            )
