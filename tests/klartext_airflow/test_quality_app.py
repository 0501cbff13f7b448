"""The quality pages: for users who are logged in, from the lake and nowhere else, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from klartext.lake import Lake
from support.sample_rows import batch


@pytest.fixture(autouse=True)
def _airflow(airflow_home: Path) -> None:
    """Airflow's settings are those of the tests."""


PAGE = "/dwn/2024-05-01/dwn-2024-05-01/"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from klartext_airflow.quality_app import create_app

    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path))
    lake = Lake.open()
    lake.save_quality_file(batch(), "index.html", "<h1>refused</h1>")
    lake.save_quality_file(batch(), "verdict.json", {"verdict": "refused"})
    lake.storage.put("quality/secret.json", b"{}")
    yield create_app()


def client(app: Any) -> Any:
    from fastapi.testclient import TestClient

    return TestClient(app)


@pytest.fixture
def known(app: Any) -> Any:
    """A client that is logged in."""
    from airflow.api_fastapi.core_api.security import get_user

    app.dependency_overrides[get_user] = lambda: object()
    return client(app)


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}verdict.json"])
def test_a_page_needs_a_login(app: Any, address: str) -> None:
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
def test_other_addresses_are_not_found(known: Any, address: str) -> None:
    assert known.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/dwn/2024-05-01/../", f"{PAGE}.hidden", "/dwn/yesterday/dwn-2024-05-01/"])
def test_names_are_names(known: Any, address: str) -> None:
    assert known.get(address).status_code in (404, 422)
