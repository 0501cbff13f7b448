"""The factory of the ingest DAGs."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from klartext.batch import Batch
from klartext.sources import Source, of_slug
from klartext_airflow import alerts, quality, steps
from klartext_airflow.assets import BATCHES, VERSIONS
from klartext_airflow.defaults import DEFAULT_ARGS, PUBLISHER_RETRIES
from klartext_airflow.interval_timetable import IntervalTimetable, midnight
from klartext_airflow.pools import EXTRACTION, publisher_pool
from klartext_airflow.results import ChunkFields, StepResult, ValidationResult

REPLAY = Param(
    False, type="boolean", title="Replay", description="Rebuild the batch from its captures, without the network."
)


def ingest_dag(source: Source, doc: str) -> DAG:
    """The DAG ``ingest_<slug>``: one run is one batch of the source. ``doc`` is Markdown for its page in the UI."""
    addresses = "\n".join(f"- `{address}`" for address in source.discover.addresses)
    with DAG(
        f"ingest_{source.slug}",
        schedule=IntervalTimetable(source.schedule, source.time_zone, source.until),
        start_date=midnight(source.since, source.time_zone),
        catchup=False,
        params={"replay": REPLAY},
        doc_md=f"# {source.name}\n{doc}\nAddresses that are asked:\n\n{addresses}\n",
        tags=["ingest", source.slug],
        default_args=DEFAULT_ARGS,
        deadline=alerts.deadline_of(source),
    ) as dag:
        asks_publisher = {"pool": publisher_pool(source.slug), **PUBLISHER_RETRIES}
        fetched = fetch.override(**asks_publisher)(discover.override(**asks_publisher)(slug=source.slug))
        validated = validate(extract.expand(chunk=fetched))
        publish(validated)
        validated >> account(fetched)
    return dag


@task(multiple_outputs=False)
def discover(
    slug: str, data_interval_start: Any = None, data_interval_end: Any = None, params: Any = None
) -> StepResult:
    """Runs discover for the batch of the run's data interval. Raises AirflowFailException for one that begins after the
    source's last day, except for a replay."""
    source = of_slug(slug)
    batch = Batch.of_interval(source, data_interval_start, data_interval_end)
    if source.until and batch.date >= source.until and not params["replay"]:
        raise AirflowFailException(
            f"{slug} is not fetched from {source.until} on (`until` in its source file), and this interval begins on "
            f"{batch.date}; to run an earlier one: airflow backfill create --dag-id ingest_{slug} --from-date …"
        )
    return steps.discover(batch, replay=params["replay"])


@task
def fetch(discovered: StepResult, params: Any = None, ti: Any = None) -> list[ChunkFields]:
    """Runs fetch for the batch, and cuts its captures into chunks; the counts of the step are its XCom ``counts``."""
    counts, chunks = steps.fetch(discovered["batch"], replay=params["replay"])
    ti.xcom_push("counts", counts)
    return chunks


@task(multiple_outputs=False, pool=EXTRACTION)
def extract(chunk: ChunkFields) -> ChunkFields:
    """Runs extract for a chunk of the batch."""
    return steps.extract(chunk)


@quality.task_with_quality_link(multiple_outputs=False)
def validate(extracted: list[ChunkFields]) -> ValidationResult:
    """Gathers the chunks and runs validate for the batch; fails if it is refused."""
    return steps.validate(list(extracted))


@task(multiple_outputs=False, outlets=[VERSIONS])
def publish(validated: ValidationResult, outlet_events: Any = None) -> StepResult:
    """Publishes the batch, and announces the months to rebuild."""
    return steps.publish(validated, outlet_events[VERSIONS])


@quality.task_with_quality_link(multiple_outputs=False, outlets=[BATCHES], trigger_rule="all_done")
def account(fetched: list[ChunkFields] | None, outlet_events: Any = None) -> dict[str, str]:
    """Announces the account of the batch, whatever the verdict. Raises AirflowSkipException if it was not validated."""
    verdicts = quality.add_accounts(outlet_events[BATCHES], [fetched[0]["batch"]] if fetched else [])
    if not verdicts:
        raise AirflowSkipException("the batch was not validated")
    return verdicts
