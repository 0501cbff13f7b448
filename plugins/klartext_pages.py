"""Serves the pages of the gate from the lake, at ``/quality/<source>/<date>/<batch>/``, to whoever is logged in.

They show what stood on publishers' pages. So they may run nothing and load nothing, whatever is in them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from klartext_quality import ROOT

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


def app() -> Any:
    """The application; built where it is served, since everything loads plugins and nothing else needs it."""
    from airflow.api_fastapi.core_api.security import requires_authenticated
    from fastapi import Depends, FastAPI, HTTPException, Path, Response

    from klartext_lake import open_lake

    pages = FastAPI(
        title="Klartext",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(requires_authenticated())],
    )

    def segment() -> Any:
        return Path(pattern=_NAME, max_length=300)

    def file(day: dt.date, name: str = segment(), source: str = segment(), batch: str = segment()) -> Any:
        content = open_lake().quality_file(source, day, batch, name)
        if content is None:
            raise HTTPException(404, f"nothing is kept of {batch}: the gate has not seen it, or under another day")
        kind = "text/html" if name.endswith(".html") else "application/json"
        return Response(content, media_type=f"{kind}; charset=utf-8", headers=_HEADERS)

    def index(day: dt.date, source: str = segment(), batch: str = segment()) -> Any:
        return file(day, "index.html", source, batch)

    pages.get("/{source}/{day}/{batch}/")(index)
    pages.get("/{source}/{day}/{batch}/{name}")(file)
    return pages


class QualityPlugin(AirflowPlugin):
    """Makes the pages known to the API server."""

    name = "klartext_quality"

    @property
    def fastapi_apps(self) -> list[Any]:  # type: ignore[override]
        return [{"app": app(), "url_prefix": ROOT, "name": "Klartext quality"}]
