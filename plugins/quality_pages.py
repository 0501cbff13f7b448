"""Serves the quality pages of batches in the API server."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from klartext_airflow import quality_app
from klartext_airflow.quality import URL_PREFIX


class QualityPagesPlugin(AirflowPlugin):
    """Registers the web application."""

    name = "klartext_quality_pages"

    @property
    def fastapi_apps(self) -> list[Any]:  # type: ignore[override]
        """Created when the API server asks for it."""
        return [{"app": quality_app.create_app(), "url_prefix": URL_PREFIX, "name": "Klartext quality"}]
