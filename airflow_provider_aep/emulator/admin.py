"""The emulator's own routes, under /_emulator: what `AepEmulator`'s methods do, for another process."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from airflow_provider_aep.emulator.connection import airflow_connection
from airflow_provider_aep.emulator.http.errors import bad_request
from airflow_provider_aep.emulator.http.faults import Chaos, Fault
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.specs.registry import specs_in
from airflow_provider_aep.emulator.simulation.outcomes import Script
from airflow_provider_aep.emulator.simulation.timetable import advance_to_now
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.switches import Switches

SCRIPT_FIELDS = {field.name for field in fields(Script)} - {"details"}


def get_state(platform: Platform, request: Request) -> Response:
    sandbox = request.first("sandbox")
    if sandbox is not None and sandbox not in platform.sandboxes:
        raise bad_request(f"There is no sandbox {sandbox}.")
    return Response(200, platform.state(sandbox))


def get_requests(platform: Platform, request: Request) -> Response:
    return Response(200, [record.as_json() for record in platform.requests])


def get_unknown_routes(platform: Platform, request: Request) -> Response:
    return Response(200, [record.as_json() for record in platform.requests if not record.known_route])


def get_connection(platform: Platform, request: Request) -> Response:
    """The Airflow connection that leads here."""
    return Response(200, airflow_connection(platform, f"http://{request.headers.get('host', '')}"))


def get_clock(platform: Platform, request: Request) -> Response:
    return Response(200, {"now": platform.now(), "speed": platform.clock.speed})


def advance_clock(platform: Platform, request: Request) -> Response:
    """{"advance": seconds}"""
    seconds = _body(request).get("advance", 0)
    if not isinstance(seconds, (int, float)) or seconds < 0:
        raise bad_request("advance must be a number of seconds, zero or more")
    platform.clock.advance(seconds)
    advance_to_now(platform)
    return get_clock(platform, request)


def script_run(platform: Platform, request: Request) -> Response:
    """The arguments of `AepEmulator.script_run` as JSON, whatever the content type: curl says it is a form."""
    body = _body(request)
    details = {name: value for name, value in body.items() if name not in SCRIPT_FIELDS}
    try:
        platform.scripts.append(
            Script(**{name: value for name, value in body.items() if name in SCRIPT_FIELDS}, details=details)
        )
    except (TypeError, ValueError) as wrong:
        raise bad_request(str(wrong)) from wrong
    return Response(204)


def plan_fault(platform: Platform, request: Request) -> Response:
    """The arguments of `AepEmulator.fault` as JSON."""
    try:
        platform.faults.plan(Fault(**_body(request)))
    except (TypeError, ValueError) as wrong:
        raise bad_request(str(wrong)) from wrong
    return Response(204)


def clear_faults(platform: Platform, request: Request) -> Response:
    platform.faults.clear()
    return Response(204)


def set_chaos(platform: Platform, request: Request) -> Response:
    """{"rate": 0.2, "seed": 1, "kinds": [...]}"""
    try:
        platform.faults.set_chaos(Chaos(**_body(request)))
    except (TypeError, ValueError) as wrong:
        raise bad_request(str(wrong)) from wrong
    return Response(204)


def register_specs(platform: Platform, request: Request) -> Response:
    """A connection spec or flow spec, a list of them, or what the platform responds to a GET of some."""
    try:
        added = [platform.specs.register(spec, platform.identifiers.uuid()) for spec in specs_in(request.body)]
    except ValueError as wrong:
        raise bad_request(str(wrong)) from wrong
    return Response(201, {"registered": [{"id": spec["id"], "name": spec["name"]} for spec in added]})


def get_switches(platform: Platform, request: Request) -> Response:
    return Response(200, asdict(platform.switches))


def set_switches(platform: Platform, request: Request) -> Response:
    known = {field.name for field in fields(Switches)}
    for name, value in _body(request).items():
        if name not in known:
            raise bad_request(f"There is no switch {name}.")
        setattr(platform.switches, name, value)
    return get_switches(platform, request)


def revoke_tokens(platform: Platform, request: Request) -> Response:
    platform.tokens.clear()
    return Response(204)


def reset(platform: Platform, request: Request) -> Response:
    platform.reset()
    return Response(204)


def _body(request: Request) -> Json:
    body: Any = request.body
    if not isinstance(body, dict):
        raise bad_request("A JSON object is expected.")
    return body
