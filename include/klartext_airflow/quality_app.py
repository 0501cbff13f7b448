"""The web application that serves quality pages from the lake, at ``/quality/<source>/<date>/<batch>/``, to everyone
who is logged in.

The pages quote what publishers' pages contained. So they may neither run scripts nor load anything.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from klartext_airflow.lake_connection import open_lake

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


def create_app() -> Any:
    """The FastAPI application. FastAPI is imported here because every component of Airflow loads plugins, and only the
    API server has use for it."""
    from airflow.api_fastapi.core_api.security import requires_authenticated
    from fastapi import Depends, FastAPI, HTTPException, Path, Response

    app = FastAPI(
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
            raise HTTPException(404, f"there is no {name} of {batch}: it was not validated, or is of another day")
        kind = "text/html" if name.endswith(".html") else "application/json"
        return Response(content, media_type=f"{kind}; charset=utf-8", headers=_HEADERS)

    def index(day: dt.date, source: str = segment(), batch: str = segment()) -> Any:
        return file(day, "index.html", source, batch)

    app.get("/{source}/{day}/{batch}/")(index)
    app.get("/{source}/{day}/{batch}/{name}")(file)
    return app
