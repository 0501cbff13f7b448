"""What is the same for the tasks of all DAGs: retries, and what is called when a task has failed."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context, timezone
from airflow.sdk.exceptions import AirflowException, AirflowRescheduleException

from klartext.errors import PermanentError
from klartext_airflow import alerts

DEFAULT_ARGS: dict[str, Any] = {
    "retries": 4,
    "retry_delay": dt.timedelta(seconds=10),
    "retry_exponential_backoff": 3,  # after 10, 30, 90 and 270 seconds
    "retry_policy": ExceptionRetryPolicy(
        rules=[RetryRule(exception=PermanentError, action=RetryAction.FAIL, reason="another try would fail likewise")]
    ),
    "on_failure_callback": [alerts.task_failed],  # when a task has failed and is not retried
}
"""``default_args`` of every DAG. Every step may be repeated, so a task that failed is retried, more than once because a
worker that is lost costs a try too. What another try cannot change is not: a refused batch, nothing to replay."""

PUBLISHER_RETRIES: dict[str, Any] = {
    "retries": 5,
    "retry_delay": dt.timedelta(minutes=1),
    "retry_exponential_backoff": 4,  # after 1, 4 and 16 minutes, and then after 30
    "max_retry_delay": dt.timedelta(minutes=30),
}
"""Arguments of tasks that fail mostly because a publisher's server does, which takes longer to pass."""


@contextlib.contextmanager
def wait_while_busy() -> Iterator[None]:
    """Reschedules the task, which uses none of its tries, if the publisher may not be asked now: it asked for a pause
    with ``Retry-After``, or a run that the pool does not cover (a command at a shell, another source that uses the same
    archive) is making requests. Raises AirflowRescheduleException.
    """
    from klartext.crawler.publisher_lease import PublisherBusy

    try:
        yield
    except PublisherBusy as busy:
        raise AirflowRescheduleException(timezone.utcnow() + dt.timedelta(seconds=busy.seconds)) from busy


def require_complete(counts: dict[str, Any]) -> dict[str, Any]:
    """The counts of a step that asks a publisher, if it had time for everything or this was the last try.

    Raises AirflowException otherwise: the next try goes on from there. What the last try leaves is recorded with the
    outcome ``deadline``.
    """
    ti = get_current_context()["ti"]
    if counts["left"] and ti.try_number <= ti.max_tries:
        raise AirflowException(f"out of time, or asked for a pause: {counts['left']} are left for the next try")
    return counts
