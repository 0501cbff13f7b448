"""One run at a time asks a publisher: every source has an Airflow pool with one slot.

Its tasks ``discover`` and ``fetch``, of scheduled runs and backfills, on whichever host, take that slot. The lock of
:mod:`klartext.crawler.publisher_lease` remains below it: it keeps the delay between two runs and the pause that a
publisher asked for, and covers what Airflow does not start.
"""

from __future__ import annotations

from typing import Any

PREFIX = "publisher_"


def publisher_pool(slug: str) -> str:
    """The name of a source's pool."""
    return f"{PREFIX}{slug}"


def create_missing_pools(dag_run: Any) -> None:
    """Creates the pools of publishers that the tasks of a run name and that do not exist, each with one slot.

    Called in the scheduler when a run starts, before its tasks are queued: Airflow never queues a task whose pool does
    not exist, and a new source file must not need another command. Pools that exist are left as they are. The
    transaction is the scheduler's, which allows neither a commit nor a savepoint; another scheduler may insert the same
    pool at the same time.
    """
    from airflow.models.pool import Pool
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    names = {task.pool for task in dag_run.dag.tasks if task.pool.startswith(PREFIX)}
    session = object_session(dag_run)
    if not names or session is None:
        return
    existing = set(session.scalars(select(Pool.pool).where(Pool.pool.in_(names))))
    for name in sorted(names - existing):
        description = f"one run at a time asks {name.removeprefix(PREFIX)}"
        values = {"pool": name, "slots": 1, "description": description, "include_deferred": False}
        session.execute(_insert_if_missing(session.get_bind().dialect.name, Pool).values(values))


def _insert_if_missing(dialect: str, table: Any) -> Any:
    """An INSERT that does nothing where the row exists; SQLAlchemy has none for all databases."""
    from sqlalchemy import insert
    from sqlalchemy.dialects import postgresql, sqlite

    if dialect == "mysql":
        return insert(table).prefix_with("IGNORE")
    return {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[dialect](table).on_conflict_do_nothing()
