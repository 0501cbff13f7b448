"""Settings of the environment, and the environment and configuration that Airflow gets."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

import newsroom
from klartext.sources import PROJECT
from local_airflow.settings import Secrets, Settings, UserError


def test_by_default_everything_is_in_the_project() -> None:
    settings = Settings.read({})
    assert settings.home == PROJECT / ".airflow"
    assert settings.data == str(PROJECT / "data")
    assert settings.address == "http://127.0.0.1:8080"
    assert list(settings.newsroom_ports) == list(range(8801, 8801 + len(newsroom.load())))
    assert settings.newsroom_options == []
    assert settings.source_folders({}) == [
        PROJECT / "include" / "sources",
        PROJECT / "include" / "newsroom" / "sources",
    ]


def test_an_address_of_an_object_store_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.read({"KLARTEXT_DATA": "s3://bucket/klartext"}).data == "s3://bucket/klartext"
    assert Settings.read({"KLARTEXT_DATA": "lake"}).data == str(tmp_path / "lake"), "tasks run in other folders"


def test_at_other_ports_the_newsroom_writes_its_own_source_files() -> None:
    settings = Settings.read({"KLARTEXT_NEWSROOM_PORT": "9001"})
    assert settings.newsroom_options == ["--sources", str(settings.home / "newsroom-sources")]
    assert settings.source_folders({})[-1] == settings.home / "newsroom-sources"
    assert "127.0.0.1:9001" in settings.environment({})["KLARTEXT_ALLOW_HOSTS"]


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80.5"])
@pytest.mark.parametrize("name", ["KLARTEXT_PORT", "KLARTEXT_NEWSROOM_PORT"])
def test_an_invalid_port_is_refused(name: str, port: str) -> None:
    with pytest.raises(UserError, match=f"{name} is '{port}'; set it to a number between 1 and 65535"):
        Settings.read({name: port})


def test_airflow_and_newsroom_cannot_share_a_port() -> None:
    with pytest.raises(UserError, match="KLARTEXT_PORT is 8803, which the newsroom needs"):
        Settings.read({"KLARTEXT_PORT": "8803"})


def test_another_airflows_settings_are_kept_out() -> None:
    ours = Settings.read({}).environment(
        {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://production", "AIRFLOW_HOME": "/srv", "HOME": "/home/me"}
    )
    assert ours["HOME"] == "/home/me"
    assert {name: value for name, value in ours.items() if name.startswith("AIRFLOW")} == {
        "AIRFLOW_HOME": str(PROJECT / ".airflow")
    }


def test_loopback_is_not_asked_through_a_proxy() -> None:
    ours = Settings.read({}).environment({"NO_PROXY": "intern.example"})
    assert ours["NO_PROXY"].split(",") == ["intern.example", "127.0.0.1", "localhost"]


def test_sources_of_the_operator_come_before_the_newsrooms(tmp_path: Path) -> None:
    ours = Settings.read({}).environment({"KLARTEXT_SOURCES": str(tmp_path)})
    assert ours["KLARTEXT_SOURCES"].split(os.pathsep)[0] == str(tmp_path)


def test_what_is_to_be_imported_may_be_read_beside_the_configured_places() -> None:
    settings = Settings.read({"KLARTEXT_DATA": "/data"})
    assert settings.environment({})["KLARTEXT_IMPORTS"].split(os.pathsep) == [str(PROJECT), "/data"]
    named = dataclasses.replace(settings, imports="/srv/x.warc.gz")
    assert named.environment({})["KLARTEXT_IMPORTS"].split(os.pathsep)[-1] == "/srv/x.warc.gz"
    configured = named.environment({"KLARTEXT_IMPORTS": "/crawls"})["KLARTEXT_IMPORTS"]
    assert configured.split(os.pathsep) == ["/crawls", "/srv/x.warc.gz"]


def test_only_components_that_would_end_wait_a_minute_for_the_database(tmp_path: Path) -> None:
    settings = dataclasses.replace(Settings.read({}), home=tmp_path)
    variable = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
    assert settings.patient_environment()[variable] == f"sqlite:///{tmp_path / 'airflow.db'}?timeout=60"
    assert variable not in settings.environment()
    assert "timeout" not in settings.airflow(Secrets.new())["database"]["sql_alchemy_conn"]
