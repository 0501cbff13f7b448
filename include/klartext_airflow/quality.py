"""The account of a batch and its page in the console: the task that announces them, and the link to the page.

Airflow drops the events of a task that fails, and a refused batch makes its task fail. So another task, beside
publishing, announces the account of every batch.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import attrs
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import BaseOperatorLink, conf
from airflow.sdk.bases.decorator import DecoratedOperator, task_decorator_factory

from klartext.batch import Batch
from klartext_airflow.console_links import URL_PREFIX
from klartext_airflow.lake_connection import open_lake
from klartext_airflow.results import BatchFields, StepResult, batch_of

if TYPE_CHECKING:
    from klartext.lake import Lake

logger = logging.getLogger(__name__)


def page_url(batch: Batch) -> str:
    """The address of a batch's page in the console."""
    base = conf.get("api", "base_url", fallback="") or "/"
    return urljoin(base.rstrip("/") + "/", f"{URL_PREFIX.strip('/')}/batch/{batch.source}/{batch.name}")


def account_of(lake: Lake, batch: Batch) -> dict[str, Any] | None:
    """The account of a batch from its last validation; None if it was never validated."""
    verdict = lake.quality_file(batch.source, batch.date, batch.name, "verdict.json")
    return None if verdict is None else dict(json.loads(verdict)["account"])


def add_accounts(event: Any, batches: Sequence[BatchFields]) -> dict[str, str]:
    """Adds the accounts of batches to the event of a task with the outlet ``BATCHES``: in ``extra["batches"]``, by name
    of the batch, each with its source and the address of its page in the console, and without addresses of articles:
    a take-down does not reach Airflow's database. Returns the verdicts by name of the batch."""
    lake = open_lake()
    accounts = event.extra.setdefault("batches", {})
    for batch in map(batch_of, batches):
        if account := account_of(lake, batch):
            found = [{**finding, "pages": []} for finding in account.get("findings") or []]
            accounts[batch.name] = account | {"findings": found, "source": batch.source, "page": page_url(batch)}
            logger.info("%s: %s: %s", batch.name, account["verdict"], page_url(batch))
    return {name: account["verdict"] for name, account in accounts.items()}


@attrs.define()
class QualityLink(BaseOperatorLink):
    """A link to the page of the run's batch in the console; of several the first refused one, else the first."""

    name = "Quality"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Called in the task's process, with its task instance, which can read the XComs of earlier tasks."""
        extracted: StepResult | list[StepResult] = ti_key.xcom_pull(task_ids="extract") or []
        results = extracted if isinstance(extracted, list) else [extracted]
        batches = [batch_of(result["batch"]) for result in results]
        lake = open_lake()
        verdicts = {batch.name: (account_of(lake, batch) or {}).get("verdict") for batch in batches}
        batches.sort(key=lambda batch: (verdicts[batch.name] != "refused", verdicts[batch.name] is None))
        return page_url(batches[0]) if batches else ""


class _QualityLinkedOperator(DecoratedOperator, PythonOperator):
    """The operator of ``@task``, with the link."""

    custom_operator_name = "@task"
    operator_extra_links = (QualityLink(),)

    def __init__(self, *, python_callable: Any, op_args: Any, op_kwargs: Any, **kwargs: Any) -> None:
        call = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}
        super().__init__(kwargs_to_upstream=call, **call, **kwargs)


def task_with_quality_link(**arguments: Any) -> Any:
    """The decorator ``@task`` for a task whose page in the UI links to the batch in the console."""
    return task_decorator_factory(decorated_operator_class=_QualityLinkedOperator, **arguments)
