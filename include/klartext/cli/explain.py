"""`klartext explain`: what the lake has of one page, and every line of it with the rule that kept or removed it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from klartext.cli.options import Root, open_lake
from klartext.terminal import err, out, styled

if TYPE_CHECKING:
    from klartext.extract.step import Extracted
    from klartext.lake import Lake
    from klartext.lake.page_search import PageCapture, PageRecords
    from klartext.warc import reader


def explain(
    page: Annotated[str, typer.Argument(help="any address of the page, or its article_id", show_default=False)],
    number: Annotated[
        int, typer.Option("--capture", min=1, help="which capture, counted from the latest", show_default=True)
    ] = 1,
    generic: Annotated[bool, typer.Option("--generic", help="ignore the source's own rules")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="print what the lake has of the page as JSON, and extract nothing")
    ] = False,
    data: Root = None,
) -> None:
    """Show a page of the lake as it is read: its captures, then every line with what decided on it, then the article.

    The page is extracted again with the present rules, so what they change can be seen before a replay.
    """
    from klartext.cli import display
    from klartext.lake import page_search, row_files

    lake = open_lake(data)
    found = page_search.search_page(lake, page)
    if as_json:
        captures = [made._asdict() | {"capture": dataclasses.asdict(made.capture)} for made in found.captures]
        out.print_line(row_files.line(dataclasses.asdict(found) | {"captures": captures}))
        return
    _require_capture(lake, page, found, number)
    _print_captures(found, number)
    made = _extract(lake, found.captures[number - 1], found, generic=generic)
    display.explained(out, made.explained)
    for article in made.articles:
        display.article(out, dataclasses.replace(article, text=""))
    for reject in made.rejects:
        err.print(f"no article: {reject.reasons[0]}: {reject.detail}", style="yellow")
    if not made.articles:
        raise typer.Exit(1)


def _print_captures(found: PageRecords, number: int) -> None:
    """The ids, and a line for each capture with its outcome; the one that is shown has a mark."""
    from klartext.cli import display

    out.print(styled(" ".join(found.article_ids), style="bold"), soft_wrap=True)
    rows = []
    for place, made in enumerate(found.captures, start=1):
        mark = "▸" if place == number else ""
        rows.append(
            (mark, str(place), f"{made.fetched_at:%Y-%m-%d %H:%M}", _outcome(found, made), made.batch, made.url)
        )
    display.listing(out, ("", "capture", "fetched (UTC)", "outcome", "batch", "address"), rows)


def _outcome(found: PageRecords, made: PageCapture) -> str:
    """What came of a capture: published, or the reasons against it."""

    def is_same(row: dict[str, Any]) -> bool:
        return bool(row["capture"]) and (row["capture"]["file"], row["capture"]["offset"]) == (
            made.capture.file, made.capture.offset,
        )  # fmt: skip

    reasons = [reason for row in found.rows["rejects"] if is_same(row) for reason in row["reasons"]]
    if reasons:
        return f"rejected: {', '.join(dict.fromkeys(reasons))}"
    if any(is_same(row) for row in found.rows["versions"]):
        return "published"
    verdicts = [row["verdict"] for row in found.batches if row["batch"] == made.batch]
    if "refused" in verdicts:
        return "withheld: the batch was refused"
    outcomes = [row["outcome"] for row in found.rows["fetches"] if is_same(row) and row["outcome"] != "unchanged"]
    return outcomes[-1] if outcomes and outcomes[-1] != "captured" else "same content as another capture"


def _require_capture(lake: Lake, page: str, found: PageRecords, number: int) -> None:
    """Raises ValueError if the lake does not have that capture; the message has what it has."""
    if found.taken_down:
        raise ValueError(f"{page} was taken down: `klartext takedown --list` shows when and why")
    if not found:
        raise ValueError(
            f"{lake.storage.root} has nothing of {page}: no run has found it. To read it nevertheless: klartext fetch "
            "URL --out page.warc.gz, then klartext extract page.warc.gz --explain"
        )
    if not found.captures:
        last = found.rows["fetches"][-1]
        reason = f" ({last['reason']})" if last["reason"] else ""
        raise ValueError(
            f"{page} was found and not captured: {last['outcome']}{reason} at {last['fetched_at']:%Y-%m-%d %H:%M} UTC "
            f"in {last['batch']}"
        )
    if number > len(found.captures):
        raise ValueError(f"--capture {number}: the lake has {len(found.captures)} captures of {page}")


def _extract(lake: Lake, wanted: PageCapture, found: PageRecords, *, generic: bool) -> Extracted:
    """The capture extracted with the present rules, with all its lines.

    Raises ValueError if the WARC file does not have it.
    """
    from klartext import sources
    from klartext.extract import step

    record = _read(lake, wanted, found)
    if record is None:
        raise ValueError(
            f"{wanted.capture.file} has no page at byte {wanted.capture.offset}: `klartext lake check` lists what is "
            "missing or damaged"
        )
    source = sources.page_source(sources.of_slug(wanted.source), record.url or wanted.url)
    return step.extract_records([record], lambda _: source, generic=generic, explain=True, workers=1)


def _read(lake: Lake, wanted: PageCapture, found: PageRecords) -> reader.Page | reader.UnusableRecord | None:
    """The record of a capture, with what the row of its fetch states about it."""
    from klartext.warc import reader

    file, offset = wanted.capture.file, wanted.capture.offset
    for begin in (offset, 0):  # a file of one gzip member can only be read from its begin
        with lake.open_raw(file) as stream:
            stream.seek(begin)
            for record in reader.read(stream, file):
                if record.capture.offset == offset:
                    return record if isinstance(record, reader.UnusableRecord) else _with_row(record, found)
                if record.capture.offset > offset:
                    break
    return None


def _with_row(record: reader.Page, found: PageRecords) -> reader.Page:
    """The page with the origin and the time that the candidate had, which stand before the record in its file."""
    rows: list[dict[str, Any]] = [
        row
        for row in found.rows["fetches"]
        if row["capture"]
        and row["outcome"] == "captured"
        and (row["capture"]["file"], row["capture"]["offset"]) == (record.capture.file, record.capture.offset)
    ]
    if not rows:
        return record
    at = rows[0]["candidate_published_at"]
    return dataclasses.replace(record, via=rows[0]["discovered_from"], published=at.isoformat() if at else None)
