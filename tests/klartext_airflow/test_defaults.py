"""Retries of tasks that ask a publisher."""

from __future__ import annotations

import datetime as dt
import types
from pathlib import Path

import pytest

from klartext.crawler.publisher_lease import PublisherBusy


@pytest.fixture(autouse=True)
def _airflow(airflow_home: Path) -> None:
    """Airflow's settings are those of the tests."""


@pytest.mark.parametrize("seconds", [60, 7200])
def test_a_busy_publisher_reschedules_the_task_until_it_may_be_asked(seconds: int) -> None:
    from airflow.sdk.exceptions import AirflowRescheduleException

    from klartext_airflow.defaults import wait_while_busy

    with pytest.raises(AirflowRescheduleException) as rescheduled, wait_while_busy():
        raise PublisherBusy("another run makes requests to dwn", seconds)
    wait = (rescheduled.value.reschedule_date - dt.datetime.now(dt.UTC)).total_seconds()
    assert seconds - 30 < wait <= seconds


def test_other_errors_are_left_alone() -> None:
    from klartext_airflow.defaults import wait_while_busy

    with pytest.raises(ValueError, match="broken"), wait_while_busy():
        raise ValueError("broken")


@pytest.mark.parametrize(("left", "try_number", "fails"), [(0, 1, False), (7, 1, True), (7, 3, True), (7, 4, False)])
def test_an_incomplete_step_fails_except_on_the_last_try(
    left: int, try_number: int, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowException

    from klartext_airflow import defaults

    ti = types.SimpleNamespace(try_number=try_number, max_tries=3)
    monkeypatch.setattr(defaults, "get_current_context", lambda: {"ti": ti})
    if fails:
        with pytest.raises(AirflowException, match="7 are left for the next try"):
            defaults.require_complete({"left": left})
    else:
        assert defaults.require_complete({"left": left}) == {"left": left}


@pytest.mark.parametrize(
    ("error", "action"),
    [
        ("klartext.validate:BatchRefused", "fail"),
        ("klartext.fetch:NothingCaptured", "fail"),
        ("builtins:OSError", "default"),
    ],
)
def test_permanent_errors_are_not_retried(error: str, action: str) -> None:
    import importlib

    from klartext_airflow.defaults import DEFAULT_ARGS

    module, _, name = error.partition(":")
    raised = getattr(importlib.import_module(module), name)("the reason")
    decision = DEFAULT_ARGS["retry_policy"].evaluate(raised, 1, 3)
    assert decision.action.value == action
