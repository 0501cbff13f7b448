"""The commands: what they refuse, and that nothing of a session is left running."""

from __future__ import annotations

import dataclasses
import socket
from pathlib import Path

import psutil
import pytest

from local_airflow import __main__ as commands
from local_airflow.api import Api
from local_airflow.services import exclusive
from local_airflow.session import session
from local_airflow.settings import Settings
from support.ports import free_ports


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a home, a lake and ports of the test's own."""
    usual = Settings.read({})
    first = free_ports(len(usual.newsroom_ports) + 1)
    own = dataclasses.replace(
        usual,
        home=tmp_path / "airflow",
        data=str(tmp_path / "data"),
        port=first,
        newsroom_ports=range(first + 1, first + 1 + len(usual.newsroom_ports)),
    )
    monkeypatch.setattr(Settings, "read", lambda *_: own)
    return own


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["local_airflow", *arguments])
    return commands.main()


Capture = pytest.CaptureFixture[str]


def test_a_file_that_is_not_there(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert call(monkeypatch, "run", "--warc", "no such.warc.gz") == 1
    assert "There is no file" in capsys.readouterr().err
    assert not settings.home.exists(), "reported before anything starts"


def test_a_source_that_is_unknown(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert call(monkeypatch, "run", "--sources", "dwn,nirgends") == 1
    assert "There is no source 'nirgends'; name one or more of dwn," in capsys.readouterr().err


def test_a_source_file_that_is_wrong(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "bad.yaml").write_text("slug: bad\nname: Bad\nhosts: []\n")
    monkeypatch.setenv("KLARTEXT_SOURCES", str(tmp_path))
    assert call(monkeypatch, "run") == 1
    assert f"{tmp_path / 'bad.yaml'}: hosts:" in capsys.readouterr().err


@pytest.mark.parametrize(("whose", "variable"), [("newsroom", "KLARTEXT_NEWSROOM_PORT"), ("airflow", "KLARTEXT_PORT")])
def test_a_port_in_use(
    whose: str, variable: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    port = settings.newsroom_ports[-1] if whose == "newsroom" else settings.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert call(monkeypatch, "run") == 1
    message = capsys.readouterr().err
    assert message.startswith(f"Port {port}, which ")
    assert variable in message


def test_a_second_run_at_the_same_time(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    settings.home.mkdir()
    with exclusive(settings.home, "make up"):
        assert call(monkeypatch, "run") == 1
    assert "`make up` (process" in capsys.readouterr().err


def test_nothing_to_end(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert call(monkeypatch, "down") == 0
    settings.home.mkdir()
    assert call(monkeypatch, "down") == 0
    assert capsys.readouterr().out == "Nothing was running.\n" * 2


def test_a_session_comes_up_and_leaves_nothing_running(settings: Settings) -> None:
    with session(settings, "make up", print, newsroom=True) as running:
        running.wait_for_dags({"curate", "import_warc", "summary", "ingest_dwn", "ingest_kontorblatt"})
        dags = running.api.dags()
        assert dags["ingest_kontorblatt"]["is_paused"]
        assert dags["summary"]["is_paused"]
        assert not dags["curate"]["is_paused"]
        started = [psutil.Process(process.pid) for process in running.services.running.values()]
        members = [*started, *(child for process in started for child in process.children(recursive=True))]
        assert len(started) == 3
        with pytest.raises(Exception, match="already"), session(settings, "make run", print, newsroom=True):
            pytest.fail("two at once")
        assert Api(settings).healthy() >= {"metadatabase"}, "the second one broke the first"
        secret = {"connection_id": "mail", "conn_type": "smtp", "login": "me", "password": "in clear",
                  "extra": '{"access_token": "also in clear"}'}  # fmt: skip
        running.api.call("POST", "/api/v2/connections", json=secret)
    assert not any(process.is_running() for process in members)
    assert not (settings.home / "services.json").exists()
    files = list(settings.home.rglob("*"))
    assert {path.name: oct(path.stat().st_mode) for path in files if path.stat().st_mode & 0o077} == {}
    assert settings.home.stat().st_mode & 0o077 == 0
    assert settings.database_file in files
    assert [path for path in files if path.is_file() and b"in clear" in path.read_bytes()] == []
