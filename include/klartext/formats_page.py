"""The page on formats in the documentation: ``python -m klartext.formats_page > docs/formats.md``.

Examples are read by the readers themselves, and limits are their constants, so that the page says what the code does.
"""

from __future__ import annotations

import datetime as dt
import string
from pathlib import Path
from zoneinfo import ZoneInfo

from klartext import dates, http_body, json_ld, urls
from klartext.crawler import robots_rules
from klartext.discover import origin_handler, read_listing
from klartext.extract import html_parsing
from klartext.warc import reader

_ZONE = ZoneInfo("Europe/Berlin")
_NOW = dt.datetime(2024, 5, 14, 12, tzinfo=dt.UTC)
_DATES = (
    "2024-05-14T10:30:00+02:00", "20240514T103000Z", "2024-05-14t10:30:00z", "2024-05-14 10:30 CEST", "2024-W20-2",
    "2024-135", "2024-05-14+02:00", "14.05.2024 10:30", "2024/05/14", "2024-5-14", "Tue, 14 May 2024 10:30:00 +0200",
    "Di, 14 Mai 2024 10:30:00 +0200", "Tue, 14 May 2024 10:30:00 MESZ", "Tue May 14 10:30:00 CEST 2024",
    "1715675400", "1715675400000", "May 14, 2024, 10:30 AM EDT", "14 mai 2024 à 10h30", "14 de mayo de 2024",
    "14 maggio 2024", "14 mei 2024", "14 de maio de 2024", "14 maja 2024, 10:30", "14 Mayıs 2024", "14. maj 2024",
    "14. května 2024", "14 мая 2024", "2024年5月14日 10:30", "14 Μαΐου 2024", "2024년 5월 14일", "vor 3 Stunden",
    "3 hours ago", "hace 3 horas", "2024-05-14T00:00:00Z", "13.25.2024", "soon", "14. Mai",
)  # fmt: skip
_ADDRESSES = (
    "HTTPS://WWW.Zeitung.example:443/a/../b/#top", "https://www.zeitung.example./b/",
    "https://zeitung.example/b?utm_source=x&cid=7&b=1;c=2", "https://zeitung.example/t.php?o=M%FCnchen",
    "https://zeitung.example/?12345", "https://straße.example/über", "https://m.zeitung.example/b.amp.html",
    "https://zeitung.example/b;jsessionid=0A1B2C3D4E5F60718293A4B5C6D7E8F9?x=",
)  # fmt: skip


def markdown() -> str:
    """The whole page. Times without a zone are read as Europe/Berlin, relative ones against 2024-05-14T12:00Z."""
    template = string.Template((Path(__file__).parent / "formats_page.md").read_text("utf-8"))
    return template.substitute(
        accept=", ".join(f"`{name}`" for name in http_body.ACCEPT_ENCODING.split(", ")),
        payload=reader.PAYLOAD_LIMIT >> 20,
        deepest=html_parsing.DEEPEST,
        json_size=json_ld.LONGEST >> 20,
        json_depth=json_ld.DEEPEST,
        json_count=f"{json_ld.MOST:,}",
        feed_size=read_listing.LONGEST_FEED >> 20,
        feed_entries=f"{read_listing.FEED_ENTRIES:,}",
        sitemap_size=read_listing.LONGEST >> 20,
        elements=f"{read_listing.ELEMENTS:,}",
        sitemap_entries=f"{read_listing.ENTRIES:,}",
        depth=origin_handler.DEPTH,
        sitemaps=origin_handler.NUMBER,
        undated=f"{origin_handler.UNDATED:,}",
        address=f"{urls.LONGEST:,}",
        robots=robots_rules.LONGEST >> 10,
        dates="\n".join(f"| `{text}` | {_read(text)} |" for text in _DATES),
        addresses="\n".join(f"| `{url}` | `{urls.normalize(url)}` |" for url in _ADDRESSES),
    )


def _read(text: str) -> str:
    """What the reader of dates makes of a value, in words."""
    moment = dates.parse(text, zone=_ZONE, now=_NOW)
    if moment is None:
        return "not read"
    if moment.precision == "day":
        return f"the day {moment.at.astimezone(_ZONE):%Y-%m-%d}"
    return f"{moment.at:%Y-%m-%dT%H:%M:%SZ}, to the {moment.precision}"


if __name__ == "__main__":
    print(markdown(), end="")
