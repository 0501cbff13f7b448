"""The pages of the gate: for whoever is logged in, from the lake and nowhere else, with nothing in them that runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from klartext.lake import Lake
from klartext.sources import PROJECT
from support.sample_rows import batch


@pytest.fixture(autouse=True)
def plugins(airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROJECT / "plugins"))


PAGE = "/dwn/2024-05-01/dwn-2024-05-01/"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import klartext_pages

    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path))
    lake = Lake.open()
    lake.save_quality_file(batch(), "index.html", "<h1>refused</h1>")
    lake.save_quality_file(batch(), "verdict.json", {"verdict": "refused"})
    lake.storage.put("quality/secret.json", b"{}")
    (served,) = klartext_pages.QualityPlugin().fastapi_apps
    assert served["url_prefix"] == "/quality"
    yield served["app"]


def client(app: Any) -> Any:
    from fastapi.testclient import TestClient

    return TestClient(app)


@pytest.fixture
def known(app: Any) -> Any:
    """A client of somebody who is logged in."""
    from airflow.api_fastapi.core_api.security import get_user

    app.dependency_overrides[get_user] = lambda: object()
    return client(app)


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}verdict.json"])
def test_nobody_else_sees_a_page(app: Any, address: str) -> None:
    assert client(app).get(address).status_code == 401


def test_a_page_and_what_lies_beside_it(known: Any) -> None:
    page, verdict = known.get(PAGE), known.get(f"{PAGE}verdict.json")
    assert (page.text, page.headers["content-type"]) == ("<h1>refused</h1>", "text/html; charset=utf-8")
    assert (verdict.json(), verdict.headers["content-type"]) == (
        {"verdict": "refused"}, "application/json; charset=utf-8"
    )  # fmt: skip


def test_a_page_may_run_and_load_nothing(known: Any) -> None:
    rules = known.get(PAGE).headers["content-security-policy"]
    assert "default-src 'none'" in rules
    assert "sandbox" in rules
    assert "script" not in rules


@pytest.mark.parametrize(
    "address",
    [
        "/dwn/2024-05-02/dwn-2024-05-01/", f"{PAGE}other.json", "/docs", "/openapi.json", "/",
        "/dwn/2024-05-01/..%2F..%2Fsecret.json", f"{PAGE}..%2F..%2F..%2Fsecret.json", "/../../quality/secret.json",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_there(known: Any, address: str) -> None:
    assert known.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/dwn/2024-05-01/../", f"{PAGE}.hidden", "/dwn/yesterday/dwn-2024-05-01/"])
def test_names_are_names(known: Any, address: str) -> None:
    assert known.get(address).status_code in (404, 422)


def test_the_address_is_that_of_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    import klartext_quality

    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org/team")
    assert klartext_quality.page(batch()) == f"https://airflow.example.org/team/quality{PAGE}"
    assert batch().date == dt.date(2024, 5, 1)
