"""The lake as tasks open it: with the credentials of an Airflow connection, where one is named."""

from __future__ import annotations

import os

from airflow.sdk import Connection

from klartext.lake import Lake


def open_lake() -> Lake:
    """The lake at ``KLARTEXT_DATA``; ``KLARTEXT_DATA_CONN`` names the connection for an object store, if the
    environment or the machine's role has not the credentials."""
    name = os.environ.get("KLARTEXT_DATA_CONN")
    return Lake.open(access=access(Connection.get(name)) if name else None)


def access(connection: Connection) -> dict[str, str]:
    """A connection of type ``aws`` as :class:`klartext.lake.Lake` takes it: its login and password, and of its extra
    ``aws_session_token``, ``region_name`` and ``endpoint_url``."""
    extra = connection.extra_dejson
    told = {
        "access_key_id": connection.login,
        "secret_access_key": connection.password,
        "session_token": extra.get("aws_session_token"),
        "region": extra.get("region_name"),
        "endpoint": extra.get("endpoint_url"),
    }
    return {name: value for name, value in told.items() if value}
