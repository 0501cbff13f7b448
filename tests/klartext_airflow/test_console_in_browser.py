"""The console in Chromium: each kind of page by itself and framed by Airflow, for two users."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from klartext.lake import Lake
from support import console_server
from support.console_lake import EDITED, HOSTILE, batch_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt install chromium)")
HIDDEN = ("source", "batch", "capture", "quality")
"""Pages that are of one source."""
_PATIENCE = 120_000
"""Milliseconds for a page on a busy machine."""


@pytest.fixture(scope="module")
def address(airflow_home: Path, console_lake: Path) -> Iterator[str]:
    with console_server.serve(airflow_home, console_lake) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def page_of(browser: Any, address: str, user: str, width: int = 1280, scheme: str = "light") -> Any:
    """A page of a browser in which the user is logged in."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(_PATIENCE)
    context.add_cookies([{"name": "_token", "value": console_server.token(address, user), "url": address}])
    return context.new_page()


def pages(lake: Path) -> dict[str, str]:
    """The path of a page of each kind."""
    rows = Lake.open(str(lake)).published(batch_of("dwn", 20), "versions")
    assert rows is not None
    (capture,) = [row["capture"] for row in rows.to_pylist() if row["url"] == HOSTILE]
    return {
        "sources": "/",
        "source": "/source/dwn?days=365",
        "batch": f"/batch/dwn/{batch_of('dwn', 22).name}",
        "capture": f"/page/dwn?{urlencode({'file': capture['file'], 'offset': capture['offset']})}",
        "rejects": "/rejects?days=365",
        "takedowns": "/takedowns",
        "report": "/report",
        "search": f"/search?q={quote(EDITED, safe='')}",
        "titles": "/search?q=deich",
        "shared": "/shared?article=dwn:500001",
        "quality": f"/quality/dwn/2024-05-20/{batch_of('dwn', 20).name}/",
    }


def check(frame: Any, kind: str, status: int) -> None:
    """Nothing of a publisher ran, and nothing is wider than the window."""
    assert status == 200, kind
    assert frame.evaluate("document.querySelectorAll('script, img').length") == 0, kind
    assert frame.evaluate("document.title") != "run", kind
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), kind


def test_each_kind_of_page_by_itself_and_framed(browser: Any, address: str, console_lake: Path) -> None:
    wide, narrow = page_of(browser, address, "admin"), page_of(browser, address, "admin", 400, "dark")
    failed: list[str] = []
    wide.on("console", lambda message: failed.append(message.text) if "Refused" in message.text else None)
    for page in (wide, narrow):
        for kind, path in pages(console_lake).items():
            answer = page.goto(f"{address}/console{path}")
            check(page, kind, answer.status)
        page.goto(f"{address}/console/")
    background = narrow.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background != wide.evaluate("getComputedStyle(document.body).backgroundColor"), "dark mode"
    wide.goto(f"{address}/plugin/klartext")
    frame = wide.wait_for_selector("iframe").content_frame()
    frame.wait_for_selector("h1")
    assert wide.get_by_text("Klartext", exact=True).count() > 0, "the entry in the navigation"
    for kind, path in pages(console_lake).items():
        answer = frame.goto(f"{address}/console{path}")
        check(frame, kind, answer.status)
        if kind == "capture":
            assert frame.locator("a[href^='https:']").count() == 0, "links out of the frame are blocked"
            assert frame.locator("footer code").inner_text() == f"{address}/console{path}"
    assert failed == []


def test_a_user_without_rights_for_a_dag_sees_nothing_of_its_source(
    browser: Any, address: str, console_lake: Path
) -> None:
    page = page_of(browser, address, "guest")
    for kind, path in pages(console_lake).items():
        answer = page.goto(f"{address}/console{path}")
        text = page.inner_text("body")
        assert answer.status == (404 if kind == "shared" else 403 if kind in HIDDEN else 200), kind
        assert "500009" not in text and "Stadtrat" not in text and "Deich <" not in text, kind
    page.goto(f"{address}/plugin/klartext")
    frame = page.wait_for_selector("iframe").content_frame()
    assert "zeit" in frame.wait_for_selector("main").inner_text()
    assert "dwn" not in frame.inner_text("main")


def test_a_person_who_is_not_logged_in_is_sent_to_the_login(browser: Any, address: str) -> None:
    page = browser.new_context().new_page()
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{address}/console/source/dwn")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", console_server.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/console/source/dwn")
    assert page.inner_text("h1") == "Deutsche Wirtschafts Nachrichten"
