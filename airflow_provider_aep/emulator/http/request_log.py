"""The requests and their responses, for assertions. The token and the client secret are redacted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.state.json import Json

REDACTED = "****"


@dataclass
class RequestRecord:
    """`status` is None if the connection was closed before anything happened; after `drop_after` it is the
    response the client never saw. `at` is epoch seconds on the emulator's clock."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    status: int | None
    response: Any
    at: float
    known_route: bool
    fault: str | None = None

    def as_json(self) -> Json:
        return asdict(self)


def log_entry(
    request: Request, response: Response | None, at: float, known_route: bool, fault: str | None
) -> RequestRecord:
    headers = dict(request.headers)
    if "authorization" in headers:
        headers["authorization"] = f"{headers['authorization'].split(' ')[0]} {REDACTED}"
    sent = response.body if response else None
    body = request.body
    if request.is_token:
        if isinstance(body, dict) and "client_secret" in body:
            body = body | {"client_secret": REDACTED}
        if isinstance(sent, dict) and "access_token" in sent:
            sent = sent | {"access_token": REDACTED}
    if isinstance(sent, bytes):
        sent = sent.decode(errors="replace")
    return RequestRecord(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=headers,
        body=body,
        status=response.status if response else None,
        response=sent,
        at=at,
        known_route=known_route,
        fault=fault,
    )
