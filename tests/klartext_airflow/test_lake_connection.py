"""The lake in an object store, opened in a task and at a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from klartext.lake import Lake
from support.object_store import Bucket


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL", "KLARTEXT_DATA_CONN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KLARTEXT_DATA", "s3://klartext/as-tasks-do")
    bucket.lake("as-tasks-do").storage.put("x", b"there")


@pytest.mark.usefixtures("airflow_home")
def test_tasks_use_the_credentials_of_a_connection(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext_airflow.lake_connection import open_lake

    extra = {"region_name": "eu-central-1", "endpoint_url": bucket.endpoint}
    connection = {"conn_type": "aws", "login": "key", "password": "secret", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", json.dumps(connection))
    monkeypatch.setenv("KLARTEXT_DATA_CONN", "lake")
    assert open_lake().storage.read("x") == b"there"


@pytest.mark.usefixtures("airflow_home")
def test_a_session_token_is_passed_on() -> None:
    from airflow.sdk import Connection

    from klartext_airflow.lake_connection import credentials

    extra = json.dumps({"aws_session_token": "token", "role_arn": "arn"})
    assert credentials(Connection(conn_id="lake", conn_type="aws", login="key", password="secret", extra=extra)) == {
        "access_key_id": "key", "secret_access_key": "secret", "session_token": "token",
    }  # fmt: skip


@pytest.mark.usefixtures("airflow_home")
def test_without_a_connection_the_environment_is_used(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext_airflow.lake_connection import open_lake

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", bucket.endpoint)
    assert open_lake().storage.read("x") == b"there"


def test_an_address_may_name_region_and_endpoint(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    lake = Lake.open(f"s3://klartext/as-tasks-do?region=eu-central-1&endpoint={bucket.endpoint}")
    assert lake.storage.read("x") == b"there"
    assert lake.storage.root == "s3://klartext/as-tasks-do"


def test_a_refused_access_says_what_to_check(bucket: Bucket) -> None:
    lake = Lake.open("s3://nobodys-bucket/lake", bucket.access)
    with pytest.raises(OSError, match=r"s3://nobodys-bucket/lake: .*AWS_ENDPOINT_URL, and that the bucket exists"):
        lake.storage.files("", "")


def test_an_unknown_kind_of_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name a folder, or an address as s3://bucket/folder"):
        Lake.open("ftp://host/lake")
