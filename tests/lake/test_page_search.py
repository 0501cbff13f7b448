"""An address or an ``article_id`` leads to everything that the lake has of a page, and to nothing of another one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext import urls
from klartext.lake import Lake
from klartext.lake.address_cache import AddressCache
from klartext.lake.page_search import _fixed_parts, search_page
from klartext.maintenance.takedown import take_down
from support.sample_lake import publish, republish, stage
from support.sample_rows import account, article, batch, capture, fetch, moment, reject

HOST = "https://deutsche-wirtschafts-nachrichten.de"
FIRST, SECOND = moment("2024-05-02T04:00"), moment("2024-05-03T04:00")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Three batches: an article with an edit, a rejected page, and an imported page to which another redirected."""
    lake = Lake.open(str(tmp_path_factory.mktemp("lake")))
    for day, at in (("2024-05-01", FIRST), ("2024-05-02", SECOND)):
        own = article(
            500001,
            title=f"Titel vom {day}",
            fetched_at=at,
            url=f"{HOST}/500001/umbau?utm_source=feed",
            canonical_url=f"{HOST}/500001/umbau",
            capture=dataclasses.replace(article().capture, file=day),
        )
        more = article(500002, fetched_at=at)
        rows = [fetch(500001, url=own.url, final_url=own.canonical_url, fetched_at=at, capture=own.capture),
                fetch(500002, fetched_at=at)]  # fmt: skip
        stage(lake, batch(day), [own, more], [], [reject(500003)], [*rows, fetch(500003)])
        republish(lake, batch(day))
    imported = batch("2024-05-01", source="other", name="other-import-1")
    url = "https://www.faz.net/aktuell/umbau-200.html"
    away = article(7, article_id="faz.net:0123456789abcdef", url=url, canonical_url=url, site="faz.net")
    stage(lake, imported, [away], [], [], [fetch(7, url="https://faz.net/kurz", final_url=url, capture=away.capture)])
    republish(lake, imported)
    return lake


def counts(lake: Lake, page: str) -> dict[str, int]:
    return {table: len(rows) for table, rows in search_page(lake, page).rows.items()}


@pytest.mark.parametrize(
    "page",
    [
        f"{HOST}/500001/umbau",
        "http://www.deutsche-wirtschafts-nachrichten.de/500001/umbau/?utm_source=x#absatz",
        "deutsche-wirtschafts-nachrichten.de/500001/umbau",
        f"{HOST}/500001/ein-anderer-titel",
        f"https://web.archive.org/web/20240501000000id_/{HOST}/500001/umbau",
        "dwn:500001",
        " dwn:500001 ",
    ],
)
def test_any_address_and_the_id_lead_to_all_rows_and_captures(filled: Lake, page: str) -> None:
    found = search_page(filled, page)
    assert {table: len(rows) for table, rows in found.rows.items()} == {
        "articles": 1, "versions": 2, "rejects": 0, "fetches": 2,
    }  # fmt: skip
    assert [made.capture.file for made in found.captures] == ["2024-05-02", "2024-05-01"]
    assert [row["title"] for row in found.rows["versions"]] == ["Titel vom 2024-05-01", "Titel vom 2024-05-02"]
    assert [row["batch"] for row in found.batches] == ["dwn-2024-05-01", "dwn-2024-05-02"]
    assert "dwn:500001" in found.article_ids
    assert f"{HOST}/500001/umbau" in found.addresses


def test_a_page_without_an_article_has_its_rejects_and_captures(filled: Lake) -> None:
    found = search_page(filled, f"{HOST}/500003/umbau-guterbahnhof")
    assert {row["batch"] for row in found.rows["rejects"]} == {"dwn-2024-05-01", "dwn-2024-05-02"}
    assert not found.rows["versions"]
    assert len(found.captures) == 1


def test_a_host_without_a_file_is_found_by_id_by_address_and_by_what_redirected_to_it(filled: Lake) -> None:
    expected = {"articles": 1, "versions": 1, "rejects": 0, "fetches": 1}
    for page in ("faz.net:0123456789abcdef", "https://www.faz.net/aktuell/umbau-200.html?utm_medium=x", "faz.net/kurz"):
        assert counts(filled, page) == expected, page


