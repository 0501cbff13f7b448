"""Rows as a person reads them on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from klartext.extract.explain import OUTSIDE
from klartext.extract.step import Extracted
from klartext.model import OUTCOMES, Article, Candidate, Fetch


def articles(console: Console, rows: Iterable[Article]) -> None:
    for row in rows:
        article(console, row)


def article(console: Console, row: Article) -> None:
    """The article as one would read it, then what is known of it."""
    width = min(console.width, 96)
    console.print(Rule(style="dim"))
    if row.kicker:
        console.print(Text(row.kicker, style="cyan"))
    console.print(Text(row.title, style="bold"), width=width)
    when = row.published_at.isoformat() if row.published_at else "no time of publication"
    who = ", ".join([*row.authors, *(a for a in row.agencies if a not in row.authors)])
    console.print(Text(" · ".join(filter(None, (row.publisher, when, who))), style="dim"))
    if row.lead:
        console.print(Padding(Text(row.lead, style="italic"), (1, 0, 0, 0)), width=width)
    for line in row.text.split("\n"):
        console.print(Padding(Text(line), (1, 0, 0, 0)), width=width)
    facts = {
        "address": row.canonical_url, "id": row.article_id, "section": row.section, "topics": ", ".join(row.topics),
        "changed": row.modified_at.isoformat() if row.modified_at else None, "access": row.access,
        "words": row.word_count, "pictures": len(row.images), "language": row.language, "rules": row.rules,
        "time from": row.published_from and f"{row.published_from}, to the {row.published_precision}",
    }  # fmt: skip
    grid = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        if value:
            grid.add_row(Text(name, style="dim"), Text(str(value)))
    console.print(Padding(grid, (1, 0)))


def candidates(console: Console, rows: Iterable[Candidate]) -> None:
    table = Table("time", "address", "title", box=None, header_style="bold")
    for row in rows:
        when = row.modified_at or row.published_at
        table.add_row(when.strftime("%Y-%m-%d %H:%M") if when else "", Text(row.url, overflow="fold"), row.title or "")
    console.print(table)


def fetches(console: Console, rows: Iterable[Fetch]) -> None:
    table = Table("outcome", "why", "status", "bytes", "address", box=None, header_style="bold")
    for row in rows:
        style = "green" if row.outcome in ("captured", "unchanged") else "yellow"
        table.add_row(
            Text(row.outcome, style=style), row.reason or "", str(row.status or ""), str(row.bytes or ""),
            Text(row.url, overflow="fold"),
        )  # fmt: skip
    console.print(table)


def batches(console: Console, rows: list[dict[str, Any]]) -> None:
    """One line a batch, with the pages by outcome; below, why batches were refused or warned of."""
    if not rows:
        return
    styles = {"passed": "green", "warned": "yellow", "refused": "red"}
    table = Table(box=None, header_style="bold")
    for name in ("source", "from (UTC)", "verdict"):
        table.add_column(name, no_wrap=True)
    table.add_column("discovered")
    for row in rows:
        came_to = " + ".join(f"{row[name]} {name}" for name in OUTCOMES if row[name]) or "nothing"
        table.add_row(
            row["source"], f"{row['start']:%Y-%m-%d %H:%M}", Text(row["verdict"], style=styles[row["verdict"]]),
            f"{row['discovered']} = {came_to}" + (", imported" if row["imported"] else ""),
        )  # fmt: skip
    console.print(table)
    for row in rows:
        if why := [*row["reasons"], *row["warnings"]]:
            console.print(Text(f"{row['batch']}: {'; '.join(why)}", style=styles[row["verdict"]]), soft_wrap=True)


def rejects(console: Console, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table("reasons", "address", "what was found", box=None, header_style="bold")
    for row in rows:
        table.add_row(Text(", ".join(row["reasons"]), style="yellow"), Text(row["url"], overflow="fold"), row["detail"])
    console.print(table)


def explained(console: Console, made: Extracted) -> None:
    """Every line of the pages in order: kept in green, removed in red with its rule; dim what was never the article's,
    and what lies outside of the container that the source's rules name."""
    for url, lines, disbelieved in made.explained:
        console.print(Rule(url, style="dim"))
        for keep, rule, text in lines:
            far = rule in ("", OUTSIDE)
            style = "green" if keep or rule == "lead" else "dim" if far else "red"
            mark = "+" if keep else "▸" if rule == "lead" else " " if far else "-"
            console.print(Text(f"{mark} {rule or 'not-article':<18} ", style=style), end="")
            console.print(Text(text, style=style), overflow="ellipsis", no_wrap=True)
        counts = Counter(rule for keep, rule, _ in lines if not keep and rule not in ("", OUTSIDE))
        told = ", ".join(f"{rule} {count}" for rule, count in counts.most_common())
        console.print(Text(f"removed: {told or 'nothing'}", style="bold"))
        if disbelieved:
            console.print(
                Text(f"not believed, they would take more than a third: {', '.join(disbelieved)}", style="bold red")
            )
