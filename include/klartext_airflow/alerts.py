"""Alerts: failed tasks, refused and unusual batches, and sources without a batch by their deadline.

``KLARTEXT_ALERTS`` names where they are sent (:mod:`klartext_airflow.alert_channels`); without it nothing is sent. Each
source and cause is sent once in twenty hours (:mod:`klartext_airflow.alert_history`). An alert that cannot be sent is
logged, and never fails what it is about.

``python -m klartext_airflow.alerts`` sends a message to try the setting.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import logging
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk import conf
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from klartext_airflow.alert_channels import AlertSettingError, configured_channels, is_configured, send_to_all
from klartext_airflow.alert_history import QUIET, send_once

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.sources import Source

_SUBJECT_LENGTH, _SENTENCE_LENGTH = 150, 3000  # characters
_CREDENTIALS = re.compile(r"://[^\s/@]{1,300}@")
_NO_MESSAGE = "its process ended without a message: it was killed, ran out of memory, or its host was lost"

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Alert:
    """One message.

    Attributes:
        source: the slug of a source, or the name of a DAG that works on several.
        cause: what must be equal for an alert to be sent only once: codes and names, nothing from outside.
        headline: what happened, in a few words.
        sentence: why, in the words of the error or the verdict; may contain text from outside.
        facts: names and values for the lines below it.
    """

    source: str
    cause: str
    headline: str
    sentence: str
    facts: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def subject(self) -> str:
        """One line without control characters."""
        day = f" ({self.facts['Day']})" if "Day" in self.facts else ""
        return _one_line(f"Klartext: {self.source}: {self.headline}{day}")[:_SUBJECT_LENGTH]

    def text(self, suppressed: int = 0) -> str:
        """The message. ``suppressed`` is how often the cause occurred since it was sent last."""
        facts = {"Source": self.source, **self.facts}
        width = max(map(len, facts))
        lines = [_printable(self.sentence)[:_SENTENCE_LENGTH], ""]
        lines += [f"{name:{width}}  {_one_line(value)[:500]}" for name, value in facts.items()]
        if suppressed:
            lines += ["", f"This occurred {suppressed} more times since the last message about it."]
        lines += ["", f"The same cause of this source is not sent again for {QUIET / 3600:.0f} hours."]
        return "\n".join(lines)


def task_failed(context: Any) -> None:
    """Sends that a task has failed and is not retried: an ``on_failure_callback``."""
    with _logged():
        if is_configured():
            _send(_of_task(context))


def batch_warned(batch: Batch, account: str, codes: list[str]) -> None:
    """Sends that a batch is published but unusual. ``account`` is its line, ``codes`` are those of the checks that
    warned."""
    with _logged():
        if is_configured():
            means = {check["code"]: check["means"] for check in _verdict_of(batch).get("checks", [])}
            clauses = "; ".join(f"{code}: {means[code]}" if code in means else code for code in codes)
            sentence = f"{batch.name} is published, but unlike before: {clauses}. {account}"
            _send(_of_batch(batch, "warned", "a batch is unusual", sentence, codes))


def batch_refused(batch: Batch, sentence: str, reasons: list[str]) -> None:
    """Sends that nothing of a batch is published, where no failed task says so. ``reasons`` are the verdict's."""
    with _logged():
        if is_configured():
            _send(_of_batch(batch, "refused", "a batch was refused", sentence, _refusal_codes(reasons)))


def deadline_of(source: Source) -> DeadlineAlert | None:
    """The deadline of a source's DAG; None without ``KLARTEXT_ALERTS``.

    It begins when a run is queued, which the scheduler does at the end of its interval. Runs of a backfill have one
    too, because Airflow makes no difference; :func:`deadline_missed` does.
    """
    if not is_configured():
        return None
    callback = SyncCallback(deadline_missed, kwargs={"slug": source.slug, "hours": source.deadline_hours})
    interval = dt.timedelta(hours=source.deadline_hours)
    return DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=interval, callback=callback)


