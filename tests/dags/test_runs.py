"""The DAGs at work on the newsroom's pages: every task as Airflow runs it."""

from __future__ import annotations

import hashlib
import os
import shutil
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pendulum
import pyarrow.parquet as pq
import pytest

import newsroom
from klartext.sources import DEFAULT_DIRECTORIES, PROJECT, Source, load

SLUGS = [site.slug for site in newsroom.load()]
FIRST_DAY = pendulum.datetime(2024, 5, 15, 4, tz="Europe/Berlin")
"""The end of the newsroom's first interval: the time at which its run would have started."""


@pytest.fixture(scope="module")
def sources(press: newsroom.Press, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Source]]:
    """The newsroom's sources, in force."""
    folder = press.sources(tmp_path_factory.mktemp("press"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(DEFAULT_DIRECTORIES), str(folder)]))
        environment.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
        yield load()


@pytest.fixture(scope="module")
def dags(airflow_home: Path, sources: dict[str, Source]) -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(PROJECT / "dags"))
    assert not bag.import_errors
    return bag.dags


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(scope="module")
def two_days(dags: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the first day of two publishers, to which nothing happened."""
    root = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_DATA", str(root))
        for slug in SLUGS[:2]:
            assert dags[f"ingest_{slug}"].test(logical_date=FIRST_DAY).state == "success"
    return root


@pytest.fixture
def lived(two_days: Path, lake: Path) -> Path:
    """A lake of the test's own in which those days are published."""
    shutil.copytree(two_days, lake)
    return lake


Run = Callable[[str], Any]


@pytest.fixture
def run(dags: dict[str, Any]) -> Run:
    """Runs the newsroom's first day of a source, and gives the states of run and tasks."""

    def first_day(slug: str) -> dict[str, str]:
        run = dags[f"ingest_{slug}"].test(logical_date=FIRST_DAY)
        return {"run": str(run.state), **{ti.task_id: str(ti.state) for ti in run.get_task_instances()}}

    return first_day


def published(lake: Path) -> dict[str, str]:
    """What consumers can read, by the digest of its bytes."""
    files = sorted(path for path in (lake / "lake").rglob("*") if path.is_file())
    return {str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def told(lake: Path, slug: str) -> dict[str, list[dict[str, Any]]]:
    """What the published rows of a source say, but for where and when their bytes came in."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for file in sorted((lake / "lake").glob(f"*/source={slug}/*/*.parquet")):
        rows = pq.ParquetFile(file).read()
        rows = rows.drop_columns([name for name in ("capture", "fetched_at") if name in rows.column_names])
        tables.setdefault(file.relative_to(lake).parts[1], []).extend(rows.to_pylist())
    return {name: sorted(rows, key=repr) for name, rows in tables.items()}


def announced(slug: str) -> set[str]:
    """Partitions that the events of an ingest's publishing have named."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        events = select(AssetEvent).where(AssetEvent.source_dag_id == f"ingest_{slug}")
        return {event.partition_key for event in session.scalars(events) if event.name == "klartext://versions"}


def accounts(slug: str) -> dict[str, dict[str, Any]]:
    """What the last event of an ingest told of its batch."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        events = select(AssetEvent).where(AssetEvent.source_dag_id == f"ingest_{slug}").order_by(AssetEvent.id)
        told = [event.extra["batches"] for event in session.scalars(events) if event.name == "klartext://batches"]
        return dict(told[-1])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_day_of_the_newsroom(slug: str, run: Run, lake: Path) -> None:
    assert set(run(slug).values()) == {"success"}
    assert [account["verdict"] for account in accounts(slug).values()] == ["passed"]
    assert announced(slug) == {f"{slug}|2024-05"}
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
        ("extract", "klartext.extract.extract_batch"),
        ("validate", "klartext.quality.validate_batch"),
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
    undisturbed = told(two_days, SLUGS[0])
    assert {"versions", "teasers", "fetches"} <= undisturbed.keys()
    assert told(lake, SLUGS[0]) == undisturbed


def test_a_refused_batch_is_not_tried_again(run: Run, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext.quality import BatchRefused

    tries = []

    def refuse(*_: Any, **__: Any) -> None:
        tries.append(1)
        raise BatchRefused("nine of ten pages have no text")

    monkeypatch.setattr("klartext.quality.validate_batch", refuse)
    states = run(SLUGS[0])
    assert (states["validate"], states["publish"], states["account"]) == ("failed", "upstream_failed", "skipped")
    assert len(tries) == 1
    assert published(lake) == {}


def by_hand(dags: dict[str, Any], dag: str, key: str | None, **context: Any) -> dict[str, Any]:
    """Runs the one task of a DAG for a partition, and gives what it tells."""
    (task,) = dags[dag].tasks
    told: dict[str, Any] = task.python_callable(dag_run=types.SimpleNamespace(partition_key=key), **context)
    return told


def curated(dags: dict[str, Any], key: str, triggers: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What rebuilding a month tells, and what its event says."""
    from klartext_assets import ARTICLES

    event = types.SimpleNamespace(extra={})
    told = by_hand(dags, "curate", key, triggering_asset_events=triggers, outlet_events={ARTICLES: event})
    return told, event.extra


def test_a_refused_batch_tells_why_and_its_run_leads_to_the_page(
    run: Run, dags: dict[str, Any], lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext.quality import checks, past

    monkeypatch.setattr(checks, "FEW", 1)
    monkeypatch.setattr(past, "FEW", 1)
    monkeypatch.setattr(checks, "TEXT_LENGTH", (100_000, 1_000_000))
    states = run(SLUGS[0])
    assert [states[name] for name in ("run", "validate", "publish", "account")] == [
        "failed", "failed", "upstream_failed", "success"
    ]  # fmt: skip
    assert {name.split("/")[1] for name in published(lake)} == {"batches"}
    ((name, told),) = accounts(SLUGS[0]).items()
    assert (told["verdict"], told["published"], told["rejected"]) == ("refused", 0, told["discovered"])
    assert "batch-rejects: too many pages were rejected, 100% where 50% may be" in told["reasons"]
    assert told["page"].endswith(f"/quality/{SLUGS[0]}/2024-05-14/{name}/")
    assert (lake / "quality" / f"source={SLUGS[0]}" / "date=2024-05-14" / name / "index.html").exists()
    work = {
        "batch": {"source": SLUGS[0], "name": name, "date": "2024-05-14", "start": told["start"], "end": told["end"]}
    }
    for task in ("validate", "account"):
        (link,) = dags[f"ingest_{SLUGS[0]}"].get_task(task).operator_extra_links
        for handed_on, address in ((work, told["page"]), ([work], told["page"]), (None, "")):
            instance = types.SimpleNamespace(xcom_pull=lambda task_ids, found=handed_on: found)
            assert link.get_link(None, ti_key=instance) == address


def test_curating_follows_from_the_partition_alone(dags: dict[str, Any], lived: Path) -> None:
    told, _ = curated(dags, f"{SLUGS[0]}|2024-05")
    assert told["articles"] > 0
    view = lived / "lake" / "articles" / f"source={SLUGS[0]}" / "month=2024-05" / "articles.parquet"
    before = view.read_bytes()
    view.unlink()
    assert curated(dags, f"{SLUGS[0]}|2024-05")[0] == told
    assert view.read_bytes() == before


def test_whoever_listens_is_told_when_the_month_can_be_read(dags: dict[str, Any], lived: Path) -> None:
    from klartext.model import SCHEMA_VERSION
    from klartext_assets import VERSIONS

    batches = {name: {"verdict": name, "partitions": [f"{SLUGS[0]}|2024-05"]} for name in ("passed", "warned")}
    triggers = {VERSIONS: [types.SimpleNamespace(extra={"batches": {name: told}}) for name, told in batches.items()]}
    told, event = curated(dags, f"{SLUGS[0]}|2024-05", triggers)
    assert event == {
        "rows": told["articles"], "versions": told["articles"], "schema_version": SCHEMA_VERSION, "verdict": "warned",
        "batches": batches,
    }  # fmt: skip
    assert curated(dags, f"{SLUGS[0]}|1999-01")[1] == {
        "rows": 0, "versions": 0, "schema_version": SCHEMA_VERSION, "verdict": None, "batches": {},
    }  # fmt: skip


@pytest.mark.parametrize("dag", ["curate", "summary"])
@pytest.mark.parametrize("key", [None, "", "kontorblatt", "|2024-05", "kontorblatt|"])
def test_without_a_partition_it_says_what_is_wanted(dag: str, key: str | None, dags: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match=r"slug\|YYYY-MM"):
        by_hand(dags, dag, key)


def test_the_summary_says_what_the_view_says(dags: dict[str, Any], lived: Path) -> None:
    import duckdb

    def daily() -> list[tuple[Any, ...]]:
        with duckdb.connect(str(lived / "summary.duckdb"), read_only=True) as summary:
            return summary.sql("FROM daily ORDER BY ALL").fetchall()

    keys = [f"{slug}|2024-05" for slug in SLUGS[:2]]
    for key in keys:
        curated(dags, key)
        by_hand(dags, "summary", key)
    first = daily()
    view = f"read_parquet('{lived}/lake/articles/**/*.parquet', hive_partitioning = true)"
    days = "(published_at AT TIME ZONE 'Europe/Berlin')::DATE"
    assert (
        first
        == duckdb.sql(
            f"SELECT source, month, {days} AS day, count(*), sum(version_count), median(word_count), "
            "avg((lead IS NOT NULL)::INT), avg((len(authors) > 0 OR len(agencies) > 0)::INT) "
            f"FROM {view} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    )
    assert {row[0] for row in first} == set(SLUGS[:2])
    for key in reversed(keys):
        by_hand(dags, "summary", key)
    assert daily() == first, "run again and in another order it is the same"
    shutil.rmtree(lived / "lake" / "articles" / f"source={SLUGS[0]}")
    by_hand(dags, "summary", keys[0])
    assert daily() == [row for row in first if row[0] != SLUGS[0]], "a month that is gone leaves nothing"


def test_a_summary_of_an_object_store_needs_a_place(dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    file = dags["summary"].tasks[0].python_callable.__globals__["file"]
    lake = types.SimpleNamespace(storage=types.SimpleNamespace(disk=None))
    with pytest.raises(AirflowFailException, match="KLARTEXT_SUMMARY"):
        file(lake)
    monkeypatch.setenv("KLARTEXT_SUMMARY", "/shared/summary.duckdb")
    assert file(lake) == "/shared/summary.duckdb"


@pytest.fixture(scope="module")
def warc(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WARC file with pages of two publishers."""
    file = tmp_path_factory.mktemp("warc") / "two publishers.warc.gz"
    with file.open("wb") as out:
        for part in sorted((two_days / "raw").rglob("*.warc.gz")):
            out.write(part.read_bytes())
    return file


def test_an_import_lands_every_source_of_the_file(warc: Path, dags: dict[str, Any], lake: Path) -> None:
    imported = dags["import_warc"].test(logical_date=None, run_conf={"path": str(warc)})
    assert imported.state == "success"
    landed = {part.name for part in (lake / "lake" / "versions").iterdir()}
    assert landed == {f"source={slug}" for slug in SLUGS[:2]}
    assert imported.run_id in told_by_event()


def told_by_event() -> dict[str, dict[str, Any]]:
    """What the asset's events told, by the run that told it."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        return {event.source_run_id: dict(event.extra) for event in session.query(AssetEvent)}


def test_an_event_tells_what_was_published_and_how_it_was_judged() -> None:
    import klartext_assets
    from klartext.model import SCHEMA_VERSION

    published = {"partitions": ["dwn|2016-08"], "articles": 3, "teasers": 7, "rejects": 1, "fetches": 5}
    event = types.SimpleNamespace(extra={}, keys=[], add_partitions=lambda keys: event.keys.extend(keys))
    for name, warnings in {"dwn-a": [], "dwn-b": ["batch-leads"]}.items():
        work = {"batch": {"name": name, "source": "dwn"}, "validate": {"warnings": warnings}}
        klartext_assets.announce(event, work, published)
    assert set(event.keys) == {"dwn|2016-08"}
    told = event.extra["batches"]
    assert told["dwn-a"] == {
        "source": "dwn", "partitions": ["dwn|2016-08"], "schema_version": SCHEMA_VERSION, "verdict": "passed",
        "warnings": [], "rows": {"versions": 3, "teasers": 7, "rejects": 1, "fetches": 5},
    }  # fmt: skip
    assert (told["dwn-b"]["verdict"], told["dwn-b"]["warnings"]) == ("warned", ["batch-leads"])


def test_a_refused_part_of_an_import_makes_it_red_after_the_others_landed(
    warc: Path, dags: dict[str, Any], lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext import quality

    validate = quality.validate_batch

    def refuse_the_first(lake: Any, batch: Any, source: Source) -> dict[str, Any]:
        if source.slug == SLUGS[0]:
            raise quality.BatchRefused("nine of ten pages have no text")
        return validate(lake, batch, source)

    monkeypatch.setattr("klartext.quality.validate_batch", refuse_the_first)
    imported = dags["import_warc"].test(logical_date=None, run_conf={"path": str(warc)})
    states = {ti.task_id: str(ti.state) for ti in imported.get_task_instances()}
    assert states == dict.fromkeys(["split", "extract", "validate", "publish"], "success") | {"verdict": "failed"}
    assert {part.name for part in (lake / "lake" / "versions").iterdir()} == {f"source={SLUGS[1]}"}


def test_a_replay_asks_nobody_and_comes_to_the_same(press: newsroom.Press, dags: dict[str, Any], lived: Path) -> None:
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


def test_a_replay_of_what_was_never_captured_fails_and_says_so(
    press: newsroom.Press, dags: dict[str, Any], lake: Path
) -> None:
    asked = len(press.request_log)
    ran = dags[f"ingest_{SLUGS[0]}"].test(logical_date=FIRST_DAY, run_conf={"replay": True})
    states = {ti.task_id: str(ti.state) for ti in ran.get_task_instances()}
    assert (states["discover"], states["fetch"], states["publish"]) == ("success", "failed", "upstream_failed")
    assert len(press.request_log) == asked
    assert published(lake) == {}
