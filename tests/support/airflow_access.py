"""An auth manager with two users: one may read every DAG, the other all but those of one source."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

HIDDEN = "ingest_dwn"
"""The DAG that ``guest`` may not read."""
ADMIN = SimpleAuthManagerUser(username="admin", role="admin")
GUEST = SimpleAuthManagerUser(username="guest", role="viewer")


class AccessByDag(SimpleAuthManager):
    """The simple auth manager, without the right of ``guest`` to read :data:`HIDDEN`."""

    def is_authorized_dag(self, *, method: Any, user: Any, access_entity: Any = None, details: Any = None) -> bool:
        """False for ``guest`` and the hidden DAG."""
        if user.username == GUEST.username and details is not None and details.id == HIDDEN:
            return False
        return super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)
