"""Rows of our own making, for tests of whatever takes rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import Any

from klartext.batch import Batch
from klartext.model import (
    SCHEMA_VERSION,
    Account,
    Article,
    Capture,
    Fetch,
    Image,
    Reject,
    SelectorMatches,
    Teaser,
    ValueCount,
)
from klartext.sources import Addresses, Source

SOURCE = Source(
    language="de",
    slug="dwn",
    name="Deutsche Wirtschafts Nachrichten",
    hosts=["deutsche-wirtschafts-nachrichten.de", "www.deutsche-wirtschafts-nachrichten.de"],
    addresses=Addresses(article=r"/\d+/", number=r"\.de/(?P<number>\d+)/"),
)
"""The source that all rows here are from."""

TEXT = (
    "Der Stadtrat von Auenbrück hat am Dienstagabend nach langer Aussprache dem Umbau des alten Güterbahnhofs "
    "zugestimmt. Vierzehn Mitglieder stimmten dafür, fünf dagegen, zwei enthielten sich.\n"
    "Zehn Jahre Anlauf\n"
    "Bürgermeisterin Ayşe Yıldırım sprach von einem guten Tag für die Stadt. Die Kosten von elf Millionen Euro teilen "
    "sich Stadt und Land, gebaut werden soll vom kommenden Frühjahr an. Gegner des Plans fürchten um die Kleingärten "
    "an der Nordseite und wollen vor Gericht ziehen."
)


def moment(text: str) -> dt.datetime:
    """``2024-05-01T08:00`` in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


CAPTURED = moment("2024-05-02T04:00")


def batch(day: str = "2024-05-01", source: str = "dwn", name: str | None = None) -> Batch:
    start = moment(f"{day}T00:00")
    return Batch(
        source=source, name=name or f"{source}-{day}", date=start.date(), start=start, end=start + dt.timedelta(days=1)
    )


def capture(at: dt.datetime, number: int | str = 1) -> Capture:
    digest = hashlib.sha256(f"{number} {at}".encode()).hexdigest()[:32]
    file = f"raw/source=dwn/date={at:%Y-%m-%d}/x--0.warc.gz"
    return Capture(file=file, offset=int(digest[:6], 16), digest=f"sha1:{digest}")


def article(number: int | str = 1, **changes: Any) -> Article:
    """A good article; ``number`` is the publisher's. Its version follows from its content."""
    published = changes.get("published_at", moment("2024-05-01T08:30"))
    fetched = changes.get("fetched_at", CAPTURED)
    address = f"https://deutsche-wirtschafts-nachrichten.de/{number}/umbau-des-gueterbahnhofs"
    row = Article(
        article_id=f"dwn:{number}",
        version_id="",
        url=address,
        canonical_url=address,
        site="deutsche-wirtschafts-nachrichten.de",
        publisher="Deutsche Wirtschafts Nachrichten",
        kicker="Kommunales",
        title="Stadtrat stimmt dem Umbau des Güterbahnhofs zu",
        lead="Nach zehn Jahren Streit ist der Weg frei. Die Gegner wollen klagen.",
        text=f"{TEXT} Vorlage {number}.",
        authors=["Jörg Öztürk"],
        agencies=["dpa"],
        section="Politik",
        topics=["Auenbrück", "Verkehr"],
        language="de",
        published_at=published,
        published_date=published.astimezone(SOURCE.zone).date() if published else None,
        modified_at=published,
        published_precision="second" if published else None,
        published_from="jsonld" if published else None,
        access="free",
        images=[Image(url="https://deutsche-wirtschafts-nachrichten.de/bild.jpg", caption=None, credit="Foto: dpa")],
        word_count=88,
        fetched_at=fetched,
        discovered_from="https://deutsche-wirtschafts-nachrichten.de/feed",
        capture=capture(fetched or CAPTURED, number),
        extractor="klartext 0.1.0",
        rules="dwn 2016-08-01",
    )
    row = dataclasses.replace(row, **changes)
    content = f"{row.title} {row.text} {row.published_at}"
    return dataclasses.replace(
        row, version_id=changes.get("version_id", hashlib.sha256(content.encode()).hexdigest()[:16])
    )


def teaser(number: int | str = 1, position: int = 1, **changes: Any) -> Teaser:
    page = article(number)
    row = Teaser(
        article_id=page.article_id,
        url=page.url,
        position=position,
        title="Fähre nach Süderoog fährt wieder",
        kicker=None,
        section="Reise",
        shown_date="02.05.2024",
        text="Nach dem Sturm der vergangenen Woche legt die Fähre wieder zweimal am Tag ab, sagt die Reederei.",
        target_url="https://deutsche-wirtschafts-nachrichten.de/77/faehre",
        is_self=False,
        fetched_at=page.fetched_at,
        capture=page.capture,
    )
    return dataclasses.replace(row, **changes)


def reject(number: int | str = 1, **changes: Any) -> Reject:
    """What extraction leaves of a page that gave no article."""
    page = article(number)
    row = Reject(
        **{field.name: None for field in dataclasses.fields(Reject)}
        | {"authors": [], "agencies": [], "topics": [], "images": []}
        | {"url": page.url, "site": page.site, "fetched_at": page.fetched_at, "capture": page.capture}
        | {"stage": "extract", "reasons": ["no-text"], "detail": "nothing found"}
    )
    return dataclasses.replace(row, **changes)


def fetch(number: int | str = 1, **changes: Any) -> Fetch:
    page = article(number)
    row = Fetch(
        url=page.url,
        discovered_from="https://deutsche-wirtschafts-nachrichten.de/feed",
        outcome="captured",
        reason=None,
        status=200,
        final_url=page.url,
        bytes=20_000,
        attempt=1,
        fetched_at=page.fetched_at,
        capture=page.capture,
        candidate_title=None,
        candidate_published_at=None,
    )
    return dataclasses.replace(row, **changes)


def account(of: Batch, **changes: Any) -> Account:
    """The account of a batch that brought in ten good articles and nothing else."""
    row = Account(
        batch=of.name, start=of.start, end=of.end, imported=of.imported, verdict="passed", reasons=[], warnings=[],
        discovered=10, published=10, withheld=0, rejected=0, unchanged=0, disallowed=0, gone=0, failed=0, refused=0,
        deadline=0, origins_failed=0, captures=10, articles=10, pages=10, rejected_share=0.0, without_title_share=0.0,
        without_text_share=0.0, without_time_share=0.0, without_lead_share=0.0, without_author_share=0.0,
        median_length=2500.0, noise_removed=400.0, extractor="klartext 0.1.0", rules=["dwn 2016-08-01"],
        placeholder=0, placeholder_share=0.0, incomplete_share=0.0, without_body_share=0.0, equal_texts=0,
        equal_text_share=0.0, unstated_time_share=0.0, coarse_time_share=0.0,
        published_from=[ValueCount(value="jsonld", count=10)],
        published_precision=[ValueCount(value="second", count=10)],
        selectors=[SelectorMatches(rules="dwn 2016-08-01", field="body", selector=".text", pages=10, matched=10)],
        findings=[], schema_version=SCHEMA_VERSION, skipped=[], great_expectations="1.24.1",
    )  # fmt: skip
    return dataclasses.replace(row, **changes)
