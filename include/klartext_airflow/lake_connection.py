"""The lake as tasks open it: with the credentials of an Airflow connection, where one is named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow.sdk import Connection

if TYPE_CHECKING:
    from klartext.lake import Lake


def open_lake() -> Lake:
    """The lake at ``KLARTEXT_DATA``.

    ``KLARTEXT_DATA_CONN`` names the Airflow connection with the credentials of an object store; without it those of
    the environment or of the machine's role are used.
    """
    from klartext.lake import Lake

    return Lake.open(access=lake_access())


def lake_access() -> dict[str, str] | None:
    """The credentials of the connection that ``KLARTEXT_DATA_CONN`` names; None if it is not set."""
    name = os.environ.get("KLARTEXT_DATA_CONN")
    return credentials(Connection.get(name)) if name else None


def credentials(connection: Connection) -> dict[str, str]:
    """Credentials of a connection of type ``aws`` as :class:`klartext.lake.Lake` takes them: its login and password,
    and ``aws_session_token``, ``region_name`` and ``endpoint_url`` of its extra."""
    extra = connection.extra_dejson
    values = {
        "access_key_id": connection.login,
        "secret_access_key": connection.password,
        "session_token": extra.get("aws_session_token"),
        "region": extra.get("region_name"),
        "endpoint": extra.get("endpoint_url"),
    }
    return {name: value for name, value in values.items() if value}
