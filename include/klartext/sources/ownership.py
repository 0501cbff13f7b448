"""Which source a page belongs to.

A page of a host that a source file names belongs to that source. All other pages belong to the one source
:data:`OTHER`, so that their number of batches and files grows with pages and not with hosts; each of them is read as a
page of a source without rules that is made up for its site (:func:`klartext.sources.of_url`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from klartext import wayback
from klartext.sources import files
from klartext.sources.files import OTHER
from klartext.sources.model import Source

UNKNOWN = Source(slug="unknown", name="unknown", hosts=["unknown"])
"""As what a record is read whose address names no host of a publisher."""


def owner(url: str | None) -> Source:
    """The source whose batches a page belongs to, by its address; an address in the Wayback Machine is one of the page
    that was captured there. Raises :class:`klartext.sources.SourceError` if a source file cannot be used."""
    found = site_source(url)
    return found if files.has_file(found) else OTHER


def page_source(source: Source, url: str | None) -> Source:
    """The source as which a page of a batch is read: that of the batch; in a batch of :data:`OTHER` that of the
    page's site."""
    return site_source(url) if source.slug == OTHER.slug else source


def site_source(url: str | None) -> Source:
    """The source of an address: from a source file, else made up for its site; :data:`UNKNOWN` for what is no
    address of a page. Never raises ValueError."""
    try:
        parts = urlsplit(wayback.page_url(url or "") or url or "")
        is_page = parts.scheme in ("http", "https") and len(parts.hostname or "") <= 253  # no host name is longer
        return files.of_url(f"https://{parts.netloc}/") if is_page else UNKNOWN
    except files.SourceError:
        raise
    except ValueError:
        return UNKNOWN  # a host of which no name of a source can be made
