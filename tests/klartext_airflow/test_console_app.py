"""The console over HTTP: who may see what, that nothing of a page acts, and what the scheduler knows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from klartext.lake import Lake
from support.console_lake import ATTACK, EDITED, HOSTILE, batch_of


@pytest.fixture(scope="module")
def app(airflow_home: Path, console_lake: Path) -> Iterator[Any]:
    """The application with the auth manager of the tests."""
    from airflow.api_fastapi import app as airflow_app

    from klartext_airflow.console_app import create_app
    from support.airflow_access import AccessByDag

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLARTEXT_DATA", str(console_lake))
        patch.delenv("KLARTEXT_SOURCES", raising=False)
        patch.setattr(airflow_app, "get_auth_manager_cls", lambda: AccessByDag)
        patch.setattr(airflow_app._AuthManagerState, "instance", AccessByDag())
        yield create_app()


def client(app: Any, user: Any = None) -> Any:
    """A client of a user, or of none."""
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.testclient import TestClient

    app.dependency_overrides = {get_user: lambda: user} if user else {}
    return TestClient(app, root_path="/console", follow_redirects=False)


@pytest.fixture
def admin(app: Any) -> Any:
    from support.airflow_access import ADMIN

    return client(app, ADMIN)


@pytest.fixture
def guest(app: Any) -> Any:
    """May not read the DAG of dwn."""
    from support.airflow_access import GUEST

    return client(app, GUEST)


def capture_address(lake: Path, slug: str, day: int, url: str) -> str:
    """The address of the page of a capture."""
    rows = Lake.open(str(lake)).published(batch_of(slug, day), "versions")
    assert rows is not None
    (capture,) = [row["capture"] for row in rows.to_pylist() if row["url"] == url]
    return f"/page/{slug}?{urlencode({'file': capture['file'], 'offset': capture['offset']})}"


BATCH = batch_of("dwn", 20)
REFUSED = batch_of("dwn", 22)
QUALITY = f"/quality/dwn/{BATCH.date}/{BATCH.name}/"
HIDDEN = ["/source/dwn", f"/batch/dwn/{BATCH.name}", QUALITY, f"{QUALITY}verdict.json", "/dag/ingest_dwn",
          "/page/dwn?file=raw/x&offset=0", "/dag/ingest_dwn/run/scheduled__x"]  # fmt: skip


@pytest.mark.parametrize("address", ["/", "/style.css", *HIDDEN])
def test_a_person_who_is_not_logged_in_is_sent_to_the_login_and_comes_back(app: Any, address: str) -> None:
    answer = client(app).get(address)
    assert answer.status_code == 302
    assert re.search(r"/auth/login\?next=http%3A%2F%2Ftestserver%2F", answer.headers["location"])


def test_a_page_may_run_and_load_nothing(admin: Any) -> None:
    for address in ("/", "/source/dwn", "/source/nothing", "/batch/dwn/nothing"):
        rules = admin.get(address).headers["content-security-policy"]
        assert "default-src 'none'" in rules and "frame-ancestors 'self'" in rules
        assert "script" not in rules and "unsafe" not in rules
    assert "sandbox" in admin.get(QUALITY).headers["content-security-policy"]


@pytest.mark.parametrize("address", HIDDEN)
def test_a_source_is_for_those_who_may_read_its_dag(guest: Any, address: str) -> None:
    answer = guest.get(address)
    assert answer.status_code == 403
    assert "500001" not in answer.text and "Nordkrog" not in answer.text


def test_what_a_user_may_not_see_is_in_no_list(app: Any) -> None:
    from support.airflow_access import ADMIN, GUEST

    assert "/source/dwn" in client(app, ADMIN).get("/").text
    hidden = client(app, GUEST).get("/").text
    assert "/source/zeit" in hidden
    assert "dwn" not in hidden and "Deutsche Wirtschafts" not in hidden


def test_a_capture_is_that_of_its_source_only(app: Any, console_lake: Path) -> None:
    from support.airflow_access import ADMIN, GUEST

    own = capture_address(console_lake, "dwn", 20, EDITED)
    assert client(app, ADMIN).get(own.replace("/page/dwn", "/page/zeit")).status_code == 404
    assert client(app, GUEST).get(own.replace("/page/dwn", "/page/zeit")).status_code == 404


def test_a_batch_names_its_pages_with_most_noise_and_where_its_parts_are(admin: Any) -> None:
    page = admin.get(f"/batch/dwn/{BATCH.name}").text
    noise = page.partition("Pages with most noise removed")[2].partition("<h2>")[0]
    assert "/page/dwn?file=" in noise and "characters removed" in noise
    assert f"raw/source=dwn/date=2024-05-20/{BATCH.name}--0.warc.gz" in page
    assert f'href="/console{QUALITY}"' in page


def test_a_refused_batch_says_why_and_what_to_do(admin: Any) -> None:
    page = admin.get(f"/batch/dwn/{REFUSED.name}").text
    assert "Refused: nothing of this batch is published" in page
    assert "too many pages were rejected" in page and "add a dated layout" in page
    assert "Die Mole" in page, "what is withheld"
    assert "500009/weg" in page, "what is rejected"
    assert "klartext replay dwn --from 2024-05-22 --to 2024-05-23" in page


def test_nothing_of_a_publisher_acts(admin: Any, console_lake: Path, extraction_here: None) -> None:
    hostile = capture_address(console_lake, "dwn", 20, HOSTILE)
    for address in ("/source/dwn?days=365", f"/batch/dwn/{BATCH.name}", f"/batch/dwn/{REFUSED.name}", hostile):
        page = admin.get(address)
        assert page.status_code == 200
        assert ATTACK not in page.text and "<script" not in page.text and "<img" not in page.text
        assert "&lt;script&gt;" in page.text


def test_a_page_shows_its_lines_and_what_changed_since_the_version_before(
    admin: Any, console_lake: Path, extraction_here: None
) -> None:
    page = admin.get(capture_address(console_lake, "dwn", 21, EDITED)).text
    assert "<del>zwei </del><ins>drei </ins>" in page.replace("\n", "")
    assert 'class="kept"' in page
    assert "dwn:500001" in page


def test_rejects_by_source_reason_and_day_with_counts(admin: Any) -> None:
    page = admin.get("/rejects?days=365").text
    assert "500009/weg" in page and "<b>2</b>" in page, "of a refused batch too"
    assert "<b>1</b>" in admin.get("/rejects?day=2024-05-22&reason=no-text").text
    assert "<b>0</b>" in admin.get("/rejects?reason=text-too-short&days=365").text
    assert admin.get("/rejects?source=zeit").text.count("500009") == 0
    assert admin.get("/rejects?day=yesterday").status_code == 400


def test_the_rejects_of_a_source_are_for_those_who_may_see_it(guest: Any) -> None:
    assert guest.get("/rejects?source=dwn").status_code == 403
    assert "500009" not in guest.get("/rejects?days=365").text


def test_an_article_is_found_by_its_address_its_id_and_words_of_its_title(admin: Any) -> None:
    for asked in (EDITED, "dwn:500001", f"{EDITED}?utm_source=x"):
        page = admin.get("/search", params={"q": asked}).text
        assert page.count("/page/dwn?file=") == 2, "both captures"
        assert "/batch/dwn/" in page
    assert "500001" in admin.get("/search", params={"q": "HÖHER nordkrog"}).text
    assert "zeit.de/wissen" in admin.get("/search", params={"q": "watt"}).text
    assert "Nothing was found" in admin.get("/search", params={"q": "nichts davon"}).text
    assert "Nothing was found" in admin.get("/search", params={"q": "https://nowhere.example/1"}).text


def test_nothing_of_a_source_is_found_by_those_who_may_not_see_it(guest: Any) -> None:
    for asked in (EDITED, "dwn:500001", "nordkrog deich"):
        assert "/page/dwn" not in guest.get("/search", params={"q": asked}).text
    assert "zeit.de/wissen" in guest.get("/search", params={"q": "nordkrog"}).text


def test_texts_that_an_article_shares_are_shown_to_those_who_may_see_both(app: Any, console_lake: Path) -> None:
    from support.airflow_access import ADMIN, GUEST

    page = client(app, ADMIN).get("/shared?article=dwn:500001").text
    assert "Das Watt vor Nordkrog wächst" in page and "<b>copy</b>" in page
    rows = Lake.open(str(console_lake)).published(batch_of("zeit", 21), "versions")
    assert rows is not None
    (watt,) = rows["article_id"].to_pylist()
    assert "Nordkrog baut" in client(app, ADMIN).get("/shared", params={"article": watt}).text
    hidden = client(app, GUEST).get("/shared", params={"article": watt})
    assert hidden.status_code == 200 and "Nordkrog baut" not in hidden.text and "dwn" not in hidden.text
    assert client(app, GUEST).get("/shared?article=dwn:500001").status_code == 404
    assert client(app, ADMIN).get("/shared?article=dwn:1").status_code == 404


def test_a_take_down_is_listed_and_its_captures_are_not_shown(
    app: Any, console_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext.maintenance import takedown
    from support.airflow_access import ADMIN, GUEST

    address = capture_address(console_lake, "dwn", 20, EDITED)
    shutil.copytree(console_lake, tmp_path / "data")
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "data"))
    takedown.take_down(Lake.open(), EDITED, f"letter {ATTACK}", "R. Redlich")
    page = client(app, ADMIN).get("/takedowns").text
    assert "dwn:500001" in page and "R. Redlich" in page and "<script" not in page
    assert "dwn:500001" not in client(app, GUEST).get("/takedowns").text
    assert client(app, ADMIN).get(address).status_code == 404
    assert "was taken down" in client(app, ADMIN).get("/search", params={"q": EDITED}).text
    assert "was taken down" not in client(app, GUEST).get("/search", params={"q": EDITED}).text
    assert "höher" not in client(app, ADMIN).get(f"/batch/dwn/{BATCH.name}").text


def test_what_lies_beside_the_page_of_great_expectations(admin: Any) -> None:
    assert admin.get(QUALITY).text == "<h1>all checks</h1>"
    assert admin.get(f"{QUALITY}verdict.json").json() == {"verdict": "passed"}


@pytest.mark.parametrize(
    "address",
    [
        "/docs", "/openapi.json", "/nothing", f"{QUALITY}other.json", f"{QUALITY}..%2F..%2Fsecret.json",
        f"{QUALITY}.hidden", "/quality/dwn/yesterday/x/", "/source/nothing", "/batch/dwn/nothing", "/source/UPPER",
        "/page/dwn?file=../../etc/passwd&offset=0", "/page/dwn?file=raw/source=dwn/date=2024-05-20/x.warc.gz&offset=0",
        "/page/dwn?file=x&offset=-1", "/?days=7", "/dag/ingest_zeit/run/manual__2024",
    ],
)  # fmt: skip
def test_other_addresses_are_errors_in_words(admin: Any, address: str) -> None:
    assert admin.get(address).status_code in (400, 404)


def test_many_at_once_wait_without_holding_up_the_server(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six pages that take long: two are rendered at a time, and the event loop answers others meanwhile."""
    import asyncio
    import threading

    import httpx
    from airflow.api_fastapi.core_api.security import get_user

    from klartext.console.console import Console
    from support.airflow_access import ADMIN

    go, lock, running, most = threading.Event(), threading.Lock(), 0, 0

    def slow(self: Console, view: Any, days: int | None = None) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        assert go.wait(60)
        with lock:
            running -= 1
        return "rendered"

    async def ask() -> tuple[int, list[str]]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=90) as browser:
            waiting = [asyncio.create_task(browser.get("/")) for _ in range(6)]
            while running < 2:
                await asyncio.sleep(0.01)
            meanwhile = (await browser.get("/style.css")).status_code
            assert not any(task.done() for task in waiting)
            go.set()
            return meanwhile, [(await task).text for task in waiting]

    monkeypatch.setattr(Console, "sources", slow)
    app.dependency_overrides = {get_user: lambda: ADMIN}
    assert asyncio.run(ask()) == (200, ["rendered"] * 6)
    assert most == 2
