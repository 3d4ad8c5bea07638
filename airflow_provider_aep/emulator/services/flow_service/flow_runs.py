"""Flow runs: look at them, start one on demand, re-trigger one. There is no way to cancel a run."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError, SourcesError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.paging import listing
from airflow_provider_aep.emulator.services.flow_service import resources
from airflow_provider_aep.emulator.services.flow_service.flow_rules import flow_spec_of, is_streaming
from airflow_provider_aep.emulator.services.flow_service.quirks import check_filters
from airflow_provider_aep.emulator.services.flow_service.spec_validation import violations
from airflow_provider_aep.emulator.services.specs.flow_specs import CRM_TO_AEP
from airflow_provider_aep.emulator.simulation.flow_reading import delta_column, frequency
from airflow_provider_aep.emulator.simulation.outcomes import OUTCOMES
from airflow_provider_aep.emulator.simulation.run_plans import create_run
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox

WINDOW = ("startTime", "windowStartTime", "windowEndTime")


def list_all(platform: Platform, request: Request) -> Response:
    """GET /runs. `state` filters on the run's status, as in Adobe's sort-and-filter page."""
    check_filters("runs", request, platform.switches)
    sandbox = request.sandbox
    shown = [
        {**run, "state": run["metrics"]["statusSummary"].get("status")}
        for run in sandbox["runs"].values()
        if _is_visible(platform, sandbox, run["id"])
    ]
    response = listing(request, shown, fields=resources.FIELDS["runs"], switches=platform.switches, path="/runs")
    for run in response.body.get("items", []):
        del run["state"]
        sandbox["plans"][run["id"]]["seen"] = True
    return response


def get_one(platform: Platform, request: Request, run_id: str) -> Response:
    run = _visible(platform, request.sandbox, run_id)
    request.sandbox["plans"][run_id]["seen"] = True
    return Response(200, run if platform.switches.bare_runs else {"items": [run]})


def create(platform: Platform, request: Request) -> Response:
    """POST /runs: a run on demand, for enabled batch flows that run once."""
    body = resources.body_of(request, "runs")
    flow_id = body.get("flowId")
    if not flow_id:
        raise FlowServiceError(
            "1446-400", "The flow ID cannot be null or empty. Please update the flow ID and try again."
        )
    flow = request.sandbox["flows"].get(flow_id)
    if flow is None:
        raise FlowServiceError("1430-400", f"Flow not found with id {flow_id}.")
    params = _check_params(flow_spec_of(platform, flow), flow, body.get("params"))
    if params.get("deltaColumn") and not delta_column(flow):
        _keep_delta_column(platform, request, flow, params["deltaColumn"])
    run = create_run(
        platform,
        request.sandbox,
        flow,
        created_at=platform.now(),
        client_id=request.client_id,
        window=(float(params["windowStartTime"]), float(params["windowEndTime"])),
        starts_at=float(params["startTime"]),
    )
    brief = resources.id_and_etag(run)
    shapes = {"items": {"items": [brief]}, "plain": brief, "full": run}
    return Response(201, shapes[platform.switches.run_response])


def act(platform: Platform, request: Request, run_id: str) -> Response:
    """POST /runs/{id}/action?op=re-trigger: a new run over the same window."""
    sandbox = request.sandbox
    run = _visible(platform, sandbox, run_id)
    operation = resources.operation_of(request)
    if operation not in ("re-trigger", "retrigger"):
        raise SourcesError(
            "1401-400",
            f"The provided flow run action={operation} is not supported. "
            "Please provide a valid flow run action and try again.",
        )
    flow = sandbox["flows"].get(run["flowId"])
    if flow is None:
        raise FlowServiceError("1430-400", f"Flow not found with id {run['flowId']}.")
    _refuse_unless_enabled(flow)
    status = run["metrics"]["statusSummary"].get("status")
    empty = run["metrics"].get("recordSummary", {}).get("inputRecordCount") == 0
    if status != "failed" and not (status == "success" and empty):
        raise SourcesError(
            "1387-400",
            f"The flowRunId={run_id} is in an invalid state={status} for re-triggering. "
            "Please try again after some time and contact customer support if the problem persists.",
        )
    plan = sandbox["plans"][run_id]
    again = create_run(
        platform,
        sandbox,
        flow,
        created_at=platform.now(),
        client_id=request.client_id,
        window=(plan["windowStart"] / 1000, plan["windowEnd"] / 1000),
        parent=run_id,
    )
    run.setdefault("childFlowRunIds", []).append(again["id"])
    return Response(200, resources.id_and_etag(again))


def replace(platform: Platform, request: Request, run_id: str) -> Response:
    raise FlowServiceError(
        "1427-400",
        "The user token is unauthorized to create/update flow runs. "
        "Please ensure that the user token is authorized and try again.",
    )


def _visible(platform: Platform, sandbox: Sandbox, run_id: str) -> Json:
    run = resources.existing(sandbox, "runs", run_id)
    if not _is_visible(platform, sandbox, run_id):
        raise resources.not_found("runs", run_id)
    return run


def _is_visible(platform: Platform, sandbox: Sandbox, run_id: str) -> bool:
    plan = sandbox["plans"][run_id]
    gone = plan["seen"] and OUTCOMES[plan["outcome"]].disappears
    return bool(platform.now() >= plan["visibleAt"] and not gone)


def _refuse_unless_enabled(flow: Json) -> None:
    if flow["state"] != "enabled":
        raise SourcesError(
            "1388-400",
            f"The flow={flow['id']} is in state={flow['state']} and cannot be re-triggered. "
            "The flow must be in enabled state for re-triggering.",
        )


def _check_params(spec: Json, flow: Json, params: Any) -> Json:
    if is_streaming(spec) or "runSpec" not in spec:
        raise SourcesError(
            "1385-400",
            f"The provided connectorType={spec['name']} is not supported for creating flow runs. "
            "Please provide a valid connectorType and try again.",
        )
    if frequency(flow) != "once":
        raise SourcesError(
            "1386-400",
            f"The flowId={flow['id']} with scheduleParams frequency={frequency(flow)} is not "
            "supported for creating "
            "flow runs. Please provide a valid frequency and try again.",
        )
    _refuse_unless_enabled(flow)
    if not isinstance(params, dict) or not params:
        raise SourcesError(
            "1384-400",
            f"The params={params} provided for creating flow run are invalid or empty. "
            "Please provide valid params and try again.",
        )
    if spec["id"] == CRM_TO_AEP:
        _check_delta_column(flow, params.get("deltaColumn"))
    _check_window(params, spec)
    return params


def _check_delta_column(flow: Json, given: Any) -> None:
    known = delta_column(flow)
    if not known and not given:
        raise SourcesError(
            "1383-400",
            "The delta column is missing in the params received for creating a flow run. "
            "Please provide delta column in params and try again.",
        )
    if known and given and (not isinstance(given, dict) or given.get("name") != known["name"]):
        raise SourcesError(
            "1382-400",
            "The delta column should match the value present in the flow's Copy transformations. "
            "Please provide a valid delta column and try again.",
        )


def _check_window(params: Json, spec: Json) -> None:
    for name in WINDOW:
        if name not in params:
            raise SourcesError(
                "1359-400", f"The param {name} is missing in the request. Please provide a valid {name}."
            )
    # Once the flow knows its delta column a run need not repeat it, whatever the spec's `required` says.
    schema = {**spec["runSpec"].get("spec", {}), "required": list(WINDOW)}
    found = violations(params, schema)
    if found:
        raise SourcesError("1318-400", f"{'; '.join(found)}. Please check the provided request and try again.")
    start, end = int(params["windowStartTime"]), int(params["windowEndTime"])
    if end < start:
        raise SourcesError(
            "1381-400",
            f"WindowEndTime={end} cannot be before Window StartTime={start}. "
            "Please provide a valid end time and try again.",
        )


def _keep_delta_column(platform: Platform, request: Request, flow: Json, column: Any) -> None:
    """The first run's delta column becomes the flow's Copy transformation."""
    others = [each for each in flow.get("transformations") or [] if each.get("name") != "Copy"]
    flow["transformations"] = [{"name": "Copy", "params": {"deltaColumn": column}}, *others]
    resources.mark_changed(platform, request, flow, "update")
