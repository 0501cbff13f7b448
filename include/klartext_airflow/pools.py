"""The pools of Airflow that tasks take slots of, created when a run first needs them.

One run at a time asks a publisher: every source has a pool with one slot. Its tasks ``discover`` and ``fetch``, of
scheduled runs and backfills, on whichever host, take that slot. The lease of :mod:`klartext.crawler.publisher_lease`
remains below it: it keeps the delay between two runs and the pause that a publisher asked for, and covers what Airflow
does not start.

The tasks ``extract``, which a run has for each chunk of captures, take a slot of :data:`EXTRACTION`, so that together
they do not use more processes than the machine has cores.
"""

from __future__ import annotations

from typing import Any

from klartext.cores import available_cores, configured_processes

PREFIX = "publisher_"
EXTRACTION = "extraction"
"""The pool of the tasks that extract a chunk."""


def publisher_pool(slug: str) -> str:
    """The name of a source's pool."""
    return f"{PREFIX}{slug}"


def extraction_slots() -> int:
    """Slots of the pool :data:`EXTRACTION` when it is created: tasks that may extract at a time, so that tasks times
    processes are at most the cores of this machine. A chunk of the usual size has one process, unless
    ``KLARTEXT_EXTRACT_PROCESSES`` says otherwise."""
    return max(1, available_cores() // (configured_processes() or 1))


def create_missing_pools(dag_run: Any) -> None:
    """Creates the pools that the tasks of a run name and that do not exist: those of publishers with one slot, that of
    extraction with :func:`extraction_slots`.

    Called in the scheduler when a run starts, before its tasks are queued: Airflow never queues a task whose pool does
    not exist, and a new source file must not need another command. Pools that exist are left as they are. The
    transaction is the scheduler's, which allows neither a commit nor a savepoint; another scheduler may insert the same
    pool at the same time.
    """
    from airflow.models.pool import Pool
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    named = {task.pool for task in dag_run.dag.tasks}
    names = {name for name in named if name == EXTRACTION or name.startswith(PREFIX)}
    session = object_session(dag_run)
    if not names or session is None:
        return
    existing = set(session.scalars(select(Pool.pool).where(Pool.pool.in_(names))))
    for name in sorted(names - existing):
        if name == EXTRACTION:
            slots, description = extraction_slots(), "chunks of captures that are extracted at a time"
        else:
            slots, description = 1, f"one run at a time asks {name.removeprefix(PREFIX)}"
        values = {"pool": name, "slots": slots, "description": description, "include_deferred": False}
        session.execute(_insert_if_missing(session.get_bind().dialect.name, Pool).values(values))


def _insert_if_missing(dialect: str, table: Any) -> Any:
    """An INSERT that does nothing where the row exists; SQLAlchemy has none for all databases."""
    from sqlalchemy import insert
    from sqlalchemy.dialects import postgresql, sqlite

    if dialect == "mysql":
        return insert(table).prefix_with("IGNORE")
    return {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[dialect](table).on_conflict_do_nothing()
