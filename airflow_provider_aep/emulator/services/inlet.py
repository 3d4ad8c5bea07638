"""The streaming inlets: what Adobe runs on dcs.adobedc.net, beside the platform.

One belongs to each HTTP API connection, and one to each flow of a self-serve streaming source. It asks for no sandbox
and, unless its connection says so, for no token. An accepted message is counted for the flows behind the inlet; what
it says goes nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from airflow_provider_aep.emulator.http.errors import DataCollectionError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.simulation.flow_reading import inlet_of, inlet_params, target_dataset_id
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox

MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Inlet:
    """`params` are `auth.params` of the connection it belongs to; empty if it belongs to a flow."""

    id: str
    sandbox: Sandbox
    params: Json


def inlet_url(request: Request, new_inlet_id: str) -> str:
    """Adobe's inlets have a host of their own, ours is the host that was asked."""
    return f"http://{request.headers.get('host', '')}/collection/{new_inlet_id}"


def ingest_message(platform: Platform, request: Request, inlet_id: str) -> Response:
    """POST /collection/{inletId}: one message."""
    inlet = _open(platform, request, inlet_id)
    error = _error_in(platform, inlet, request.body)
    if error:
        raise DataCollectionError(400, "Bad request", error)
    _deliver(request, inlet, [request.body])
    response = {"inletId": inlet_id, "xactionId": _transaction(platform), "receivedTimeMs": platform.clock.now_ms()}
    if str(request.first("syncValidation")).lower() == "true":
        response["synchronousValidation"] = {"status": "pass"}
    return Response(200, response)


def ingest_messages(platform: Platform, request: Request, inlet_id: str) -> Response:
    """POST /collection/batch/{inletId}: each message has a response of its own, within one of status 207."""
    inlet = _open(platform, request, inlet_id)
    messages = request.body.get("messages") if isinstance(request.body, dict) else None
    if not isinstance(messages, list):
        raise DataCollectionError(400, "Bad request", f"inletId: [{inlet_id}] There are no messages.")
    transaction = _transaction(platform)
    accepted: list[Json] = []
    responses: list[Json] = []
    for number, message in enumerate(messages):
        error = _error_in(platform, inlet, message)
        if error:
            responses.append({"statusCode": 400, "message": error})
        else:
            accepted.append(message)
            responses.append({"xactionId": f"{transaction}:{number}"})
    _deliver(request, inlet, accepted)
    response = {"inletId": inlet_id, "batchId": transaction, "receivedTimeMs": platform.clock.now_ms()}
    return Response(207, {**response, "responses": responses})


def _open(platform: Platform, request: Request, inlet_id: str) -> Inlet:
    """The inlet of that id, if the request may come in."""
    if len(request.raw) > MOST_BYTES:
        raise DataCollectionError(413, "Payload too large", f"inletId: [{inlet_id}] The limit is {MOST_BYTES} bytes.")
    inlet = next((each for each in _inlets(platform) if each.id == inlet_id), None)
    if inlet is None:
        raise DataCollectionError(404, "Not found", f"inletId: [{inlet_id}] There is no such inlet.")
    if inlet.params.get("authenticationRequired"):
        _check_token(platform, request, inlet_id)
    return inlet


def _inlets(platform: Platform) -> Iterator[Inlet]:
    for sandbox in platform.sandboxes.values():
        for connection in sandbox["connections"].values():
            params = inlet_params(connection)
            yield Inlet(str(params.get("inletId")), sandbox, params)
        for flow in sandbox["flows"].values():
            yield Inlet(str(inlet_of(sandbox, flow)), sandbox, {})


def _check_token(platform: Platform, request: Request, inlet_id: str) -> None:
    authorization = request.headers.get("authorization", "")
    if platform.live_token(authorization.partition(" ")[2].strip()) is None:
        why = "is not valid" if authorization else "is empty"
        raise DataCollectionError(401, "Authorization", f"[{inlet_id}] Ims service token {why}")


def _error_in(platform: Platform, inlet: Inlet, message: Any) -> str:
    """What is wrong with the message; empty if nothing is. Its content is not checked against the schema."""
    organisation = platform.switches.org_id
    where = f"inletId: [{inlet.id}] imsOrgId: [{organisation}]"
    if not isinstance(message, dict):
        return f"{where} Message is not a JSON object"
    is_xdm = inlet.params.get("dataType") == "xdm"
    if is_xdm and not all(isinstance(message.get(part), dict) for part in ("header", "body")):
        return f"{where} Message has unknown xdm format"
    if _header(message).get("imsOrgId", organisation) != organisation:
        return f"{where} Message has an absent or wrong ims org in the header"
    return ""


def _deliver(request: Request, inlet: Inlet, messages: list[Json]) -> None:
    """Count the messages for the live flows of the inlet: all of them, or the one the caller names."""
    wanted = request.headers.get("x-adobe-flow-id")
    for flow in inlet.sandbox["flows"].values():
        timetable = inlet.sandbox["timetables"].get(flow["id"])
        if timetable is None or flow["state"] != "enabled" or wanted not in (None, flow["id"]):
            continue
        if inlet_of(inlet.sandbox, flow) == inlet.id:
            dataset_id = target_dataset_id(inlet.sandbox, flow)
            timetable["arrived"] += sum(_header(each).get("datasetId", dataset_id) == dataset_id for each in messages)


def _header(message: Json) -> Json:
    header = message.get("header")
    return header if isinstance(header, dict) else {}


def _transaction(platform: Platform) -> str:
    first, second = (platform.identifiers.random.randint(1, 4000) for _ in range(2))
    return f"{platform.clock.now_ms()}:{first}:{second}"