def deadline_missed(slug: str, hours: float, context: Any = None) -> None:
    """Sends that a scheduled run has no batch by its deadline. Airflow calls it in a process of the executor.

    A run that was validated has a batch, and if that was refused, or if a task failed, an alert of its own.
    """
    with _logged():
        run = dict((context or {}).get("dag_run") or {})
        if not is_configured() or run.get("run_type") != "scheduled" or run.get("state") in ("success", "failed"):
            logger.info("no alert: %s is %s and %s", run.get("dag_run_id"), run.get("run_type"), run.get("state"))
            return
        batch = _batch_of(slug, run.get("data_interval_start"), run.get("data_interval_end"))
        if batch and _is_accounted(batch):
            logger.info("no alert: %s has an account", batch.name)
            return
        dag_id, run_id = str(run.get("dag_id", f"ingest_{slug}")), str(run.get("dag_run_id", ""))
        sentence = (
            f"{batch.name if batch else run_id} has no batch {hours:g} hours after its run was queued; the run is "
            f"{run.get('state')}. Look at its tasks: a queued one waits for its pool or a worker, a running one for "
            "the publisher."
        )
        facts = {"Day": str(batch.date)} if batch else {}
        facts |= {"DAG": dag_id, "Run": run_url(dag_id, run_id)}
        _send(Alert(slug, "deadline", "no batch by its deadline", sentence, facts))


def run_url(dag_id: str, run_id: str, task_id: str = "", map_index: int = -1) -> str:
    """The page of a run, or of one of its tasks, in Airflow's UI."""
    task = f"/tasks/{quote(task_id)}" if task_id else ""
    mapped = f"/mapped/{map_index}" if task_id and map_index >= 0 else ""
    return f"{ui_url()}/dags/{quote(dag_id)}/runs/{quote(run_id)}{task}{mapped}"


def ui_url() -> str:
    """The address of Airflow's UI, without a slash at the end."""
    return str(conf.get("api", "base_url", fallback="") or "http://localhost:8080").rstrip("/")


def _of_task(context: Any) -> Alert:
    ti, run, error = context["ti"], context.get("dag_run"), context.get("exception")
    source = _source_of(ti.dag_id, getattr(run, "partition_key", None))
    batch = _batch_of(source, getattr(run, "data_interval_start", None), getattr(run, "data_interval_end", None))
    map_index = -1 if getattr(ti, "map_index", None) is None else ti.map_index
    facts = {"Day": str(batch.date)} if batch else {}
    facts |= {"DAG": ti.dag_id, "Task": ti.task_id, "Run": run_url(ti.dag_id, ti.run_id, ti.task_id, map_index)}
    refused = _refusal(error)
    if refused is not None and batch:
        return _of_batch(batch, "refused", "a batch was refused", str(error), refused, facts)
    name = type(error).__name__ if error else "no exception"
    sentence = f"{name}: {error}" if error else _NO_MESSAGE
    return Alert(source, f"failed {ti.dag_id}.{ti.task_id} {name}", f"{ti.task_id} failed", sentence, facts)


def _of_batch(
    batch: Batch, verdict: str, headline: str, sentence: str, codes: list[str], facts: dict[str, str] | None = None
) -> Alert:
    from klartext.console.advice import advice
    from klartext_airflow.quality import page_url

    account = _verdict_of(batch).get("account")
    for text in dict.fromkeys(text for _, text in advice(account)) if account else ():
        sentence += f"\n\nIn the console: {text}"
    cause = f"{verdict} {' '.join(sorted(set(codes)))}"
    known = {"Day": str(batch.date), "Batch": batch.name, **(facts or {}), "Console": page_url(batch)}
    return Alert(batch.source, cause, headline, sentence, known)


