"""When a task is tried again, said once for all DAGs."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

NEVER = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="klartext.quality.BatchRefused", action=RetryAction.FAIL, reason="the batch was refused"),
        RetryRule(exception="klartext.fetch.NothingCaptured", action=RetryAction.FAIL, reason="nothing to replay"),
    ]
)
"""Another try would end the same."""
LATER = {"retries": 3, "retry_delay": dt.timedelta(minutes=1), "retry_exponential_backoff": 4}
"""For what somebody else has to mend."""
