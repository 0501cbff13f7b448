"""Fetching: candidates become captures in WARC files, and each gets a row that says what became of it."""

from klartext.fetch.fetch_urls import fetch_urls
from klartext.fetch.import_warc import import_warc
from klartext.fetch.replay import NothingCaptured
from klartext.fetch.step import fetch_batch
from klartext.warc.split import ImportFailed

__all__ = ["ImportFailed", "NothingCaptured", "fetch_batch", "fetch_urls", "import_warc"]
