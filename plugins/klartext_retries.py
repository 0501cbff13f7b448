"""When a task is tried again or has to wait, said once for all DAGs."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterator
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context, timezone
from airflow.sdk.exceptions import AirflowException, AirflowRescheduleException

NEVER = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="klartext.validate.BatchRefused", action=RetryAction.FAIL, reason="the batch was refused"),
        RetryRule(exception="klartext.fetch.NothingCaptured", action=RetryAction.FAIL, reason="nothing to replay"),
    ]
)
"""Another try would end the same."""
LATER = {"retries": 3, "retry_delay": dt.timedelta(minutes=1), "retry_exponential_backoff": 4}
"""For what somebody else has to mend."""


@contextlib.contextmanager
def in_turn() -> Iterator[None]:
    """For what asks a publisher: while another run does, the task is put off, which counts as no try."""
    from klartext.crawler.publisher_lock import PublisherBusy

    try:
        yield
    except PublisherBusy as busy:
        raise AirflowRescheduleException(timezone.utcnow() + dt.timedelta(minutes=1)) from busy


def finished(counts: dict[str, Any]) -> dict[str, Any]:
    """The counts of a step that asks, if it had the time for all. Else the task is tried again and goes on from there;
    what its last try leaves stays told of as ``deadline``."""
    ti = get_current_context()["ti"]
    if counts["left"] and ti.try_number <= ti.max_tries:
        raise AirflowException(f"out of time, or asked for a rest: {counts['left']} are left for the next try")
    return counts


def pool(slug: str) -> str:
    """The Airflow pool of a source's publisher, with ``KLARTEXT_POOLS`` set; it has to be there, with one slot."""
    return f"publisher_{slug}" if os.environ.get("KLARTEXT_POOLS") else "default_pool"
