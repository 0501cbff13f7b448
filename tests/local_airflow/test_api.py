"""Calls of the API of a server that refuses a login, or does not answer."""

from __future__ import annotations

import httpx
import pytest

from local_airflow import api as api_module
from local_airflow.api import Api, NoAnswerError
from local_airflow.settings import Settings, UserError


class Server:
    """Refuses every call without the token of the latest login, as Airflow refuses one from before or after a clock
    was put back."""

    def __init__(self, status: int, detail: str) -> None:
        self.status, self.detail, self.logins = status, detail, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/token":
            self.logins += 1
            return httpx.Response(201, json={"access_token": "new"})
        if request.headers.get("Authorization") != "Bearer new":
            return httpx.Response(self.status, json={"detail": self.detail})
        return httpx.Response(200, json={"dags": []})


def api_of(server: Server) -> Api:
    api = Api(Settings.read({}))
    api._client = httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(server))
    return api


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module.time, "sleep", lambda _: None)


@pytest.mark.parametrize(("status", "detail"), [(401, "Not authenticated"), (403, "Invalid JWT token")])
def test_a_login_that_is_not_valid_any_more_is_repeated(status: int, detail: str) -> None:
    server = Server(status, detail)
    assert api_of(server).dags() == {}
    assert server.logins == 1


def test_what_the_user_may_not_do_is_an_error() -> None:
    server = Server(403, "Forbidden")
    with pytest.raises(UserError, match=r"403 .*Forbidden"):
        api_of(server).dags()
    assert server.logins == 0


def test_a_server_that_does_not_answer_is_named() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    api = Api(Settings.read({}))
    api._client = httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(refuse))
    with pytest.raises(NoAnswerError, match="does not answer at /api/v2/dags"):
        api.dags()
