"""What is sent when a task fails, a batch is refused or unusual, and a source has no batch by its deadline."""

from __future__ import annotations

import datetime as dt
import json
import types
from pathlib import Path
from typing import Any

import pytest

from klartext.batch import Batch
from klartext.lake import Lake
from klartext.sources import of_slug
from support.mail_server import MailServer
from support.sample_lake import publish
from support.sample_rows import article

START, END = dt.datetime(2024, 5, 14, 2, tzinfo=dt.UTC), dt.datetime(2024, 5, 15, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _settings(airflow_home: Path, tmp_path: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "lake"))
    monkeypatch.setenv("KLARTEXT_ALERTS", "smtp://mail?to=me@example.org")
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org/klartext/")


def context(error: BaseException | None = None, dag: str = "ingest_dwn", task: str = "fetch", **run: Any) -> Any:
    """What Airflow passes to a callback of a task that failed."""
    interval = {"data_interval_start": START, "data_interval_end": END, "partition_key": None}
    ti = types.SimpleNamespace(dag_id=dag, task_id=task, run_id="scheduled__2024-05-14T02:00:00+00:00", map_index=-1)
    return {"ti": ti, "dag_run": types.SimpleNamespace(**(interval | run)), "exception": error}


def test_a_failed_task_is_sent_once_with_source_day_sentence_and_link(mail_server: MailServer) -> None:
    from klartext_airflow.alerts import task_failed

    for _ in range(3):
        task_failed(context(OSError("no space left on the device")))
    task_failed(context(OSError("no space left on the device"), dag="ingest_zeit"))
    assert [mail["Subject"] for mail in mail_server.mails] == [
        "Klartext: dwn: fetch failed (2024-05-14)", "Klartext: zeit: fetch failed (2024-05-14)",
    ]  # fmt: skip
    text = mail_server.texts[0]
    assert "OSError: no space left on the device" in text
    assert (
        "https://airflow.example.org/klartext/dags/ingest_dwn/runs/scheduled__2024-05-14T02%3A00%3A00%2B00%3A00"
        "/tasks/fetch" in text
    )


def test_a_process_that_was_killed_has_no_exception(mail_server: MailServer) -> None:
    from klartext_airflow.alerts import task_failed

    task_failed(context(None))
    assert "its process ended without a message" in mail_server.texts[0]


def test_runs_of_several_sources_are_told_apart_by_partition(mail_server: MailServer) -> None:
    from klartext_airflow.alerts import task_failed

    nothing = {"data_interval_start": None, "data_interval_end": None}
    task_failed(context(ValueError("x"), "curate", "curate", **nothing, partition_key="zeit|2024-05"))
    task_failed(context(ValueError("x"), "heal", "heal", **nothing))
    assert [mail["Subject"] for mail in mail_server.mails] == [
        "Klartext: zeit: curate failed", "Klartext: heal: heal failed",
    ]  # fmt: skip


def test_text_from_outside_adds_no_header_and_is_bounded(mail_server: MailServer) -> None:
    from klartext_airflow.alerts import Alert, task_failed

    hostile = "a\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>\x00\x1b[31m‮" + "x" * 100_000
    task_failed(context(ValueError(hostile), task="fe\r\nBcc: b@example.org"))
    (mail,) = mail_server.mails
    assert mail["Bcc"] is None
    assert mail_server.envelopes[0].rcpt_tos == ["me@example.org"]
    assert len(mail_server.envelopes[0].content) < 20_000
    assert "<script>" not in mail_server.texts[0] and "&lt;script&gt;" in mail_server.texts[0]
    assert not {"\x00", "\x1b", "‮"} & set(mail_server.texts[0])
    subject = Alert("dwn", "c", "Überschrift " * 100 + "\n", "").subject
    assert len(subject) <= 150 and "\n" not in subject


def test_passwords_in_addresses_are_left_out(mail_server: MailServer) -> None:
    from klartext_airflow.alerts import task_failed

    task_failed(context(OSError("cannot reach postgresql://me:hunter2@db/x")))
    assert "hunter2" not in mail_server.texts[0] and "postgresql://***@db/x" in mail_server.texts[0]


