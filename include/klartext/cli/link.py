"""`klartext link`, `klartext shared`: articles that share text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from klartext.cli.options import AsJson, Root, open_lake
from klartext.terminal import err, json_line, out, styled

if TYPE_CHECKING:
    from klartext.link.passages import SharedPassages


def link(data: Root = None) -> None:
    """Find the articles that share text, of all months that have changed since.

    May run beside Airflow. Writes the tables shared_text and keep; what is up to date is not computed again.
    """
    from klartext.link import link_pending

    done = link_pending(open_lake(data))
    for name, why in done.failed.items():
        err.print(f"{name}: {why}", style="red")
    pairs = sum(done.pairs.values())
    err.print(f"{len(done.pairs)} months computed, {pairs} pairs of articles that share text")
    if done.failed:
        raise typer.Exit(1)


def shared(
    page: Annotated[str, typer.Argument(help="any address of an article, or its article_id", show_default=False)],
    data: Root = None,
    as_json: AsJson = False,
) -> None:
    """Show which articles share text with an article of the lake, with the shared passages between [[ and ]].

    `klartext link` or the DAG link has to have run since the article was published.
    """
    from klartext.lake.page_search import search_page
    from klartext.link.passages import shared_passages

    lake = open_lake(data)
    found = search_page(lake, page)
    if found.taken_down:
        raise ValueError(f"{page} was taken down")
    if not found.rows["articles"]:
        raise ValueError(f"{page} is no article of the lake; `klartext explain` shows what the lake has of a page")
    article = found.rows["articles"][-1]
    pairs = shared_passages(lake, article)
    if as_json:
        for each in pairs:
            out.print(json_line(each.pair, default=str), soft_wrap=True)
    else:
        for each in pairs:
            _print_passages(article["article_id"], each)
    err.print(f"{len(pairs)} articles share text with {article['article_id']}")


def _print_passages(article_id: str, found: SharedPassages) -> None:
    pair, other = found.pair, found.other
    other_id = pair["other_id"] if pair["article_id"] == article_id else pair["article_id"]
    quoted = f", {pair['quoted_share']:.0%} of it quoted" if pair["quoted_share"] else ""
    out.print(styled(f"{pair['kind']}: {other.get('title') or other_id}", style="bold"), soft_wrap=True)
    when = f"{other['published_at']:%Y-%m-%d %H:%M} UTC" if other.get("published_at") else ""
    about = " · ".join(filter(None, (other_id, other.get("publisher"), when, other.get("url"))))
    out.print(styled(about, style="dim"), soft_wrap=True)
    first = pair["first_published_id"]
    order = f"; {'this one' if first == article_id else 'the other one'} was published first" if first else ""
    counts = f"{pair['shared_words']} words, {found.share:.0%} of the shorter{quoted}{order}"
    out.print(styled(counts, style="dim"), soft_wrap=True)
    for line in _marked_lines(found.text, found.spans):
        out.print(styled("  ") + line, soft_wrap=True)
    out.print()


def _marked_lines(text: str, spans: list[tuple[int, int]]) -> list[Text]:
    """The lines of a text that have a part of a span, with the spans marked."""
    lines = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        inside = [(max(first, start), min(last, end)) for first, last in spans if first < end and last > start]
        marked, place = Text(), start
        for first, last in inside:
            marked += styled(text[place:first]) + styled(f"[[{text[first:last]}]]", style="bold green")
            place = last
        if inside:
            lines.append(marked + styled(text[place:end]))
        start = end + 1
    return lines
