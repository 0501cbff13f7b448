"""The web application that serves the console at ``/console/``, to users who are logged in and by what they may read.

A user sees a source who may read its DAG, ``ingest_<slug>``; of pages of hosts without a source file ``import_warc``.
The pages quote what publishers' pages contained, so they may neither run scripts nor load anything from elsewhere.

Pages are rendered in threads, few at a time: others wait in the event loop and leave the threads to Airflow's own API.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import threading
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import anyio
import anyio.to_thread
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from klartext.console.console import Console, error_page, stylesheet
from klartext.console.view import BadQuery, NotFound, PageError, View
from klartext_airflow import console_access, console_schedules
from klartext_airflow.lake_connection import open_lake

_PAGES_AT_ONCE = 2
"""Pages that are rendered at once, in threads of the process that serves Airflow's API too."""
_CAPTURES_AT_ONCE = 2
"""As many more that wait for the child that extracts."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_QUALITY_HEADERS = _HEADERS | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
}

Slug = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=253)]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=300)]
Days = Annotated[int | None, Query(ge=1, le=366)]


class _Consoles:
    """The console of the lake that is configured."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: tuple[str | None, ...] = ()
        self._console: Console | None = None

    def get(self) -> Console:
        key = tuple(os.environ.get(name) for name in ("KLARTEXT_DATA", "KLARTEXT_DATA_CONN"))
        with self._lock:
            if self._console is None or key != self._key:
                self._console, self._key = Console(open_lake()), key
            return self._console


