"""deploy/helm/values.yaml: only values that the chart knows, of the kind that it takes, and as in compose.yaml."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from local_airflow.install import PROJECT

KNOWN: dict[str, Any] = {
    "executor": str,
    "airflowVersion": str,
    "defaultAirflowRepository": str,
    "defaultAirflowTag": str,
    "data": {"metadataSecretName": str, "resultBackendSecretName": str, "brokerUrlSecretName": str},
    "fernetKeySecretName": str,
    "apiSecretKeySecretName": str,
    "jwtSecretName": str,
    "postgresql": {"enabled": bool},
    "redis": {"enabled": bool},
    "env": list,
    "extraEnvFrom": str,
    "config": dict,
    "workers": {
        "replicas": int,
        "command": list,
        "args": list,
        "terminationGracePeriodSeconds": int,
        "persistence": {"enabled": bool},
        "resources": dict,
    },
    "scheduler": {"replicas": int},
    "apiServer": {"replicas": int},
    "dagProcessor": {"enabled": bool, "replicas": int},
    "triggerer": {"enabled": bool},
    "createUserJob": {"enabled": bool},
}
"""The values of the official chart 1.22 that are used here, by their names in its documentation, and their kinds. There
is no package of the chart in the registry, so this is as far as they can be checked without an engine."""


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PROJECT / "deploy" / "helm" / "values.yaml").read_text("utf-8"))
    return loaded


def problems(values: dict[str, Any], known: dict[str, Any], place: str = "") -> list[str]:
    """The values that the chart does not know, or that are of another kind."""
    found = []
    for name, value in values.items():
        kind = known.get(name)
        if kind is None:
            found.append(f"{place}{name} is not a value of the chart")
        elif isinstance(kind, dict):
            found += problems(value, kind, f"{place}{name}.") if isinstance(value, dict) else [f"{place}{name}"]
        elif value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            found.append(f"{place}{name} is {value!r}, not of type {kind.__name__}")
    return found


def test_all_values_are_the_chart_s(values: dict[str, Any]) -> None:
    assert problems(values, KNOWN) == []
    assert problems({"webserver": {}, "redis": {"enabled": "no"}}, KNOWN) == [
        "webserver is not a value of the chart",
        "redis.enabled is 'no', not of type bool",
    ]


def test_every_setting_is_one_that_airflow_has(values: dict[str, Any], airflow_home: object) -> None:
    from airflow.configuration import retrieve_configuration_description

    sections = retrieve_configuration_description(include_providers=True)
    sections.setdefault("celery", {"options": {"worker_concurrency": {}, "worker_prefetch_multiplier": {}}})
    settings = [(section, name) for section, found in values["config"].items() for name in found]
    assert len(settings) > 6
    assert [(section, name) for section, name in settings if name not in sections[section]["options"]] == []


def test_the_image_has_the_airflow_of_the_lock(values: dict[str, Any]) -> None:
    assert f"apache-airflow=={values['airflowVersion']}" in (PROJECT / "pyproject.toml").read_text("utf-8")
    assert f"airflow:{values['airflowVersion']}-" in (PROJECT / "Dockerfile").read_text("utf-8")
    assert f'version = "{values["defaultAirflowTag"]}"' in (PROJECT / "pyproject.toml").read_text("utf-8")


def test_workers_are_as_in_compose(values: dict[str, Any]) -> None:
    compose = yaml.safe_load((PROJECT / "compose.yaml").read_text("utf-8"))
    worker = compose["services"]["worker"]
    assert values["executor"] == worker["environment"]["AIRFLOW__CORE__EXECUTOR"]
    assert values["workers"]["args"] == worker["command"]
    assert values["workers"]["replicas"] == worker["deploy"]["replicas"]
    assert values["config"]["core"]["dags_folder"] in (PROJECT / "Dockerfile").read_text("utf-8")


def test_no_host_needs_a_disk_of_another(values: dict[str, Any]) -> None:
    env = {each["name"]: each["value"] for each in values["env"]}
    assert env["KLARTEXT_DATA"].startswith("s3://")
    assert values["config"]["logging"]["remote_base_log_folder"].startswith("s3://")
    assert values["workers"]["persistence"]["enabled"] is False
    secrets = [values["data"]["metadataSecretName"], values["fernetKeySecretName"], values["apiSecretKeySecretName"],
               values["jwtSecretName"], "klartext-store"]  # fmt: skip
    documentation = (PROJECT / "docs" / "operating.md").read_text("utf-8")
    assert [name for name in secrets if name not in documentation] == []
