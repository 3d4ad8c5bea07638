"""Flows ("dataflows"): create, change, enable, disable, publish, delete."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.errors import FlowServiceError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.flow_service import resources
from airflow_provider_aep.emulator.services.flow_service.flow_rules import (
    check_flow,
    check_forbidden_fields,
    flow_spec_of,
)
from airflow_provider_aep.emulator.services.flow_service.schedule_rules import check_change, check_transition
from airflow_provider_aep.emulator.services.inlet import inlet_url
from airflow_provider_aep.emulator.simulation.timetable import add_timetable
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox

#: from which state an action leads where, by way of what
ACTIONS = {"enable": ("disabled", "enabling", "enabled"), "disable": ("enabled", "disabling", "disabled")}
UNCHANGEABLE = ("flowSpec", "inheritedAttributes", "lastRunDetails", "lastOperation", "runs")
#: a live flow keeps its ends: Adobe tells users to make new connections and a new flow
ENDS = ("sourceConnectionIds", "targetConnectionIds")


def create(platform: Platform, request: Request) -> Response:
    body = resources.body_of(request, "flows")
    check_forbidden_fields(body)
    draft = resources.is_draft(request)
    if draft:
        flow_spec_of(platform, body)
    else:
        check_flow(platform, request.sandbox, body, new=True)
    response = resources.add(platform, request, "flows", _with_inlet(platform, request, body))
    flow = request.sandbox["flows"][response.body["id"]]
    flow["inheritedAttributes"] = _inherited(request.sandbox, flow)
    flow["runs"] = f"/runs?property=flowId=={flow['id']}"
    if not draft:
        add_timetable(platform, request.sandbox, flow)
    return response


def patch(platform: Platform, request: Request, resource_id: str) -> Response:
    flow = resources.existing(request.sandbox, "flows", resource_id)
    check_transition(flow, "update")
    changed, instructions = resources.patch_record(platform, request, "flows", flow)
    fixed = UNCHANGEABLE if flow["state"] == "draft" else UNCHANGEABLE + ENDS
    for instruction in instructions:
        if instruction["path"].split("/")[1] in fixed:
            raise FlowServiceError(
                "1455-400",
                "An error has occurred while validating patch instructions: "
                f'Field "{instruction["path"]}" cannot be updated.',
            )
    url = (flow.get("options") or {}).get("inletUrl")
    if url is not None:
        changed["options"] = {**(changed.get("options") or {}), "inletUrl": url}
    if flow["state"] != "draft":
        check_change(platform, flow, changed)
        check_flow(platform, request.sandbox, changed, new=False)
    changed["inheritedAttributes"] = _inherited(request.sandbox, changed)
    request.sandbox["flows"][resource_id] = changed
    resources.mark_changed(platform, request, changed, "update")
    changed["lastOperation"]["ops"] = instructions
    if flow["state"] != "draft" and changed.get("scheduleParams") != flow.get("scheduleParams"):
        add_timetable(platform, request.sandbox, changed)
    if flow["state"] != "draft":
        _enter(platform, request.sandbox, changed, "updating", flow["state"])
    return Response(200, resources.id_and_etag(changed))


def delete(platform: Platform, request: Request, resource_id: str) -> Response:
    flow = resources.existing(request.sandbox, "flows", resource_id)
    check_transition(flow, "delete")
    del request.sandbox["flows"][resource_id]
    return Response(204)


def act(platform: Platform, request: Request, resource_id: str) -> Response:
    """POST /flows/{id}/action?op=enable | disable | publish, in either case; If-Match is optional."""
    flow = resources.existing(request.sandbox, "flows", resource_id)
    operation = resources.operation_of(request)
    if "if-match" in request.headers:
        resources.check_if_match(request, flow)
    if operation in ("finalize", "finalize-update"):
        raise FlowServiceError("1402-400", f"The action '{operation}' is supported for provider requests only.")
    if operation not in ("publish", *ACTIONS):
        raise resources.unsupported_action(operation)
    check_transition(flow, operation)
    if operation == "publish":
        _publish(platform, request, flow)
    else:
        _switch(platform, request, flow, operation)
    return Response(200, resources.id_and_etag(flow))


def _publish(platform: Platform, request: Request, flow: Json) -> None:
    if flow["state"] != "draft":
        raise _wrong_state("publish", flow)
    check_flow(platform, request.sandbox, flow, new=True)
    flow["state"] = "enabled"
    resources.mark_changed(platform, request, flow, "publish")
    add_timetable(platform, request.sandbox, flow)


def _switch(platform: Platform, request: Request, flow: Json, operation: str) -> None:
    needed, transitional, final = ACTIONS[operation]
    if flow["state"] != needed:
        raise _wrong_state(operation, flow)
    if operation == "enable":
        check_flow(platform, request.sandbox, flow, new=False)
    resources.mark_changed(platform, request, flow, operation)
    flow["state"] = final
    _enter(platform, request.sandbox, flow, transitional, final)


def _enter(platform: Platform, sandbox: Sandbox, flow: Json, transitional: str, final: str) -> None:
    """Put the flow into the transitional state for as long as the switch `flow_transition` says."""
    lasts = platform.switches.flow_transition
    if lasts:
        flow["state"] = transitional
        sandbox["transitions"][flow["id"]] = {"at": platform.now() + lasts, "state": final}
        platform.next_event_at = 0.0


def _wrong_state(operation: str, flow: Json) -> FlowServiceError:
    return FlowServiceError(
        "1422-400",
        f"The action {operation} cannot be applied on the current state {flow['state']}. "
        "Please update the action and try again.",
    )


def _with_inlet(platform: Platform, request: Request, flow: Json) -> Json:
    """The platform gives the flow of a self-serve streaming source an inlet, and shows it among the options."""
    options = flow_spec_of(platform, flow).get("optionSpec", {}).get("spec", {}).get("properties", {})
    if "inletUrl" not in options:
        return flow
    url = inlet_url(request, platform.identifiers.hex(64))
    return {**flow, "options": {**(flow.get("options") or {}), "inletUrl": url}}


def _inherited(sandbox: Sandbox, flow: Json) -> Json:
    inherited: Json = {"properties": {"isSourceFlow": True}}
    for side in ("source", "target"):
        collection = f"{side}Connections"
        ids = flow.get(f"{side}ConnectionIds") or []
        connections = sandbox[collection]
        inherited[collection] = [_end(sandbox, connections[each]) for each in ids if each in connections]
    return inherited


def _end(sandbox: Sandbox, connection: Json) -> Json:
    described: Json = {"id": connection["id"], "connectionSpec": connection["connectionSpec"]}
    base = sandbox["connections"].get(connection.get("baseConnectionId") or "")
    if base is not None:
        described["baseConnection"] = {"id": base["id"], "connectionSpec": base["connectionSpec"]}
    return described
