"""Which sources a user may see in the console: those whose DAG the user may read."""

from __future__ import annotations

from typing import Any

from klartext.sources import OTHER

IMPORT_DAG = "import_warc"
_INGEST = "ingest_"


def dag_of_source(slug: str) -> str:
    """The id of the DAG that makes the batches of a source."""
    return IMPORT_DAG if slug == OTHER.slug else f"{_INGEST}{slug}"


def source_of_dag(dag_id: str) -> str | None:
    """The slug of the source whose batches a DAG makes; None for a DAG that makes none."""
    if dag_id == IMPORT_DAG:
        return OTHER.slug
    return dag_id.removeprefix(_INGEST) if dag_id.startswith(_INGEST) else None


class Permissions:
    """What a user may read, asked once per DAG and request."""

    def __init__(self, user: Any) -> None:
        self._user = user
        self._known: set[str] | None = None
        self._asked: dict[str, bool] = {}

    def may_read(self, slug: str) -> bool:
        """True if the user may read the DAG of a source. Of a DAG that Airflow does not have, the auth
        manager is asked by its id."""
        from airflow.api_fastapi.app import get_auth_manager
        from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
        from airflow.models.dag import DagModel

        if slug not in self._asked:
            manager, dag_id = get_auth_manager(), dag_of_source(slug)
            if self._known is None:
                self._known = manager.get_authorized_dag_ids(user=self._user, method="GET")
            self._asked[slug] = dag_id in self._known or manager.is_authorized_dag(
                method="GET", user=self._user, details=DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
            )
        return self._asked[slug]
