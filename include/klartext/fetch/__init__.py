"""Fetch: candidates become captures in WARC files, and every candidate gets an outcome. :mod:`step` is the way in."""

from klartext.fetch.fetch_urls import fetch_urls
from klartext.fetch.import_warc import ImportFailed, import_warc
from klartext.fetch.step import NothingCaptured, fetch_batch

__all__ = ["ImportFailed", "NothingCaptured", "fetch_batch", "fetch_urls", "import_warc"]
