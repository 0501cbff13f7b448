"""When a task is tried again or has to wait, said once for all DAGs."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterator

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, timezone
from airflow.sdk.exceptions import AirflowRescheduleException

NEVER = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="klartext.quality.BatchRefused", action=RetryAction.FAIL, reason="the batch was refused"),
        RetryRule(exception="klartext.fetch.NothingCaptured", action=RetryAction.FAIL, reason="nothing to replay"),
    ]
)
"""Another try would end the same."""
LATER = {"retries": 3, "retry_delay": dt.timedelta(minutes=1), "retry_exponential_backoff": 4}
"""For what somebody else has to mend."""


@contextlib.contextmanager
def in_turn() -> Iterator[None]:
    """For what asks a publisher: while another run does, the task is put off, which counts as no try."""
    from klartext.crawler.turn import PublisherBusy

    try:
        yield
    except PublisherBusy as busy:
        raise AirflowRescheduleException(timezone.utcnow() + dt.timedelta(minutes=1)) from busy


def pool(slug: str) -> str:
    """The Airflow pool of a source's publisher, with ``KLARTEXT_POOLS`` set; it has to be there, with one slot."""
    return f"publisher_{slug}" if os.environ.get("KLARTEXT_POOLS") else "default_pool"
