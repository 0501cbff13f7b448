"""compose.yaml: services are checked, documented variables are passed on, and no secret is in the repository."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet

from local_airflow import make_secrets
from local_airflow.install import PROJECT

ONE_SHOT = {"migrate", "bucket"}
OF_THE_LOCAL_RUN = {"KLARTEXT_NEWSROOM_PORT", "KLARTEXT_CLUSTER_PORT"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (PROJECT / "compose.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def documented() -> set[str]:
    """The variables in the table of docs/operating.md."""
    text = (PROJECT / "docs" / "operating.md").read_text("utf-8")
    found = set(re.findall(r"^\| `(KLARTEXT_[A-Z_]+)` \|", text, re.MULTILINE))
    assert len(found) > 8
    return found


def interpolated(text: str) -> set[str]:
    """The variables of .env that a text uses."""
    return set(re.findall(r"\$\{([A-Z_]+)", text))


def test_every_service_that_stays_has_a_health_check(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"database", "broker", "api-server", "scheduler", "dag-processor", "worker"} <= services.keys()
    for name, service in services.items():
        assert ("healthcheck" in service) != (name in ONE_SHOT), name
        if name not in ONE_SHOT:
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name


def test_what_a_service_waits_for_exists_and_can_come_to_that_state(compose: dict[str, Any]) -> None:
    services = compose["services"]
    waits = 0
    for name, service in services.items():
        for other, wanted in service.get("depends_on", {}).items():
            waits += 1
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in services[other], (name, other)
            else:
                assert other in ONE_SHOT, (name, other)
    assert waits > 6


def test_celery_with_two_workers_and_its_libraries_preloaded(compose: dict[str, Any]) -> None:
    worker = compose["services"]["worker"]
    assert worker["environment"]["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert worker["deploy"]["replicas"] == 2
    assert worker["command"][:3] == ["python", "-m", "klartext_airflow.preload"]


def test_all_components_have_the_same_environment(compose: dict[str, Any]) -> None:
    own = {"PASSWORD", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", "DUMB_INIT_SETSID"}
    shared = compose["x-airflow"]["environment"]
    components = ("migrate", "api-server", "scheduler", "dag-processor", "worker", "bucket")
    for name in components:
        environment = compose["services"][name]["environment"]
        assert {key: value for key, value in environment.items() if key not in own} == shared, name
    assert "AIRFLOW__CORE__FERNET_KEY" in shared


def test_every_documented_variable_is_passed_on(compose: dict[str, Any]) -> None:
    passed = set(compose["x-airflow"]["environment"]) | interpolated((PROJECT / "compose.yaml").read_text("utf-8"))
    assert documented() - OF_THE_LOCAL_RUN - passed == set()


def test_the_example_has_every_secret_and_only_settings_that_are_used(compose: dict[str, Any]) -> None:
    text = (PROJECT / ".env.example").read_text("utf-8")
    named = set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.MULTILINE))
    whole = (PROJECT / "compose.yaml").read_text("utf-8")
    required = set(re.findall(r"\$\{([A-Z_]+):\?", whole))
    assert required == set(make_secrets.SECRETS)
    assert required <= named <= interpolated(whole) | set(compose["x-airflow"]["environment"])
    assert [line for line in text.splitlines() if line.partition("=")[0] in required and not line.endswith("=")] == []


def test_secrets_are_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".env.example").write_text(
        "# a comment\nKLARTEXT_SECRET=\nKLARTEXT_FERNET_KEY=\nOTHER=\nKLARTEXT_PASSWORD=mine\n"
    )
    assert make_secrets.main(tmp_path) is None
    written = (tmp_path / ".env").read_text()
    values = dict(line.split("=", 1) for line in written.splitlines() if "=" in line)
    assert values["OTHER"] == "" and values["KLARTEXT_PASSWORD"] == "mine"
    assert re.fullmatch(r"[0-9a-f]{48}", values["KLARTEXT_SECRET"])
    Fernet(values["KLARTEXT_FERNET_KEY"])
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert values["KLARTEXT_SECRET"] not in capsys.readouterr().out
    refusal = make_secrets.main(tmp_path)
    assert refusal is not None and "is left as it is" in refusal
    assert (tmp_path / ".env").read_text() == written


def test_secrets_are_not_in_the_repository() -> None:
    ignored = subprocess.run(["git", "check-ignore", ".env"], cwd=PROJECT, check=False, capture_output=True, text=True)
    assert ignored.stdout.strip() == ".env" or not (PROJECT / ".git").exists()
    assert "!.env" not in (PROJECT / ".dockerignore").read_text().split()


def test_the_demo_has_the_newsroom_and_an_object_store(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, service in services.items() if service.get("profiles") == ["demo"]} == {
        "newsroom", "object-store", "bucket",
    }  # fmt: skip
    command = [sys.executable, *services["newsroom"]["command"][1:], "--help"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=PROJECT / "include")
    assert done.returncode == 0 and "--host" in done.stdout
    hosts = services["worker"]["environment"]["KLARTEXT_ALLOW_HOSTS"]
    assert [f"newsroom:{port}" for port in range(8801, 8805)] == re.findall(r"newsroom:\d+", hosts)


def test_programs_in_commands_are_python(compose: dict[str, Any]) -> None:
    programs = [
        service["command"][2]
        for service in compose["services"].values()
        if isinstance(service.get("command"), list) and service["command"][:2] == ["python", "-c"]
    ]
    assert len(programs) == 1
    for program in programs:
        compile(program, "compose.yaml", "exec")


def test_volumes_of_the_image_belong_to_its_user(compose: dict[str, Any]) -> None:
    """A named volume gets the owner of the folder that the image has there."""
    mounted = [volume.split(":")[1] for volume in compose["x-airflow"]["volumes"] if not volume.startswith("./")]
    dockerfile = (PROJECT / "Dockerfile").read_text("utf-8")
    (made,) = re.findall(r"RUN install -d -o 50000 -g 0 -m 0775 (.*)", dockerfile)
    assert [path for path in mounted if path not in made.split() and not path.startswith("/opt/airflow/")] == []
