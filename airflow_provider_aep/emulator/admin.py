"""The emulator's own routes, under /_emulator: what `AepEmulator`'s methods do, for another process."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from airflow_provider_aep.emulator.connection import DEFAULT_SANDBOX, airflow_connection
from airflow_provider_aep.emulator.dataflow import DataflowBuilder
from airflow_provider_aep.emulator.http.errors import bad_request
from airflow_provider_aep.emulator.http.faults import Chaos, Fault
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.specs.registry import specs_in
from airflow_provider_aep.emulator.simulation.outcomes import Script
from airflow_provider_aep.emulator.simulation.timetable import advance_to_now
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.switches import Switches

SCRIPT_FIELDS = {field.name for field in fields(Script)} - {"details", "used"}


def get_state(platform: Platform, request: Request) -> Response:
    """Every object by collection and id; `?sandbox=dev` for one sandbox."""
    sandbox = request.first("sandbox")
    if sandbox is not None and sandbox not in platform.sandboxes:
        raise bad_request(f"There is no sandbox {sandbox}.")
    return Response(200, platform.state(sandbox))


def get_requests(platform: Platform, request: Request) -> Response:
    """The requests so far, without those to the emulator's own routes."""
    return Response(200, [record.as_json() for record in platform.requests])


def get_unknown_routes(platform: Platform, request: Request) -> Response:
    """The requests that no service answers."""
    return Response(200, [record.as_json() for record in platform.requests if not record.known_route])


def get_connection(platform: Platform, request: Request) -> Response:
    """The Airflow connection that leads here."""
    return Response(200, airflow_connection(platform, f"http://{request.headers.get('host', '')}"))


def get_health(platform: Platform, request: Request) -> Response:
    """Whether it serves."""
    return Response(200, {"status": "ok", "now": platform.now()})


def get_clock(platform: Platform, request: Request) -> Response:
    """The emulator's time in epoch seconds, and its speed."""
    return Response(200, {"now": platform.now(), "speed": platform.clock.speed})


def advance_clock(platform: Platform, request: Request) -> Response:
    """{"advance": seconds}"""
    seconds = _body(request).get("advance", 0)
    if not isinstance(seconds, (int, float)) or seconds < 0:
        raise bad_request("advance must be a number of seconds, zero or more")
    try:
        platform.clock.advance(seconds)
    except ValueError as wrong:
        raise bad_request(str(wrong)) from wrong
    advance_to_now(platform)
    return get_clock(platform, request)


def make_dataflow(platform: Platform, request: Request) -> Response:
    """{"connector": "salesforce", "name": "Accounts", "frequency": "once"}: a dataflow with all its parts."""
    try:
        dataflow = DataflowBuilder(platform, platform.sandboxes[DEFAULT_SANDBOX], **_body(request)).build()
    except (TypeError, ValueError) as wrong:
        raise bad_request(str(wrong)) from wrong
    return Response(201, asdict(dataflow))


def list_scripts(platform: Platform, request: Request) -> Response:
    """The outcomes that wait for runs, oldest first."""
    return Response(200, [asdict(script) for script in platform.scripts])


def script_run(platform: Platform, request: Request) -> Response:
    """The arguments of `AepEmulator.script_run` as JSON, whatever the content type: curl says it is a form."""
    body = _body(request)
    details = {name: value for name, value in body.items() if name not in SCRIPT_FIELDS}
    try:
        script = Script(**{name: value for name, value in body.items() if name in SCRIPT_FIELDS}, details=details)
    except (TypeError, ValueError) as wrong:
        raise bad_request(str(wrong)) from wrong
    platform.scripts.append(script)
    return Response(201, {"scripted": asdict(script), "waiting": len(platform.scripts)})


def list_faults(platform: Platform, request: Request) -> Response:
    """The planned faults, each with how many requests it has seen, and the chaos."""
    chaos = platform.faults.chaos
    return Response(
        200,
        {
            "planned": [asdict(fault) for fault in platform.faults.planned],
            "chaos": {"rate": chaos.rate, "seed": chaos.seed, "kinds": chaos.kinds},
        },
    )


def plan_fault(platform: Platform, request: Request) -> Response:
    """The arguments of `AepEmulator.fault` as JSON."""
    try:
        fault = Fault(**_body(request))
    except (TypeError, ValueError) as wrong:
        raise bad_request(str(wrong)) from wrong
    platform.faults.plan(fault)
    return Response(201, {"planned": asdict(fault)})


def clear_faults(platform: Platform, request: Request) -> Response:
    """Planned faults and chaos."""
    cleared = len(platform.faults.planned)
    platform.faults.clear()
    return Response(200, {"cleared": cleared})


def set_chaos(platform: Platform, request: Request) -> Response:
    """{"rate": 0.2, "seed": 1, "kinds": [...]}"""
    try:
        platform.faults.set_chaos(Chaos(**_body(request)))
    except (TypeError, ValueError) as wrong:
        raise bad_request(str(wrong)) from wrong
    return Response(200, list_faults(platform, request).body["chaos"])


def register_specs(platform: Platform, request: Request) -> Response:
    """A connection spec or flow spec, a list of them, or what the platform responds to a GET of some."""
    try:
        added = [platform.specs.register(spec, platform.identifiers.uuid()) for spec in specs_in(request.body)]
    except ValueError as wrong:
        raise bad_request(str(wrong)) from wrong
    return Response(201, {"registered": [{"id": spec["id"], "name": spec["name"]} for spec in added]})


def get_switches(platform: Platform, request: Request) -> Response:
    """What may be changed about the platform."""
    return Response(200, asdict(platform.switches))


def set_switches(platform: Platform, request: Request) -> Response:
    """{"name of a switch": its value}"""
    known = {field.name for field in fields(Switches)}
    for name, value in _body(request).items():
        if name not in known:
            raise bad_request(f"There is no switch {name}.")
        setattr(platform.switches, name, value)
    return get_switches(platform, request)


def revoke_tokens(platform: Platform, request: Request) -> Response:
    """Every token issued so far is refused from now on."""
    revoked = len(platform.tokens)
    platform.tokens.clear()
    return Response(200, {"revoked": revoked})


def reset(platform: Platform, request: Request) -> Response:
    """Forget every object, token, request, script and fault."""
    forgotten = {name: len(objects) for name, objects in platform.state().items() if objects}
    platform.reset()
    return Response(200, {"forgotten": forgotten})


def _body(request: Request) -> Json:
    body: Any = request.body
    if not isinstance(body, dict):
        raise bad_request("A JSON object is expected.")
    return body