def create_app() -> FastAPI:
    """The FastAPI application."""
    app = FastAPI(title="Klartext", docs_url=None, redoc_url=None, openapi_url=None)
    consoles = _Consoles()
    few, extracting = anyio.CapacityLimiter(_PAGES_AT_ONCE), anyio.CapacityLimiter(_CAPTURES_AT_ONCE)

    async def page(
        request: Request, user: Any, render: Callable[[Console, View], str], limiter: anyio.CapacityLimiter = few
    ) -> Response:
        """A page, or the page of the error that it ends in."""
        view = _view(request, user)

        def rendered() -> tuple[str, int]:
            try:
                return render(consoles.get(), view), 200
            except PageError as error:
                return error_page(view, error), error.status

        html, status = await anyio.to_thread.run_sync(rendered, limiter=limiter)
        return HTMLResponse(html, status, _HEADERS)

    @app.exception_handler(HTTPException)
    async def login(request: Request, error: HTTPException) -> Response:
        """Sends a person to the login; a session that ended answers 401, one of another server 403."""
        if error.status_code in (401, 403):
            target = get_auth_manager().get_url_login()
            return RedirectResponse(f"{target}?next={quote(str(request.url), safe='')}", 302, _HEADERS)
        return Response(str(error.detail), error.status_code, _HEADERS)

    @app.exception_handler(RequestValidationError)
    async def misunderstood(request: Request, error: RequestValidationError) -> Response:
        wrong = ", ".join(str(each["loc"][-1]) for each in error.errors())
        view = View(may_read=lambda slug: False, base=_base(request), now=dt.datetime.now(dt.UTC))
        problem = BadQuery(f"There is no such page: {wrong} in its address is not valid.")
        return HTMLResponse(error_page(view, problem), 404, _HEADERS)

    @app.get("/")
    async def sources(request: Request, user: GetUserDep, days: Days = None) -> Response:
        return await page(request, user, lambda console, view: console.sources(view, days))

    @app.get("/source/{slug}")
    async def source(request: Request, user: GetUserDep, slug: Slug, days: Days = None) -> Response:
        return await page(request, user, lambda console, view: console.source(view, slug, days))

    @app.get("/batch/{slug}/{name}")
    async def batch(request: Request, user: GetUserDep, slug: Slug, name: Name) -> Response:
        return await page(request, user, lambda console, view: console.batch(view, slug, name))

    @app.get("/page/{slug}")
    async def capture(
        request: Request, user: GetUserDep, slug: Slug,
        file: Annotated[str, Query(max_length=1000)], offset: Annotated[int, Query(ge=0, le=1 << 62)],
        compared: Annotated[str | None, Query(max_length=100)] = None, generic: bool = False,
    ) -> Response:  # fmt: skip
        def render(console: Console, view: View) -> str:
            return console.capture(view, slug, file, offset, compared, generic)

        return await page(request, user, render, extracting)

    @app.get("/rejects")
    async def rejects(
        request: Request, user: GetUserDep, source: Annotated[str, Query(max_length=253)] = "",
        reason: Annotated[str, Query(max_length=200)] = "", day: Annotated[str, Query(max_length=10)] = "",
        days: Days = None,
    ) -> Response:  # fmt: skip
        return await page(request, user, lambda console, view: console.rejects(
            view, source or None, reason or None, _day(day), days))  # fmt: skip

    @app.get("/takedowns")
    async def takedowns(request: Request, user: GetUserDep) -> Response:
        return await page(request, user, lambda console, view: console.takedowns(view))

    @app.get("/report")
    async def report(request: Request, user: GetUserDep) -> Response:
        return await page(request, user, lambda console, view: console.report(view))

    @app.get("/shared")
    async def shared(
        request: Request, user: GetUserDep, article: Annotated[str, Query(max_length=500)]
    ) -> Response:  # fmt: skip
        return await page(request, user, lambda console, view: console.shared(view, article))

    @app.get("/search")
    async def search(
        request: Request, user: GetUserDep, q: Annotated[str, Query(max_length=2000)] = ""
    ) -> Response:  # fmt: skip
        return await page(request, user, lambda console, view: console.search(view, q))

    @app.get("/quality/{slug}/{day}/{batch}/")
    async def quality(request: Request, user: GetUserDep, slug: Slug, day: dt.date, batch: Name) -> Response:
        return await quality_file(request, user, slug, day, batch, "index.html")

    @app.get("/quality/{slug}/{day}/{batch}/{name}")
    async def quality_file(
        request: Request, user: GetUserDep, slug: Slug, day: dt.date, batch: Name, name: Name
    ) -> Response:
        view = _view(request, user)
        read = functools.partial(consoles.get().quality_file, view, slug, day, batch, name)
        try:
            content = await anyio.to_thread.run_sync(read, limiter=few)
            if content is None:
                raise NotFound(f"There is no {name} of {batch}: it was not validated, or is of another day.")
        except PageError as error:
            return HTMLResponse(error_page(view, error), error.status, _HEADERS)
        kind = "text/html" if name.endswith(".html") else "application/json"
        return Response(content, media_type=f"{kind}; charset=utf-8", headers=_QUALITY_HEADERS)

    @app.get("/dag/{dag_id}")
    async def dag(request: Request, user: GetUserDep, dag_id: Annotated[str, Path(max_length=250)]) -> Response:
        slug = console_access.source_of_dag(dag_id)
        if slug is None:
            return await page(request, user, lambda console, view: console.sources(view))
        return await page(request, user, lambda console, view: console.source(view, slug))

    @app.get("/dag/{dag_id}/run/{run_id:path}")
    async def dag_run(
        request: Request, user: GetUserDep, dag_id: Annotated[str, Path(max_length=250)],
        run_id: Annotated[str, Path(max_length=250)],
    ) -> Response:  # fmt: skip
        def render(console: Console, view: View) -> str:
            slug = console_access.source_of_dag(dag_id)
            if slug is None:
                raise NotFound(f"{dag_id} works on no batch. The sources are on the console's first page.")
            view.require(slug)
            found = console_schedules.batches_of_run(dag_id, run_id)
            if not found:
                raise NotFound("This run has validated no batch so far.")
            return console.batches(view, found)

        return await page(request, user, render)

    @app.get("/style.css")
    async def style(user: GetUserDep) -> Response:
        headers = _HEADERS | {"Cache-Control": "private, max-age=86400"}
        return Response(stylesheet(), media_type="text/css; charset=utf-8", headers=headers)

    return app


def _day(text: str) -> dt.date | None:
    """The day that a form was sent with; None for an empty field. Raises BadQuery."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise BadQuery(f"{text} is no day: give it as 2024-05-14") from None


def _base(request: Request) -> str:
    """The path below which the console is served, as browsers see it."""
    return str(request.scope.get("root_path") or "").rstrip("/")


def _view(request: Request, user: Any) -> View:
    """How a request looks at the pages."""
    server = urlsplit(str(conf.get("api", "base_url", fallback="")))
    own = request.url.replace(scheme=server.scheme, netloc=server.netloc) if server.netloc else request.url
    return View(
        may_read=console_access.Permissions(user).may_read,
        base=_base(request),
        own_address=str(own),
        framed=request.headers.get("sec-fetch-dest") == "iframe",
        now=dt.datetime.now(dt.UTC),
        schedules=console_schedules.schedules,
        run_address=console_schedules.run_address,
    )
