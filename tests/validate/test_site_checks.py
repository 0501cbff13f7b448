"""A batch of many sites: rows are checked by their own site, bounds apply to each large site and only warn."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from klartext.batch import Batch
from klartext.lake import Lake, tables
from klartext.model import Article, Reject
from klartext.sources import OTHER
from klartext.validate import check_rows, validate_batch
from klartext.validate.site_checks import site_metrics
from support import sample_batch
from support.sample_rows import article, batch, reject, teaser

CARD = "Nach dem Sturm der vergangenen Woche legt die Fähre wieder zweimal am Tag ab, sagt die Reederei."


def of_site(site: str, number: int, **changes: Any) -> Article:
    url = f"https://www.{site}/{number}/deich"
    return article(
        number, **{"url": url, "canonical_url": url, "site": site, "article_id": f"{site}:{number}", **changes}
    )


def rejected(site: str, number: int) -> Reject:
    url = f"https://www.{site}/{number}/weg"
    return dataclasses.replace(reject(number), url=url, site=site)


def reasons(rows: list[Article], cards: Any = ()) -> list[list[str]]:
    checked = check_rows(rows, OTHER, cards)
    found = {row["url"]: row["reasons"] for row in checked.rejected.to_pylist()}
    assert len(checked.runs) == 1, "one suite, whatever the number of sites"
    return [found.get(row.url, []) for row in rows]


def test_rows_are_checked_by_their_own_site() -> None:
    other_host = {"canonical_url": "https://www.zwei.de/2/deich"}
    assert reasons([
        of_site("eins.de", 1),
        of_site("eins.de", 2, **other_host),
        of_site("zwei.de", 3, article_id="eins.de:3"),
        of_site("zwei.de", 4, title="eins.de"),
        of_site("eins.de", 5, title="EINS.de"),
        of_site("eins.de", 6, language="tr"),
        of_site("eins.de", 7, url="https://blog.eins.de:8443/7"),
    ]) == [
        [], ["address-outside-source"], ["article-id-of-another-source"], [], ["title-is-site-name"], [], [],
    ]  # fmt: skip


def test_a_line_that_is_a_teaser_on_another_site_is_no_teaser() -> None:
    text = f"{article(1).text}\n{CARD}"
    rows = [of_site("eins.de", 1, text=text), of_site("zwei.de", 2, text=text)]
    card = teaser(9, article_id="zwei.de:9", text=CARD, target_url="https://www.zwei.de/77/faehre")
    assert reasons(rows, [card]) == [[], ["teaser-in-text"]]


def test_sites_with_ten_pages_have_metrics_of_their_own() -> None:
    accepted = [of_site("gross.de", n, lead=None) for n in range(8)] + [of_site("klein.de", n) for n in range(9)]
    rows = tables.as_table("articles", accepted)
    found = site_metrics(rows, [dataclasses.asdict(rejected("gross.de", n)) for n in range(20, 22)])
    assert [(row["site"], row["pages"]) for row in found] == [("gross.de", 10)]
    assert (found[0]["rejected_share"], found[0]["without_lead_share"]) == (0.2, 1.0)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def extracted(lake: Lake, articles: list[Article], rejects: list[Reject]) -> Batch:
    part = batch(source="other", name="other-import-x-12345678")
    sample_batch.extracted(lake, articles, rejects, of=part)
    return part


def test_bounds_warn_for_each_large_site_and_never_refuse(lake: Lake) -> None:
    articles = [of_site("kaputt.de", n) for n in range(3)] + [of_site("gut.de", n) for n in range(12)]
    articles += [of_site("klein.de", n) for n in range(2)]
    rejects = [rejected("kaputt.de", n) for n in range(20, 40)] + [rejected("klein.de", n) for n in range(20, 27)]
    part = extracted(lake, articles, rejects)
    result = validate_batch(lake, part, OTHER)
    assert (result["verdict"], result["articles"]) == ("warned", 17)
    assert "batch-rejects" in result["warnings"]
    verdict = json.loads(lake.quality_file("other", part.date, part.name, "verdict.json") or b"")
    assert verdict["sites"]["batch-rejects"] == ["kaputt.de"]
    page = (lake.quality_file("other", part.date, part.name, "index.html") or b"").decode()
    assert "Sites outside of the bounds" in page
    assert "kaputt.de" in page
    assert len(lake.storage.files("quality", "")) == 6, "one page of results, whatever the number of sites"


def test_a_batch_of_small_sites_passes(lake: Lake) -> None:
    part = extracted(lake, [of_site(f"ort{n}.de", n, lead=None) for n in range(30)], [])
    assert validate_batch(lake, part, OTHER)["verdict"] == "passed"
