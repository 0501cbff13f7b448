"""Serves the console in the API server, with an entry in Airflow's navigation and tabs of DAGs and runs."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from klartext_airflow import console_links


class ConsolePlugin(AirflowPlugin):
    """Registers the web application and the entries that lead to it."""

    name = "klartext_console"

    @property
    def fastapi_apps(self) -> list[Any]:  # type: ignore[override]
        """Created when the API server asks for it: no other component needs what it imports."""
        from klartext_airflow import console_app

        return [{"app": console_app.create_app(), "url_prefix": console_links.URL_PREFIX, "name": "Klartext"}]

    @property
    def external_views(self) -> list[Any]:  # type: ignore[override]
        """The entries."""
        return console_links.external_views()
