"""Dataflows. Transformations are known by their name; a live dataflow keeps its start time."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_spec import validate_against_spec
from airflow_provider_aep.reconcile.diff import Change, Diff, differences
from airflow_provider_aep.resources.flow_service import FlowServiceType
from airflow_provider_aep.resources.mapping_set import latest_version
from airflow_provider_aep.resources.patching import Patch, declared_part, merged, patch_operation

_MAPPING_VERSION = "/transformations/Mapping/mappingVersion"
_NEW_FLOW = "a dataflow keeps what it reads from, writes to and is made by"

# States in which a live dataflow does nothing, and how it is made to run.
_IDLE = {
    "disabled": "is disabled: nothing runs until AepSetFlowStateOperator enables it.",
    "draft": "is a draft: nothing runs until AepSetFlowStateOperator publishes it.",
}


class FlowType(FlowServiceType[Flow]):
    noun = "dataflow"

    def declare(self, **arguments: Any) -> Flow:
        return Flow.declare(**arguments)

    def natural_key(self, resource: Flow) -> tuple[str | None, ...]:
        return (resource.name,)

    def lookup(self, declared: Flow) -> Call[list[Flow]]:
        return flow_service.list_flows(declared.name)

    def list_all(self) -> Call[list[Flow]]:
        return flow_service.list_flows()

    def get(self, id_: str) -> Call[Flow]:
        return flow_service.get_flow(id_)

    def warning(self, live: Flow) -> str:
        return _IDLE.get(live.state or "", "")

    def other_purpose(self, live: Flow) -> str:
        said = "is a dataflow to a destination: it has the same name, and is not the source dataflow that is meant."
        return said if live.is_destination else ""

    def diff(self, declared: Flow, live: Flow) -> Diff:
        found = differences(_compared(declared), _compared(live))
        kept = set() if declared.start_time_changed else {"/scheduleParams/startTime"}
        if declared.follows_latest and declared.mapping_set_id == live.mapping_set_id:
            kept.add(_MAPPING_VERSION)
        # Where none is shown, as of many streaming dataflows, it is the first one.
        first = Change(_MAPPING_VERSION, "0", None)
        return tuple(change for change in found if change.path not in kept and change != first)

    def newer(self, declared: Flow, live: Flow) -> Diff:
        """A mapping set that was changed since the dataflow got it, where no version was declared. A list that lags
        behind moves no dataflow back.
        """
        if not declared.follows_latest or declared.mapping_set_id != live.mapping_set_id:
            return ()
        latest, used = declared.mapping_set_version, live.mapping_set_version
        behind = str(used).isdecimal() and int(str(used)) < int(str(latest))
        return (Change(_MAPPING_VERSION, latest, used),) if behind else ()

    def requires_replace(self, declared: Flow, live: Flow, now: float) -> dict[str, str]:
        fixed = {path: _NEW_FLOW for path in ("/flowSpec", "/sourceConnectionIds", "/targetConnectionIds")}
        if declared.schedule_params and declared.schedule_params.frequency == "once":
            fixed["/scheduleParams/frequency"] = "a dataflow with a schedule cannot become one that runs once"
        elif live.schedule_params and live.schedule_params.frequency == "once":
            fixed["/scheduleParams/frequency"] = "a dataflow that runs once cannot get a schedule"
        if live.schedule_params and live.schedule_params.frequency == "once":
            # https://experienceleague.adobe.com/en/docs/experience-platform/sources/ui-tutorials/update-dataflows
            fixed["/transformations/Mapping"] = "the mapping of a dataflow that runs once cannot be edited"
        start = live.schedule_params.start_time if live.schedule_params else None
        if start is not None and start <= now:
            # 1404-400 of the sources' catalogue of errors, nearly in its own words.
            fixed["/scheduleParams/backfill"] = "the start time has passed and you can no longer update backfill"
        return fixed

    def resolve(self, send: Send, declared: Flow) -> Flow:
        """Add the version of the mapping set, if none was declared: the latest one."""
        id_ = declared.unversioned_mapping_set
        return declared if id_ is None else declared.with_mapping_version(latest_version(send, id_))

    def prepare(self, send: Send, declared: Flow, now: float) -> Flow:
        """Check the dataflow by its flow spec and its source, and give it a start time.

        :raises AepConfigError: the flow spec is not one for this source, or its rules object; or the start time lies in
            the past.
        """
        flow_spec = send(flow_service.get_flow_spec(declared.flow_spec.id))
        source = send(flow_service.get_source_connection(declared.source_connection_ids[0]))
        flow = declared.with_start(now)
        validate_against_spec(flow, flow_spec, source.connection_spec.id)
        return flow

    def create(self, declared: Flow) -> Call[Created]:
        return flow_service.create_flow(declared)

    def update(self, declared: Flow, live: Flow, diff: Diff) -> Call[Created]:
        patch = _patch_of_transformations(declared, live, diff)
        rest = [change for change in diff if not change.is_within("/transformations")]
        if live.options is None and any(change.is_within("/options") for change in rest):
            patch.append({"op": "add", "path": "/options", "value": declared.options})
            rest = [change for change in rest if not change.is_within("/options")]
        patch += [patch_operation(change) for change in rest]
        return flow_service.update_flow(self.id_of(live), self.if_match(live), patch)

    def delete(self, id_: str) -> Call[None]:
        return flow_service.delete_flow(id_)


def _compared(flow: Flow) -> dict[str, Any]:
    """The dataflow as it is compared: transformations by name."""
    view = declared_part(flow, "name", "description", "source_connection_ids", "target_connection_ids", "options")
    view["flowSpec"] = {"id": flow.flow_spec.id}
    # Of two with one name the first counts, as everywhere.
    view["transformations"] = {part.name: part.params for part in reversed(flow.transformations) if part.name}
    if flow.schedule_params:
        view["scheduleParams"] = flow.schedule_params.to_wire()
    return view


def _patch_of_transformations(declared: Flow, live: Flow, diff: Diff) -> Patch:
    """A transformation is replaced as a whole, at the place that it has among the live ones. Adobe's contract has a
    name and params in it: live params that were not declared go along, and what else the platform shows in it does not.
    """
    names = [part.name for part in live.transformations]
    changed = [
        part
        for part in declared.transformations
        if any(change.is_within(f"/transformations/{part.name}") for change in diff)
    ]
    if changed and not names:
        # A draft may have no list yet to which one could be added.
        return [{"op": "add", "path": "/transformations", "value": [part.to_wire() for part in changed]}]
    patch: Patch = []
    for part in changed:
        if part.name in names:
            place = names.index(part.name)
            value = {"name": part.name, "params": merged(live.transformations[place].params, part.params)}
            patch.append({"op": "replace", "path": f"/transformations/{place}", "value": value})
        else:
            patch.append({"op": "add", "path": "/transformations/-", "value": part.to_wire()})
    return patch


FLOW = FlowType()
