"""Fetch: candidates become captures in WARC files, and every candidate gets an outcome. Start at :mod:`step`."""

from klartext.fetch.bad_captures import pages_without_good_capture
from klartext.fetch.fetch_urls import fetch_urls
from klartext.fetch.import_warc import ImportFailed, import_warc
from klartext.fetch.step import NothingCaptured, fetch_batch

__all__ = [
    "ImportFailed",
    "NothingCaptured",
    "fetch_batch",
    "fetch_urls",
    "import_warc",
    "pages_without_good_capture",
]
