"""What the gate said of a batch, told to whoever listens and linked from the run.

An event of a task that fails is dropped by Airflow, and a refused batch makes its task fail. So a task of its own tells
the account, beside publishing: that a run is red follows from the tasks that are.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import attrs
from airflow.sdk import BaseOperatorLink, conf, task
from airflow.sdk.exceptions import AirflowSkipException

from klartext.batch import Batch
from klartext.lake import Lake
from klartext_assets import BATCHES
from klartext_lake import open_lake

if TYPE_CHECKING:
    from airflow.sdk import XComArg

ROOT = "/quality"
"""Where the pages are served, see ``klartext_pages``."""


def page(batch: Batch) -> str:
    """The address of a batch's page."""
    base = conf.get("api", "base_url", fallback="") or "/"
    return urljoin(base.rstrip("/") + "/", f"{ROOT.strip('/')}/{batch.source}/{batch.date}/{batch.name}/")


def judged(lake: Lake, batch: Batch) -> dict[str, Any] | None:
    """What the gate said of a batch in its last run; None if it has not come that far."""
    said = lake.quality_file(batch.source, batch.date, batch.name, "verdict.json")
    return None if said is None else dict(json.loads(said)["account"])


def tell(event: Any, batches: list[Batch]) -> dict[str, str]:
    """Puts the accounts of batches into an event, in ``extra["batches"]`` by the batch's name, each with its source and
    the address of its page; gives the verdicts."""
    lake, told = open_lake(), event.extra.setdefault("batches", {})
    for batch in batches:
        if account := judged(lake, batch):
            told[batch.name] = account | {"source": batch.source, "page": page(batch)}
            logging.getLogger(__name__).info("%s: %s: %s", batch.name, account["verdict"], page(batch))
    return {name: account["verdict"] for name, account in told.items()}


@task(outlets=[BATCHES], trigger_rule="all_done", retries=1, retry_delay=dt.timedelta(seconds=10))
def account(work: dict[str, Any] | None, outlet_events: Any = None) -> dict[str, str]:
    """Tells of the batch whatever the gate said; has nothing to tell of one that did not come there."""
    batches = [Batch.from_dict(work["batch"])] if work else []
    return tell(outlet_events[BATCHES], batches) or skip()


def skip() -> dict[str, str]:
    raise AirflowSkipException("no batch came as far as the gate")


@attrs.define()
class QualityPage(BaseOperatorLink):
    """A link to the page of the run's batch; of several the first that was refused, else the first."""

    name = "Quality"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Called where the task ran, with its instance, which knows what the tasks before have handed on."""
        works = ti_key.xcom_pull(task_ids="extract") or []
        batches = [Batch.from_dict(work["batch"]) for work in (works if isinstance(works, list) else [works])]
        lake = open_lake()
        verdicts = {batch.name: (judged(lake, batch) or {}).get("verdict") for batch in batches}
        first = sorted(batches, key=lambda batch: (verdicts[batch.name] != "refused", verdicts[batch.name] is None))
        return page(first[0]) if first else ""


def linked(handed_on: XComArg) -> Any:
    """The task with a link to the page of its batch."""
    handed_on.operator.operator_extra_links = (QualityPage(),)  # type: ignore[attr-defined]
    return handed_on
