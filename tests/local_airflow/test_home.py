"""Airflow's home: nobody else may read it, and its database has no secret in clear."""

from __future__ import annotations

import configparser
import dataclasses
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from local_airflow import home as home_module
from local_airflow.home import encrypt_secrets, make_folder, make_private, prepare_home, private_files, write_settings
from local_airflow.settings import CLUSTER_HOME, Settings, UserError

SECRET = "a password in clear"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return dataclasses.replace(Settings.read({}), home=tmp_path / "100 % ours")


def config(settings: Settings) -> configparser.ConfigParser:
    file = configparser.ConfigParser()
    file.read(settings.home / "airflow.cfg")
    return file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_is_created_or_the_message_says_what_to_do(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b", "choose another")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"Cannot write to .*file/under.*; choose another\."):
        make_folder(tmp_path / "file" / "under", "choose another")


def test_the_secrets_stay_and_the_port_may_change(settings: Settings) -> None:
    settings.home.mkdir()
    secrets = write_settings(settings)
    first = config(settings)
    settings = dataclasses.replace(settings, port=8090)
    assert write_settings(settings) == secrets
    second = config(settings)
    assert first["api_auth"]["jwt_secret"] == second["api_auth"]["jwt_secret"] == secrets.token
    assert first["core"]["fernet_key"] == second["core"]["fernet_key"] == secrets.fernet_key
    assert len(secrets.token) == 64
    assert secrets.token not in repr(secrets) and secrets.fernet_key not in repr(secrets)
    Fernet(secrets.fernet_key)
    assert (first["api"]["port"], second["api"]["port"]) == ("8080", "8090")
    assert second["database"]["sql_alchemy_conn"] == f"sqlite:///{settings.home / 'airflow.db'}"
    assert mode(settings.home / "airflow.cfg") == 0o600


def test_no_two_homes_have_the_same_secrets(settings: Settings, tmp_path: Path) -> None:
    other = dataclasses.replace(settings, home=tmp_path / "other")
    for each in (settings, other):
        each.home.mkdir()
    one, two = write_settings(settings), write_settings(other)
    assert one.token != two.token and one.fernet_key != two.fernet_key


def test_permissions_of_others_are_taken_away(tmp_path: Path) -> None:
    home, beside = tmp_path / "home", tmp_path / "beside"
    for folder in (home / "logs" / "tasks", home / CLUSTER_HOME, beside):
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    for file in (home / "airflow.db", home / "logs" / "tasks" / "1.log", home / CLUSTER_HOME / "2.log", beside / "3"):
        file.touch()
        file.chmod(0o664)
    (home / "program").touch()
    (home / "program").chmod(0o755)
    (home / "link").symlink_to(beside / "3")
    make_private(home, but=frozenset({home / CLUSTER_HOME}))
    assert mode(home) == mode(home / "logs") == mode(home / "logs" / "tasks") == 0o700
    assert mode(home / "airflow.db") == mode(home / "logs" / "tasks" / "1.log") == 0o600
    assert mode(home / "program") == 0o700
    assert mode(beside / "3") == mode(home / CLUSTER_HOME / "2.log") == 0o664, "not below it, and another command's"


def test_what_a_session_creates_is_its_users_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with private_files() as umask:
            assert umask == 0o022
            (tmp_path / "file").touch()
            (tmp_path / "folder").mkdir()
        (tmp_path / "after").touch()
    finally:
        os.umask(before)
    assert (mode(tmp_path / "file"), mode(tmp_path / "folder")) == (0o600, 0o700)
    assert mode(tmp_path / "after") == 0o644


def database(file: Path) -> None:
    """The tables of Airflow's database that have secrets, in clear, as without a Fernet key."""
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE connection (id, conn_id, password, extra, is_encrypted, is_extra_encrypted)")
        connection.execute("CREATE TABLE variable (id, key, val, is_encrypted)")
        connection.executemany(
            "INSERT INTO connection VALUES (?, ?, ?, ?, 0, ?)",
            [(1, "lake", SECRET, f'{{"token": "{SECRET}"}}', 0), (2, "empty", None, "", None)],
        )
        connection.execute("INSERT INTO variable VALUES (1, 'key', ?, 0)", [SECRET])
    connection.close()


def test_a_database_of_an_earlier_version_is_encrypted(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    file = tmp_path / "airflow.db"
    database(file)
    assert SECRET.encode() in file.read_bytes()
    assert encrypt_secrets(file, key) == 3
    assert [SECRET.encode() in path.read_bytes() for path in tmp_path.iterdir()] == [False]
    with sqlite3.connect(file) as connection:
        (row,) = connection.execute(
            "SELECT password, extra, is_encrypted, is_extra_encrypted FROM connection WHERE conn_id = 'lake'"
        )
        assert Fernet(key).decrypt(row[0]).decode() == SECRET
        assert Fernet(key).decrypt(row[1]).decode() == f'{{"token": "{SECRET}"}}'
        assert row[2:] == (1, 1)
    connection.close()
    before = file.read_bytes()
    assert encrypt_secrets(file, key) == 0, "once"
    assert file.read_bytes() == before


def test_a_home_of_an_earlier_version_is_brought_up_to_date(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.home.mkdir(mode=0o755)
    for name, text in {"airflow.cfg": "[core]\nfernet_key = \n[api_auth]\njwt_secret = abc\n", "passwords.json": "{}",
                       "migrated": home_module.importlib.metadata.version("apache-airflow")}.items():  # fmt: skip
        (settings.home / name).write_text(text)
        (settings.home / name).chmod(0o644)
    database(settings.database_file)
    settings.database_file.chmod(0o644)
    monkeypatch.setattr(home_module, "_migrate", lambda _: pytest.fail("it is of the installed version"))
    with private_files():
        prepare_home(settings)
    assert config(settings)["api_auth"]["jwt_secret"] == "abc"
    Fernet(config(settings)["core"]["fernet_key"])
    for path in (settings.home, *settings.home.rglob("*")):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path
        assert path.is_dir() or SECRET.encode() not in path.read_bytes()
