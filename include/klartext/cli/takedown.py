"""`klartext takedown`: removing articles that a publisher does not want to be published any more."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from klartext.cli.options import Root
from klartext.cli.progress import Work
from klartext.terminal import err, out, printable

if TYPE_CHECKING:
    from klartext.lake import Lake
    from klartext.model import Takedown


def command(
    url: Annotated[str | None, typer.Argument(help="any address of the article", show_default=False)] = None,
    why: Annotated[str, typer.Option(help="the reason, which all readers of the lake can see")] = "",
    by: Annotated[
        str | None, typer.Option(help="who asks for it; by default your user name", show_default=False)
    ] = None,
    captures: Annotated[bool, typer.Option("--captures", help="remove its pages from the WARC files too")] = False,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="keep out a page that the lake has nothing of, without asking")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="revoke a take-down that was a mistake")] = False,
    listed: Annotated[bool, typer.Option("--list", help="list what was taken down")] = False,
    data: Root = None,
) -> None:
    """Remove an article from every table, so that it is never fetched or published again.

    May run beside Airflow. Run it again to remove what was added since, or to complete an interrupted take-down.
    """
    from klartext.lake import Lake, takedown_filter
    from klartext.maintenance import takedown

    lake = Lake.open(data)
    if listed:
        _list(list(takedown_filter.read_records(lake.storage).values()))
    elif url is None:
        raise ValueError("give the article's address and the reason with --why, or --list to see what was taken down")
    elif undo:
        err.print(_undo_line(*takedown.undo_take_down(lake, url)))
    else:
        if why.strip() and not unseen and not _is_known(lake, url):
            _confirm_unseen(url)
        hint = "what was found is kept out from now on; run the command again to remove the rest"
        with Work("files searched", hint) as work:
            done = takedown.take_down(lake, url, why, by or getpass.getuser(), captures=captures, track=work.track)
        err.print(_result_line(done))


def _is_known(lake: Lake, url: str) -> bool:
    """True if the lake has rows of the page, or it was taken down before."""
    from klartext.lake.page_search import search_page

    found = search_page(lake, url)
    return bool(found) or found.taken_down


def _confirm_unseen(url: str) -> None:
    """Asks whether to take down a page that the lake has nothing of. Raises ValueError without a terminal to ask at."""
    question = f"the lake has nothing of {printable(url)}; the address may be misspelt"
    if not sys.stdin.isatty():
        raise ValueError(f"{question}. To keep it out nevertheless, give --unseen")
    if not typer.confirm(f"{question}. Keep it out nevertheless?", err=True):
        raise typer.Exit(1)


def _result_line(done: Takedown) -> str:
    from klartext.maintenance import takedown_search

    rows = ", ".join(f"{getattr(done, table)} {table}" for table in takedown_search.TABLES)
    if not any(getattr(done, table) for table in takedown_search.TABLES):
        return f"{done.article_id} is in no table and will not be fetched or published"
    bytes_ = "its captures are removed" if done.with_captures else "its captures are kept; --captures removes them too"
    return f"{done.article_id} is taken down ({rows}); {bytes_}"


def _undo_line(record: Takedown, days: list[tuple[str, str]]) -> str:
    if not days:
        return (
            f"{record.article_id} is no longer taken down; it has no captures and is published when it is fetched again"
        )
    replays = "; ".join(f"klartext replay {source} --from {day}" for source, day in days)
    return f"{record.article_id} is no longer taken down; to publish it again, run: {replays}"


def _list(records: list[Takedown]) -> None:
    from klartext.cli import display

    rows = [
        (
            record.article_id, f"{record.taken_down_at:%Y-%m-%d %H:%M}", record.by or "–", record.why,
            "removed" if record.with_captures else "kept",
            "done" if record.done_at else "interrupted: take it down again to complete it",
        )
        for record in sorted(records, key=lambda record: (record.taken_down_at, record.article_id))
    ]  # fmt: skip
    display.listing(out, ("article", "taken down", "by", "reason", "captures", "state"), rows)
    err.print(f"{len(records)} taken down")
