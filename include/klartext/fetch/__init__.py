"""Fetching: candidates become captures in WARC files, and each gets a row that says what became of it."""

from klartext.fetch.byhand import fetch_urls
from klartext.fetch.imports import import_warc
from klartext.fetch.ours import NothingCaptured
from klartext.fetch.split import ImportFailed
from klartext.fetch.steps import fetch_batch

__all__ = ["ImportFailed", "NothingCaptured", "fetch_batch", "fetch_urls", "import_warc"]