def _verdict_of(batch: Batch) -> dict[str, Any]:
    """What validate wrote about a batch, with its ``account`` and ``checks``; empty where it cannot be read."""
    from klartext_airflow.lake_connection import open_lake

    try:
        found = open_lake().quality_file(batch.source, batch.date, batch.name, "verdict.json")
        return dict(json.loads(found)) if found else {}
    except (OSError, ValueError) as error:
        logger.warning("the verdict on %s cannot be read: %s", batch.name, error)
        return {}


def _refusal(error: Any) -> list[str] | None:
    """The codes of the checks that refused a batch, of the exception BatchRefused; None for another exception. The
    class is not imported: that of an exception which was raised is, and others need not wait for it."""
    refused = sys.modules.get("klartext.validate.step")
    if refused is None or not isinstance(error, refused.BatchRefused):
        return None
    return _refusal_codes(error.result.get("reasons", []))


def _refusal_codes(reasons: list[str]) -> list[str]:
    """What the reasons of a refusal begin with: the codes of checks."""
    return [code for code in (reason.partition(":")[0] for reason in reasons) if code != "rejects"]


def _source_of(dag_id: str, partition: str | None) -> str:
    """The source that a run is about, or the name of the DAG."""
    if dag_id.startswith("ingest_"):
        return dag_id.removeprefix("ingest_")
    return (partition or "").partition("|")[0] or dag_id


def _batch_of(slug: str, start: Any, end: Any) -> Batch | None:
    """The batch of a run's interval; None for a run without one, and for a source without a file."""
    from klartext.batch import Batch
    from klartext.sources import of_slug

    if not (start and end):
        return None
    with contextlib.suppress(ValueError, KeyError, TypeError):
        first, last = (dt.datetime.fromisoformat(each) if isinstance(each, str) else each for each in (start, end))
        return Batch.of_interval(of_slug(slug), first, last)
    return None


def _is_accounted(batch: Batch) -> bool:
    """True if the batch has an account, published or refused. False where the lake cannot be read."""
    from klartext_airflow.lake_connection import open_lake

    try:
        return open_lake().published(batch, "batches") is not None
    except OSError as error:
        logger.warning("the account of %s cannot be read: %s", batch.name, error)
        return False


def _send(alert: Alert) -> bool:
    from klartext_airflow.lake_connection import open_lake

    channels = configured_channels()

    def send(suppressed: int) -> bool:
        labels = send_to_all(channels, alert.subject, alert.text(suppressed))
        logger.info("alert sent to %s: %s", ", ".join(labels) or "no one", alert.subject)
        return bool(labels)

    try:
        storage = open_lake().storage
    except Exception as error:  # noqa: BLE001 - a missing connection, an address that is wrong: what fails may be this
        logger.warning("the lake cannot be opened to look up which alerts were sent: %s", error)
        return send(0)
    return send_once(storage, alert.source, alert.cause, send)


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    """Logs whatever is raised: an alert must not fail what it is about."""
    try:
        yield
    except AlertSettingError as error:
        logger.error("the alert is not sent: %s", error)
    except Exception:
        logger.exception("the alert is not sent")


def _printable(text: str) -> str:
    """A text without passwords in addresses and without control characters but ends of lines."""
    text = _CREDENTIALS.sub("://***@", text[: 4 * _SENTENCE_LENGTH])
    return "".join(c if c == "\n" or not unicodedata.category(c).startswith("C") else " " for c in text)


def _one_line(text: str) -> str:
    return " ".join(_printable(text).split())


def main() -> int:
    """Sends a message to each channel of ``KLARTEXT_ALERTS``; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")  # connections are read from Airflow's database
    try:
        channels = configured_channels()
    except AlertSettingError as error:
        print(error, file=sys.stderr)
        return 1
    alert = Alert("test", "test", "a test message", "Alerts of Klartext are sent here.", {"Airflow": ui_url()})
    labels = send_to_all(channels, alert.subject, alert.text())
    print(f"Sent to {', '.join(labels) or 'no one'}." if channels else "KLARTEXT_ALERTS is not set.")
    return 0 if channels and len(labels) == len(channels) else 1


if __name__ == "__main__":
    sys.exit(main())