def test_what_the_lake_has_not_gives_nothing(filled: Lake) -> None:
    for page in (f"{HOST}/500009/x", "dwn:500009", "https://example.org/", "https://www.zeit.de/politik/2024-05/nix"):
        found = search_page(filled, page)
        assert not found, page
        assert not found.captures


@pytest.mark.parametrize("page", ["", "umbau", "mailto:a@b.de:x y", "https://", "http://[::1/x"])
def test_what_names_no_page_says_what_does(filled: Lake, page: str) -> None:
    with pytest.raises(ValueError, match="neither an address"):
        search_page(filled, page)


def test_the_rejects_of_a_refused_batch_are_those_that_are_staged(tmp_path: Path) -> None:
    lake, day = Lake.open(str(tmp_path)), batch()
    lake.stage(day, "rejects", [reject(500003, reasons=["no-text"]), reject(500004)])
    for table, rows in (("fetches", [fetch(500003), fetch(500004)]), ("batches", [account(day, verdict="refused")])):
        lake.stage(day, table, rows)
        staged = lake.staged(day, table)
        assert staged is not None
        lake.publish(day, table, staged)
    found = search_page(lake, "dwn:500003")
    assert [row["reasons"] for row in found.rows["rejects"]] == [["no-text"]]
    assert found.batches[0]["verdict"] == "refused"


def test_a_page_that_was_taken_down_is_said_to_be_so_and_has_no_rows(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    publish(lake, batch(), article(500001), article(500002))
    take_down(lake, article(500001).url, "request of the publisher")
    for page in (article(500001).url, "dwn:500001"):
        found = search_page(lake, page)
        assert found.taken_down
        assert not found
    assert search_page(lake, "dwn:500002").rows["articles"]


def test_a_replaced_file_is_read_again(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    publish(lake, batch(), article(500001))
    assert search_page(lake, "dwn:500001").rows["versions"]
    publish(lake, batch(), article(500002), article(500003))
    assert not search_page(lake, "dwn:500001")
    assert search_page(lake, "dwn:500003").rows["versions"]


def test_row_groups_of_other_sites_are_not_read_and_all_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext.lake import tables

    monkeypatch.setattr(tables, "ROW_GROUP", 2)
    lake = Lake.open(str(tmp_path))
    imported = batch(source="other", name="other-import-1")
    rows = [
        article(n, article_id=f"site{n}.de:{n:015x}{m}", url=f"https://site{n}.de/a/{m}", site=f"site{n}.de",
                canonical_url=f"https://site{n}.de/a/{m}", capture=capture(FIRST, 10 * n + m))
        for n in range(10, 16) for m in range(3)
    ]  # fmt: skip
    stage(lake, imported, rows)
    republish(lake, imported)
    for n in range(10, 16):
        for page in (f"https://site{n}.de/a/1", f"site{n}.de:{n:015x}1"):
            assert [row["url"] for row in search_page(lake, page).rows["versions"]] == [f"https://site{n}.de/a/1"]


def test_the_cache_forgets_what_was_not_used_for_the_longest_time(filled: Lake) -> None:
    cache = AddressCache(limit=3000)
    files = filled.published_stats("versions")
    for name, stat in [*files.items()] * 2:
        assert cache.rows(filled, "versions", name, stat, ()).num_rows
    assert 0 < sum(table.nbytes for table in cache._tables.values()) <= 3000


@given(st.lists(st.text("abz09-_.~%C3äö;=()", min_size=1, max_size=8), min_size=1, max_size=5), st.booleans())
def test_every_address_of_a_page_has_the_fixed_parts_of_its_normal_form(parts: list[str], amp: bool) -> None:
    import re

    raw = f"https://www.zeit.de/{'/'.join(parts)}{'/amp' if amp else ''}?utm_source=x"
    try:
        normal = urls.normalize(raw)
    except ValueError:
        return
    assert re.search(f"{_fixed_parts(normal)}|%", raw)