def test_a_refused_batch_is_sent_once_for_the_same_checks(mail_server: MailServer) -> None:
    from klartext.validate import BatchRefused
    from klartext_airflow.alerts import task_failed

    def refused(*reasons: str) -> BatchRefused:
        return BatchRefused(f"dwn is refused: {'; '.join(reasons)}", {"reasons": list(reasons)})

    no_text = refused("batch-texts: pages without text, 80% where 33% may be", "rejects: no-text 8")
    task_failed(context(no_text, task="validate"))
    task_failed(context(refused("batch-texts: pages without text, 90% where 33% may be"), task="validate"))
    task_failed(context(refused("batch-times: pages without time, 90% where 50% may be"), task="validate"))
    assert len(mail_server.mails) == 2
    assert mail_server.mails[0]["Subject"] == "Klartext: dwn: a batch was refused (2024-05-14)"
    assert "pages without text, 80% where 33% may be" in mail_server.texts[0]
    assert "https://airflow.example.org/klartext/console/batch/dwn/dwn-" in mail_server.texts[0]


def test_warnings_and_refusals_of_an_import(mail_server: MailServer, tmp_path: Path) -> None:
    from klartext_airflow.alerts import batch_refused, batch_warned

    batch = Batch.of_interval(of_slug("dwn"), START, END)
    account = {"verdict": "warned", "reasons": [], "warnings": ["past-leads"]}
    checks = [{"code": "past-leads", "means": "share of articles without a lead"}]
    Lake.open(str(tmp_path / "lake")).save_quality_file(batch, "verdict.json", {"account": account, "checks": checks})
    batch_warned(batch, "12 articles, 9 without a lead", ["past-leads"])
    batch_warned(batch, "12 articles, 9 without a lead", ["past-leads"])
    batch_refused(batch, "is refused: no text", ["batch-texts: no text", "rejects: no-text 8"])
    assert [mail["Subject"] for mail in mail_server.mails] == [
        "Klartext: dwn: a batch is unusual (2024-05-14)", "Klartext: dwn: a batch was refused (2024-05-14)",
    ]  # fmt: skip
    assert "is published, but unlike before: past-leads: share of articles without a lead. 12" in mail_server.texts[0]
    assert "add a dated layout to the source file" in mail_server.texts[0], "what to do"


