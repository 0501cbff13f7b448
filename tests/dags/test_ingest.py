"""The ingest DAGs on the newsroom's pages: every task as Airflow runs it."""

from __future__ import annotations

import datetime as dt
import types
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import newsroom
from support.newsroom_runs import FIRST_DAY, SLUGS, Run, accounts, announced, curated, published, published_rows


@pytest.mark.parametrize("slug", SLUGS)
def test_a_day_of_the_newsroom(slug: str, run: Run, lake: Path) -> None:
    begin = dt.datetime.now(dt.UTC)
    assert set(run(slug).values()) == {"success"}
    assert [account["verdict"] for account in accounts(slug).values()] == ["passed"]
    assert announced(slug, begin) == {f"{slug}|2024-05"}
    tables = {name.split("/")[1] for name in published(lake)}
    assert {"versions", "fetches"} <= tables
    assert list((lake / "raw" / f"source={slug}").rglob("*.warc.gz"))


def test_a_rerun_leaves_the_same_bytes(run: Run, lived: Path) -> None:
    before = published(lived)
    assert before
    assert set(run(SLUGS[0]).values()) == {"success"}
    assert published(lived) == before


@pytest.mark.parametrize(
    ("step", "function"),
    [
        ("fetch", "klartext.fetch.fetch_batch"),
        ("extract", "klartext.extract.chunks.extract_chunk"),
        ("validate", "klartext.validate.validate_batch"),
    ],
)
def test_a_run_that_died_between_stages_ends_as_if_it_had_not(
    step: str, function: str, run: Run, lake: Path, two_days: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    def die(*_: Any, **__: Any) -> None:
        raise AirflowFailException("the machine went away")

    with monkeypatch.context() as patch:
        patch.setattr(function, die)
        states = run(SLUGS[0])
    assert (states["run"], states[step], states["publish"]) == ("failed", "failed", "upstream_failed")
    assert published(lake) == {}, "nothing is published before the gate"
    assert set(run(SLUGS[0]).values()) == {"success"}
    undisturbed = published_rows(two_days, SLUGS[0])
    assert {"versions", "teasers", "fetches"} <= undisturbed.keys()
    assert published_rows(lake, SLUGS[0]) == undisturbed


def test_a_refused_batch_is_not_tried_again(run: Run, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext.validate import BatchRefused

    tries = []

    def refuse(*_: Any, **__: Any) -> None:
        tries.append(1)
        raise BatchRefused("nine of ten pages have no text")

    monkeypatch.setattr("klartext.validate.validate_batch", refuse)
    states = run(SLUGS[0])
    assert (states["validate"], states["publish"], states["account"]) == ("failed", "upstream_failed", "skipped")
    assert len(tries) == 1
    assert published(lake) == {}


def test_a_refused_batch_is_announced_with_its_reasons_and_linked(
    run: Run, dags: dict[str, Any], lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext.validate import checks, history

    monkeypatch.setattr(checks, "FEW", 1)
    monkeypatch.setattr(history, "FEW", 1)
    monkeypatch.setattr(checks, "TEXT_LENGTH", (100_000, 1_000_000))
    states = run(SLUGS[0])
    assert [states[name] for name in ("run", "validate", "publish", "account")] == [
        "failed", "failed", "upstream_failed", "success"
    ]  # fmt: skip
    assert {name.split("/")[1] for name in published(lake)} == {"batches"}
    ((name, account),) = accounts(SLUGS[0]).items()
    assert (account["verdict"], account["published"], account["rejected"]) == ("refused", 0, account["discovered"])
    assert "batch-rejects: too many pages were rejected, 100% where 50% may be" in account["reasons"]
    assert account["page"].endswith(f"/console/batch/{SLUGS[0]}/{name}")
    assert (lake / "quality" / f"source={SLUGS[0]}" / "date=2024-05-14" / name / "index.html").exists()
    interval = {edge: account[edge] for edge in ("start", "end")}
    xcom = {"batch": {"source": SLUGS[0], "name": name, "date": "2024-05-14", **interval}, "counts": {}}
    for task in ("validate", "account"):
        (link,) = dags[f"ingest_{SLUGS[0]}"].get_task(task).operator_extra_links
        instance = types.SimpleNamespace(xcom_pull=lambda task_ids: xcom)
        assert link.get_link(None, ti_key=instance) == account["page"]


def test_a_replay_asks_no_server_and_gives_the_same_lake(
    press: newsroom.Press, dags: dict[str, Any], lived: Path
) -> None:
    from typer.testing import CliRunner

    from klartext.cli import app

    curated(dags, f"{SLUGS[0]}|2024-05")
    before, asked = published(lived), len(press.request_log)
    ran = dags[f"ingest_{SLUGS[0]}"].test(logical_date=FIRST_DAY, run_conf={"replay": True})
    assert ran.state == "success"
    assert published(lived) == before
    by_hand = CliRunner().invoke(app, ["replay", SLUGS[0], "--from", "2024-05-14"])
    assert by_hand.exit_code == 0, by_hand.output
    assert published(lived) == before
    assert len(press.request_log) == asked


def test_a_replay_without_captures_fails(press: newsroom.Press, dags: dict[str, Any], lake: Path) -> None:
    asked = len(press.request_log)
    ran = dags[f"ingest_{SLUGS[0]}"].test(logical_date=FIRST_DAY, run_conf={"replay": True})
    states = {ti.task_id: str(ti.state) for ti in ran.get_task_instances()}
    assert (states["discover"], states["fetch"], states["publish"]) == ("success", "failed", "upstream_failed")
    assert len(press.request_log) == asked
    assert published(lake) == {}


def test_a_run_by_hand_after_the_last_day_fails_instead_of_doing_nothing(
    press: newsroom.Press, dags: dict[str, Any], lake: Path
) -> None:
    dag, since = dags[f"ingest_{SLUGS[0]}"], len(press.request_log)
    ran = dag.test(logical_date=FIRST_DAY.add(days=3), run_conf={"replay": False})  # the test before may have left true
    states = {ti.task_id: ti.state for ti in ran.get_task_instances()}
    assert (ran.state, states["discover"], states["fetch"]) == ("failed", "failed", "upstream_failed")
    assert len(press.request_log) == since


def test_airflow_itself_keeps_nothing_of_an_article(two_days: Path, airflow_home: Path) -> None:
    """So a take-down has nothing to remove from its database (results of tasks, events) and its logs."""
    articles = [row for slug in SLUGS[:2] for row in published_rows(two_days, slug)["versions"]]
    words = {word for row in articles for word in (urlsplit(row["url"]).path, row["title"], row["text"][:60])}
    assert len(articles) > 5
    files = [path for path in airflow_home.rglob("*") if path.is_file()]
    assert airflow_home / "airflow.db" in files
    for path in files:
        content = path.read_bytes()
        assert [word for word in words if word.encode() in content] == [], path
