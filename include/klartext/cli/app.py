"""The commands, in the order of the steps.

`klartext --help` has to be quick, so each module here imports what its command needs when the command runs.
"""

from __future__ import annotations

import logging
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from klartext import __version__
from klartext.cli import coverage, explain, export, fetch_again, lake, land, link, replay, report, rows, steps, takedown
from klartext.cli.progress import INTERRUPTED
from klartext.errors import disk_errors_explained
from klartext.terminal import TerminalHandler, err, out


class _Commands(TyperGroup):
    """The commands; Ctrl-C in one that does not say itself what is done ends in one line, not in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was named."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            err.print("interrupted", style="yellow")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="klartext", cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Clean news articles from publishers' pages: the same steps that Airflow runs, by hand.\n\n"
         "A first try:  klartext extract page.html --url https://…",
)  # fmt: skip


def main() -> None:
    """The entry point: errors that a person can cause end in one sentence on standard error and exit code 2."""
    handler = TerminalHandler(err)
    handler.setLevel(logging.WARNING)  # Great Expectations sets a lower level for loggers of its own
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    try:
        with disk_errors_explained("the temporary folder"):
            app()
    except KeyboardInterrupt:  # before or after the command itself
        sys.exit(INTERRUPTED)
    except (ValueError, OSError, RuntimeError) as error:
        from klartext.lake import LakeError

        if isinstance(error, RuntimeError) and not isinstance(error, LakeError):
            raise
        named = isinstance(error, OSError) and error.filename
        message = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and named else str(error)
        err.print(f"klartext: {message}", style="red")
        sys.exit(2)


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(f"klartext {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="show the version and exit")
    ] = False,
) -> None:
    pass


app.command("sources")(steps.list_sources)
app.command()(steps.discover)
app.command()(steps.fetch)
app.command()(steps.extract)
app.command()(steps.validate)
# In the help, the commands for the lake come after the steps.
app.command()(land.land)
app.command()(coverage.coverage)
app.command()(replay.replay)
app.command("fetch-again")(fetch_again.fetch_again)
app.command()(link.link)
app.command()(link.shared)
app.command()(explain.explain)
app.command()(rows.batches)
app.command()(rows.rejects)
app.command()(rows.fetches)
app.command()(export.export)
app.command()(export.changes)
app.command()(report.report)
app.command("takedown")(takedown.command)
app.add_typer(lake.app)
