"""From an ASGI request to an answer: read, meet a fault or not, pass the gateway, find the route, record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from airflow_provider_aep.emulator.http import gateway
from airflow_provider_aep.emulator.http.errors import AdobeError, not_found
from airflow_provider_aep.emulator.http.faults import BEFORE_EFFECT, Fault
from airflow_provider_aep.emulator.http.message import Answer, Request
from airflow_provider_aep.emulator.http.request_log import record
from airflow_provider_aep.emulator.http.routes import find_route
from airflow_provider_aep.emulator.simulation.timetable import settle
from airflow_provider_aep.emulator.state.platform import Platform

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

#: the GETs that move the clock when `auto_advance` is set: what a waiting client asks again and again
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
        answer = self._exchange(request, fault)
        if answer is None:
            scope["state"]["transport"].abort()
            await receive()
            return
        await self._send(request, answer, send)

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

    def _exchange(self, request: Request, fault: Fault | None) -> Answer | None:
        """The answer to send; None: close the connection instead."""
        with self.platform.lock:
            route = find_route(request)
            answer: Answer | None = None
            if fault is None or fault.kind not in BEFORE_EFFECT:
                answer = self._answer(request)
            elif fault.kind != "drop_before":
                answer = fault.answer_instead(request)
            if request.is_token and route:
                self.platform.token_requests += 1
            if not request.is_admin:
                kind = fault.kind if fault else None
                self.platform.requests.append(record(request, answer, self.platform.now(), route is not None, kind))
            if request.method != "GET":
                self.platform.save(soon=True)
        if answer is None or fault is None:
            return answer
        return None if fault.kind == "drop_after" else fault.spoiled(answer)

    def _answer(self, request: Request) -> Answer:
        """What the platform itself would answer."""
        platform = self.platform
        try:
            if _is_poll(request):
                platform.clock.advance(platform.auto_advance)
            settle(platform)
            found = find_route(request)
            if found is None:
                raise not_found(f"No service answers {request.method} {request.path}.")
            route, parameters = found
            if not (request.is_admin or request.is_token or request.is_inlet):
                gateway.admit(platform, request, needs_sandbox=route.needs_sandbox)
            answer = route.handler(platform, request, **parameters)
            settle(platform)
            return answer
        except AdobeError as refused:
            return refused.answer(request.id)

    async def _send(self, request: Request, answer: Answer, send: Send) -> None:
        body = answer.encoded()
        headers = {
            "Content-Type": "application/json;charset=UTF-8",
            **answer.headers,
            "Content-Length": str(len(body)),
            "Date": self.platform.clock.http_date(),
            "x-request-id": request.id,
        }
        if answer.status == 204:
            del headers["Content-Length"], headers["Content-Type"]
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})


def _is_poll(request: Request) -> bool:
    return request.method == "GET" and not request.is_admin and any(name in POLLED for name in request.segments[-2:])
