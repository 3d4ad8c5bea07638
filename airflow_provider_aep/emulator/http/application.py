"""From an ASGI request to a response: read it, find its route, meet a fault or not, pass the guard, log it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from airflow_provider_aep.emulator.http.errors import AdobeError, not_found
from airflow_provider_aep.emulator.http.exposure import check_caller
from airflow_provider_aep.emulator.http.faults import BEFORE_EFFECT, Fault
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.http.request_log import log_entry
from airflow_provider_aep.emulator.http.routes import Match, find_route
from airflow_provider_aep.emulator.simulation.timetable import advance_to_now
from airflow_provider_aep.emulator.state.platform import Platform

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

#: the GETs that move the clock when `auto_advance` is set: what a waiting client polls
POLLED = ("runs", "batches")


class Application:
    """An ASGI application. Handlers run on the event loop, one at a time, under the platform's lock."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await self._read(scope, receive)
        with self.platform.lock:
            fault = self.platform.faults.claim(request)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        response = self._exchange(request, fault)
        if response is None:
            scope["drop"]()
            # Until uvicorn has noticed, it would send an error of its own.
            await receive()
            return
        await self._send(request, response, send)

    async def _read(self, scope: Scope, receive: Receive) -> Request:
        raw, more = b"", True
        while more:
            message = await receive()
            raw += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request.received(
            scope["method"],
            scope["raw_path"].decode("ascii"),
            scope["query_string"].decode("ascii"),
            headers,
            raw,
        )
        request.id = self.platform.identifiers.hex(32)
        return request

    def _exchange(self, request: Request, fault: Fault | None) -> Response | None:
        """The response to send; None: close the connection instead."""
        with self.platform.lock:
            match = find_route(request)
            response: Response | None = None
            if fault is None or fault.kind not in BEFORE_EFFECT:
                response = self._respond(request, match)
            elif fault.kind != "drop_before":
                response = fault.response_instead(request)
            self._log(request, response, match, fault)
            if request.method != "GET":
                self.platform.save(soon=True)
        if response is None or fault is None:
            return response
        return None if fault.kind == "drop_after" else fault.spoil(response)

    def _respond(self, request: Request, match: Match | None) -> Response:
        """What the platform itself would respond."""
        platform = self.platform
        try:
            if _is_poll(request):
                with suppress(ValueError):  # at the end of its time the clock stands still
                    platform.clock.advance(platform.auto_advance)
            advance_to_now(platform)
            if match is None:
                raise not_found(f"No service answers {request.method} {request.path}.")
            if request.is_admin:
                check_caller(platform, request)
            match.route.guard(platform, request)
            response = match.route.handler(platform, request, **match.parameters)
            advance_to_now(platform)
            return response
        except AdobeError as error:
            return error.response(request.id)

    def _log(self, request: Request, response: Response | None, match: Match | None, fault: Fault | None) -> None:
        platform = self.platform
        if request.is_token and match:
            platform.token_requests += 1
        if not request.is_admin:
            kind = fault.kind if fault else None
            platform.requests.append(log_entry(request, response, platform.now(), match is not None, kind))

    async def _send(self, request: Request, response: Response, send: Send) -> None:
        body = response.encoded()
        headers = {
            "Content-Type": "application/json;charset=UTF-8",
            **response.headers,
            "Content-Length": str(len(body)),
            "Date": self.platform.clock.http_date(),
            "x-request-id": request.id,
            **dict.fromkeys(self.platform.switches.rate_limit_headers, "100"),
        }
        if response.status == 204:
            del headers["Content-Length"], headers["Content-Type"]
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})


def _is_poll(request: Request) -> bool:
    return request.method == "GET" and not request.is_admin and any(name in POLLED for name in request.segments[-2:])
