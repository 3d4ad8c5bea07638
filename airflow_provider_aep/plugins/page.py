"""The routes below /aep: JSON for the page, its script and style, and a plain page that says where to find it.

They only read, and every one is behind Airflow's own authentication. FastAPI reads the annotations of the routes, so
this module has no `from __future__ import annotations`.
"""

import html
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from airflow.api_fastapi.core_api.security import get_user, requires_access_connection, requires_access_dag
from airflow.configuration import conf
from airflow.exceptions import AirflowNotFoundException  # type: ignore[attr-defined]
from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi.responses import FileResponse, HTMLResponse

from airflow_provider_aep.exceptions import AepConfigError, AepError
from airflow_provider_aep.plugins.overview import Overview

T = TypeVar("T")

_STATIC = Path(__file__).parent / "static"
_FILES = {"page.js": "text/javascript", "page.css": "text/css", "aep.svg": "image/svg+xml"}
_MAY_READ: dict[str, Callable[[], Any]] = {
    "connection": lambda: requires_access_connection(method="GET"),
    "dag": lambda: requires_access_dag(method="GET"),
    "user": lambda: get_user,
}
_SORTED_BY = {
    "name": lambda row: row["name"].lower(),
    "state": lambda row: (row["state"], row["name"].lower()),
    "source": lambda row: (row["source"], row["name"].lower()),
    "last_run": lambda row: (row["last_run"] or {}).get("at") or "",
}
# Seconds after which a connection is read again, in case it was changed.
_CONNECTION_KEPT = 60.0
# Inline scripts and styles are not allowed: what the platform sends is never run.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}
_PLAIN_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>AEP dataflows</title>
<link rel="stylesheet" href="static/page.css"></head>
<body class="aep-plain"><h1>AEP dataflows</h1><p>{said}</p></body></html>
"""


class Overviews:
    """The overview of each connection that the page may show."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[float, Overview]] = {}
        self._lock = threading.Lock()

    @property
    def conn_ids(self) -> list[str]:
        """The connections of the setting `[aep] ui_connections`."""
        listed = conf.get("aep", "ui_connections", fallback="aep_default")
        return [conn_id.strip() for conn_id in listed.split(",") if conn_id.strip()]

    def of(self, conn_id: str) -> Overview:
        """The overview of one connection.

        :raises HTTPException: 404, the page may not show it, or there is none.
        :raises AepConfigError: its fields are not as they should be.
        """
        if conn_id not in self.conn_ids:
            raise HTTPException(404, f"[aep] ui_connections does not list {conn_id!r}.")
        with self._lock:
            made_at, overview = self._made.get(conn_id, (0.0, None))
            if overview is None or time.monotonic() - made_at > _CONNECTION_KEPT:
                try:
                    overview = Overview(conn_id)
                except AirflowNotFoundException:
                    raise HTTPException(404, f"The API server knows no connection {conn_id!r}.") from None
                self._made[conn_id] = time.monotonic(), overview
        return overview


def make_app() -> FastAPI:
    """The application that Airflow mounts at /aep."""
    access = conf.get("aep", "ui_access", fallback="connection")
    if access not in _MAY_READ:
        raise AepConfigError(f"[aep] ui_access is {access!r}; it is one of {', '.join(_MAY_READ)}.")
    app = FastAPI(title="AEP dataflows", docs_url=None, redoc_url=None, openapi_url=None)
    _add_files(app)
    _add_data(app, Depends(_MAY_READ[access]()))
    return app


def _add_files(app: FastAPI) -> None:
    """What holds no data: for every user who has signed in."""
    signed_in = [Depends(get_user)]

    @app.get("/", dependencies=signed_in)
    def plain_page() -> HTMLResponse:
        base = conf.get("api", "base_url", fallback="").rstrip("/")
        address = html.escape(f"{base}/plugin/aep")
        said = f'The page is part of Airflow\'s own: <a href="{address}" target="_top">{address}</a>.'
        return HTMLResponse(_PLAIN_PAGE.format(said=said), headers=_HEADERS)

    @app.get("/static/{name}", dependencies=signed_in)
    def static(name: str) -> Response:
        if name not in _FILES:
            raise HTTPException(404, "There is no such file.")
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return FileResponse(_STATIC / name, media_type=_FILES[name], headers=headers)


def _add_data(app: FastAPI, may_read: Any) -> None:
    """What the platform says: for those who may read it."""
    overviews = Overviews()
    guarded = [may_read]

    @app.get("/api/connections", dependencies=guarded)
    def connections() -> list[str]:
        return overviews.conn_ids

    @app.get("/api/{connection_id}/flows", dependencies=guarded)
    def flows(
        connection_id: str,
        search: str = "",
        state: str = "",
        sort: str = "name",
        descending: bool = False,
        page: Annotated[int, Query(ge=1)] = 1,
        size: Annotated[int, Query(ge=1, le=50)] = 25,
    ) -> dict[str, Any]:
        overview = overviews.of(connection_id)
        rows = _or_bad_gateway(overview.rows)
        chosen = [row for row in rows if _matches(row, search) and state in ("", row["state"])]
        chosen.sort(key=_SORTED_BY.get(sort, _SORTED_BY["name"]), reverse=descending)
        states = sorted({row["state"] for row in rows})
        shown = chosen[(page - 1) * size : page * size]
        return {**overview.place, "total": len(rows), "found": len(chosen), "states": states, "flows": shown}

    @app.get("/api/{connection_id}/activity", dependencies=guarded)
    def activity(connection_id: str, flow: Annotated[list[str], Query(max_length=50)]) -> dict[str, Any]:
        return _or_bad_gateway(lambda: overviews.of(connection_id).activity(flow))

    @app.get("/api/{connection_id}/flows/{flow_id}", dependencies=guarded)
    def dataflow(connection_id: str, flow_id: str) -> dict[str, Any]:
        return _or_bad_gateway(lambda: overviews.of(connection_id).dataflow(flow_id))

    @app.get("/api/{connection_id}/flows/{flow_id}/spec", dependencies=guarded)
    def spec(connection_id: str, flow_id: str) -> dict[str, Any]:
        return _or_bad_gateway(lambda: overviews.of(connection_id).spec(flow_id))


def _matches(row: dict[str, Any], search: str) -> bool:
    text = f"{row['name']} {row['source']} {row['id']} {row['description'] or ''}".lower()
    return all(word in text for word in search.lower().split())


def _or_bad_gateway(read: Callable[[], T]) -> T:
    """What was read; the platform's refusal as a sentence for the page."""
    try:
        return read()
    except AepError as problem:
        raise HTTPException(502, str(problem)) from None