@pytest.mark.parametrize("value", ["", "nonsense", "smtp://nowhere?to=a@b.example", "smtp://mail?to=me@example.org"])
def test_an_alert_never_fails_the_task(
    value: str, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from klartext_airflow.alerts import task_failed

    mail_server.refusal = "554 no"
    monkeypatch.setenv("KLARTEXT_ALERTS", value)
    task_failed(context(ValueError("x")))
    task_failed({})
    assert mail_server.mails == []
    assert ("alert" in caplog.text) == bool(value)


def test_without_a_lake_the_alert_is_sent(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext_airflow.alerts import task_failed

    monkeypatch.setenv("KLARTEXT_DATA_CONN", "missing")
    task_failed(context(ValueError("x")))
    assert len(mail_server.mails) == 1


def run(**changes: Any) -> dict[str, Any]:
    """What Airflow passes to the callback of a deadline."""
    values = {"dag_id": "ingest_dwn", "dag_run_id": "scheduled__1", "run_type": "scheduled", "state": "running",
              "data_interval_start": START.isoformat(), "data_interval_end": END.isoformat()}  # fmt: skip
    return {"dag_run": values | changes, "deadline": {"id": "1"}}


def test_a_source_without_a_batch_by_its_deadline(mail_server: MailServer) -> None:
    from klartext_airflow.alerts import deadline_missed

    deadline_missed("dwn", 6.0, run())
    deadline_missed("dwn", 6.0, run())
    (mail,) = mail_server.mails
    assert mail["Subject"] == "Klartext: dwn: no batch by its deadline (2024-05-14)"
    assert "has no batch 6 hours after its run was queued; the run is running" in mail_server.texts[0]
    assert "/dags/ingest_dwn/runs/scheduled__1" in mail_server.texts[0]


@pytest.mark.parametrize(
    "changes", [{"run_type": "backfill"}, {"run_type": "manual"}, {"state": "failed"}, {"state": "success"}]
)
def test_runs_without_a_deadline(changes: dict[str, str], mail_server: MailServer) -> None:
    """Backfills wait for each other, and a failed task has an alert of its own."""
    from klartext_airflow.alerts import deadline_missed

    deadline_missed("dwn", 6.0, run(**changes))
    assert mail_server.mails == []


def test_a_batch_that_is_there_meets_the_deadline(mail_server: MailServer, tmp_path: Path) -> None:
    from klartext_airflow.alerts import deadline_missed

    batch = Batch.of_interval(of_slug("dwn"), START, END)
    publish(Lake.open(str(tmp_path / "lake")), batch, article())
    deadline_missed("dwn", 6.0, run())
    deadline_missed("dwn", 6.0, run(data_interval_start=END.isoformat(), data_interval_end="2024-05-16T02:00:00+00:00"))
    assert [mail["Subject"] for mail in mail_server.mails] == ["Klartext: dwn: no batch by its deadline (2024-05-15)"]


def test_airflow_stores_the_deadline_and_calls_it_when_it_has_passed(mail_server: MailServer) -> None:
    """A run of the DAG with its deadline in Airflow's database, taken as the scheduler takes it, and the callback run
    as the executor runs it."""
    import structlog
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models import Deadline
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.sdk.execution_time.callback_supervisor import execute_callback
    from airflow.timetables.base import DataInterval
    from airflow.utils.session import create_session
    from airflow.utils.types import DagRunTriggeredByType, DagRunType
    from sqlalchemy import select

    from klartext_airflow.ingest import ingest_dag

    dag = ingest_dag(of_slug("dwn").model_copy(update={"slug": "late", "deadline_hours": 0.5}), "doc " * 60)
    assert dag.deadline
    bag = DagBag("/dev/null", bundle_name="dags-folder", bundle_path=Path("/"))
    dag.fileloc, dag.relative_fileloc = __file__, __file__
    bag.bag_dag(dag)
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, "dags-folder", None)
    with create_session() as session:
        stored = SerializedDagModel.get_dag(dag.dag_id, session=session)
        now = dt.datetime.now(dt.UTC)
        stored.create_dagrun(
            run_id="scheduled__late", logical_date=START, data_interval=DataInterval(START, END), run_after=END,
            run_type=DagRunType.SCHEDULED, triggered_by=DagRunTriggeredByType.TIMETABLE, state="queued",
            session=session,
        )  # fmt: skip
    with create_session() as session:
        deadline = session.scalars(select(Deadline)).one()
        assert abs((deadline.deadline_time - now).total_seconds() - 1800) < 60
        deadline.handle_miss(session)
        data = json.loads(json.dumps(deadline.callback.data, default=str))
        session.delete(deadline.dagrun)
    done = execute_callback(data["path"], data["kwargs"], Path("x"), None, structlog.get_logger())
    assert done == (True, None)
    assert mail_server.mails[0]["Subject"] == "Klartext: late: no batch by its deadline (2024-05-14)"


def test_without_the_setting_there_are_no_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext_airflow.ingest import ingest_dag

    monkeypatch.delenv("KLARTEXT_ALERTS")
    assert not ingest_dag(of_slug("dwn"), "doc").deadline


def test_the_setting_can_be_tried(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from klartext_airflow import alerts

    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "")
    assert alerts.main() == 0
    assert capsys.readouterr().out == "Sent to smtp://mail.\n"
    assert mail_server.mails[0]["Subject"] == "Klartext: test: a test message"
    mail_server.refusal = "554 no"
    assert alerts.main() == 1
    monkeypatch.setenv("KLARTEXT_ALERTS", "mail")
    assert alerts.main() == 1
    assert "has no scheme" in capsys.readouterr().err
    monkeypatch.setenv("KLARTEXT_ALERTS", "")
    assert alerts.main() == 1
    assert "is not set" in capsys.readouterr().out
