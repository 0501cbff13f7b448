"""WARC files (ISO 28500) and ARC files: read, written, copied, split, repaired, and records removed from them.

Where to start: :mod:`klartext.warc.reader` makes pages of records, :mod:`klartext.warc.records` reads the records,
:mod:`klartext.warc.compression` undoes the compression of the file. :mod:`klartext.warc.writer` writes what the crawler
fetched. HTTP bodies are decoded by :mod:`klartext.http_body`, for the crawler too.
"""
