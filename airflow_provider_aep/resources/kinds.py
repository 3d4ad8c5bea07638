"""What `ensure` knows of each resource: its natural key, what is compared, what can be changed in place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from airflow_provider_aep.api import catalog, data_prep, flow_service, schema_registry
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.models.base import Resource
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.diff import differences
from airflow_provider_aep.reconcile.ensure import Differences, Kind

Patch = list[dict[str, Any]]
_NOT_REFLECTED = "the platform does not pass a change on to the dataflow that uses it"
_LATE = 2**63


def _name(resource: Any) -> str:
    return repr(resource.name or resource.id)


def _id(resource: Any) -> str:
    return str(resource.id)


def _etag(resource: Any) -> str | None:
    return resource.live_etag if isinstance(resource, Resource) else resource.etag


def _without_etag(resource: Resource) -> bool:
    return not resource.live_etag


def _if_match(live: Any) -> str:
    """The etag of what is to be changed.

    :raises AepApiError: the platform shows none, not even when it was asked for this one.
    """
    etag = _etag(live)
    if not etag:
        said = (
            f"The {live.name!r} with id {live.id} is shown without etag and version, and AEP takes no change without."
        )
        raise AepApiError(f"{said} Change it in the UI.", status=200)
    return etag


def _age(resource: Resource) -> int:
    return resource.created_at or _LATE


def _milliseconds(value: Any) -> int:
    return int(value) if str(value).isdecimal() else _LATE


def _same_name_and_spec(declared: Any, live: Any) -> bool:
    return bool(live.name == declared.name and live.connection_spec.id == declared.connection_spec.id)


def _wire(resource: Any, *keys: str) -> dict[str, Any]:
    """The declared part of what is compared, as it is on the wire."""
    body = resource.to_wire()
    return {key: body[key] for key in keys if body.get(key) not in (None, [])}


def _patch(path: str, value: Any, live: Any) -> dict[str, Any]:
    return {"op": "add" if live is None else "replace", "path": path, "value": value}


def _update_by_patch(
    make: Callable[[str, str, Patch], Call[Any]],
) -> Callable[[Any, Any, Differences], Call[Any]]:
    def update(declared: Any, live: Any, found: Differences) -> Call[Any]:
        patch = [_patch(path, wanted, got) for path, (wanted, got) in found.items()]
        return make(_id(live), _if_match(live), patch)

    return update


# Base connections: secrets are never compared, because the platform does not show them


def _compare_base_connection(declared: BaseConnection, live: BaseConnection) -> Differences:
    wish = _wire(declared, "description", "connectionSpec")
    if declared.auth and live.auth:
        seen = live.auth.params
        plain = {key: value for key, value in declared.plain_params.items() if _shown(key, seen.get(key))}
        # Adobe promises no more than the connection spec: what is not shown is not different.
        name = {"specName": declared.auth.spec_name} if live.auth.spec_name else {}
        wish["auth"] = {**name, "params": plain}
    elif declared.auth and live.state == "draft":
        # A draft may have none yet.
        wish["auth"] = {"specName": declared.auth.spec_name, "params": {}}
    return differences(wish, live.to_wire())


_SECRET = re.compile(r"(?i)pass|pwd|secret|token|key|credential|signature|sas|connectionstring")


def _shown(key: str, value: Any) -> bool:
    """Whether the platform shows this parameter, and it may be shown in an error of ours."""
    if isinstance(value, str):
        return bool(value) and "*" not in value and not value.startswith("{") and not _SECRET.search(key)
    # Whatever is nested may hold secrets.
    return isinstance(value, bool | int | float)


def _update_base_connection(declared: BaseConnection, live: BaseConnection, found: Differences) -> Call[Any]:
    patch = [_patch(path, wanted, got) for path, (wanted, got) in found.items() if not path.startswith("/auth/params")]
    if declared.auth and declared.auth.params:
        # Adobe documents replacing them as a whole, so what is live and was not declared has to go along.
        shown = {key: value for key, value in (live.auth.params if live.auth else {}).items() if _shown(key, value)}
        patch.append({"op": "replace", "path": "/auth/params", "value": {**shown, **declared.auth.params}})
    return flow_service.update_base_connection(_id(live), _if_match(live), patch)


BASE_CONNECTION = Kind[BaseConnection](
    noun="base connection",
    label=_name,
    find=lambda declared: flow_service.list_base_connections(declared.name or "", declared.connection_spec.id),
    same=_same_name_and_spec,
    compare=_compare_base_connection,
    create=flow_service.create_base_connection,
    key=_id,
    born=_age,
    update=_update_base_connection,
    fixed={"/auth/specName": "the way of signing in belongs to the connection"},
    get=flow_service.get_base_connection,
    terse=_without_etag,
    delete=flow_service.delete_base_connection,
    etag=_etag,
    always_update=lambda declared: bool(declared.auth and declared.auth.params),
)


# Source connections: columns are known by their name


def _compare_source_connection(declared: SourceConnection, live: SourceConnection) -> Differences:
    keys = "description", "baseConnectionId", "data", "params"
    wish, seen = _wire(declared, *keys), live.to_wire()
    wanted, got = (_columns(view) for view in (wish, seen))
    if wanted is None or got is None:
        return differences(wish, seen)
    wish["params"], seen["params"] = {**wish["params"], "columns": wanted}, {**seen["params"], "columns": got}
    more = {f"/params/columns/{name}": (None, got[name]) for name in got if name not in wanted}
    return {**differences(wish, seen), **more}


def _columns(view: dict[str, Any]) -> dict[str, Any] | None:
    """name -> column; None where there is no list of columns with a name of their own."""
    columns = (view.get("params") or {}).get("columns")
    if not isinstance(columns, list) or not all(isinstance(column, dict) for column in columns):
        return None
    named = {str(column.get("name")): column for column in columns}
    return named if len(named) == len(columns) else None


SOURCE_CONNECTION = Kind[SourceConnection](
    noun="source connection",
    label=_name,
    find=lambda declared: flow_service.list_source_connections(declared.name or "", declared.connection_spec.id),
    same=_same_name_and_spec,
    compare=_compare_source_connection,
    create=flow_service.create_source_connection,
    key=_id,
    born=_age,
    update=_update_by_patch(flow_service.update_source_connection),
    fixed={path: _NOT_REFLECTED for path in ("/baseConnectionId", "/data", "/params")},
    get=flow_service.get_source_connection,
    terse=_without_etag,
    delete=flow_service.delete_source_connection,
    etag=_etag,
)


def _compare_target_connection(declared: TargetConnection, live: TargetConnection) -> Differences:
    wish = _wire(declared, "description", "data", "params")
    if live.data.format is None:
        # Adobe's own tutorial makes one without: what is not shown is not different from the default.
        wish["data"] = {key: value for key, value in wish["data"].items() if key != "format"}
    return differences(wish, live.to_wire())


TARGET_CONNECTION = Kind[TargetConnection](
    noun="target connection",
    label=_name,
    find=lambda declared: flow_service.list_target_connections(declared.name or "", declared.connection_spec.id),
    same=_same_name_and_spec,
    compare=_compare_target_connection,
    create=flow_service.create_target_connection,
    key=_id,
    born=_age,
    update=_update_by_patch(flow_service.update_target_connection),
    fixed={path: _NOT_REFLECTED for path in ("/data", "/params")},
    get=flow_service.get_target_connection,
    terse=_without_etag,
    delete=flow_service.delete_target_connection,
    etag=_etag,
)


# Schemas: a live schema may have more field groups than were declared


def _compare_schema(declared: Schema, live: Schema) -> Differences:
    # Without a description the title is sent as one, which declares nothing.
    said = () if declared.description == declared.title else ("description",)
    found = dict(differences(_wire(declared, *said), live.to_wire()))
    missing = [part for part in declared.parts if part not in live.parts]
    if declared.parts[0] in missing:
        found["/class"] = (declared.parts[0], live.parts)
    elif missing:
        found["/allOf"] = (missing, live.parts)
    return found


def _update_schema(declared: Schema, live: Schema, found: Differences) -> Call[Any]:
    patch = [_patch(path, wanted, got) for path, (wanted, got) in found.items() if path != "/allOf"]
    missing, _ = found.get("/allOf", ((), ()))
    patch += [{"op": "add", "path": "/allOf/-", "value": {"$ref": part}} for part in missing]
    return schema_registry.update_schema(_id(live), patch)


SCHEMA = Kind[Schema](
    noun="schema",
    label=lambda schema: f"{schema.title!r}",
    find=lambda declared: schema_registry.list_schemas(declared.title or ""),
    same=lambda declared, live: live.title == declared.title,
    compare=_compare_schema,
    create=schema_registry.create_schema,
    key=_id,
    born=lambda schema: 0,
    update=_update_schema,
    fixed={"/class": "the class of a schema is for life"},
    get=schema_registry.get_schema,
    terse=lambda live: not live.all_of,
    # Titles are unique: nobody can have come second, so there is nothing to remove.
    delete=None,
)


# Datasets: only the tags that were declared are looked at


def _compare_dataset(declared: Dataset, live: Dataset) -> Differences:
    wish: dict[str, Any] = {"tags": _tags(declared)}
    seen: dict[str, Any] = {"tags": _tags(live)}
    if declared.schema_ref:
        wish["schemaRef"] = {"id": declared.schema_ref.id}
        seen["schemaRef"] = {"id": live.schema_ref.id if live.schema_ref else None}
    return differences(wish, seen)


def _tags(dataset: Dataset) -> dict[str, list[str]]:
    # Adobe writes both "enabled:true" and "enabled: true".
    return {
        tag: sorted(re.sub(r"\s*:\s*", ":", value) for value in values) for tag, values in (dataset.tags or {}).items()
    }


DATASET = Kind[Dataset](
    noun="dataset",
    label=_name,
    find=lambda declared: catalog.list_datasets(declared.name or ""),
    same=lambda declared, live: live.name == declared.name,
    compare=_compare_dataset,
    create=catalog.create_dataset,
    key=_id,
    born=lambda dataset: dataset.created or _LATE,
    update=lambda declared, live, found: catalog.update_dataset(
        _id(live), {"tags": {**(live.tags or {}), **(declared.tags or {})}}
    ),
    fixed={"/schemaRef": "a dataset keeps its schema for life"},
    get=catalog.get_dataset,
    delete=catalog.delete_dataset,
)


# Mapping sets: both dialects are compared by their meaning, target field by target field


def _compare_mapping_set(declared: MappingSet, live: MappingSet) -> Differences:
    found: dict[str, tuple[Any, Any]] = {}
    if live.schema_id != declared.schema_id:
        found["/xdmSchema"] = (declared.schema_id, live.schema_id)
    if live.schema_version is not None and live.schema_version != declared.schema_version:
        found["/xdmVersion"] = (declared.schema_version, live.schema_version)
    wanted, got = declared.meaning, live.meaning
    for key in sorted({*wanted, *got}):
        if wanted.get(key) != got.get(key):
            found[f"/mappings/{key}"] = (wanted.get(key), got.get(key))
    return found


MAPPING_SET = Kind[MappingSet](
    noun="mapping set",
    label=_name,
    find=lambda declared: data_prep.list_mapping_sets(declared.name or ""),
    same=lambda declared, live: live.name == declared.name,
    compare=_compare_mapping_set,
    create=data_prep.create_mapping_set,
    key=_id,
    born=lambda mapping_set: _milliseconds(mapping_set.created_date),
    update=lambda declared, live, found: data_prep.update_mapping_set(_id(live), declared),
    fixed={"/xdmSchema": "a mapping set keeps its schema"},
    get=data_prep.get_mapping_set,
    terse=lambda live: not live.mappings,
    delete=None,
)


# Flows: transformations are known by their name; a live flow keeps its start time


def _flow_view(flow: Flow) -> dict[str, Any]:
    view = _wire(flow, "name", "description", "sourceConnectionIds", "targetConnectionIds", "options")
    view["flowSpec"] = {"id": flow.flow_spec.id}
    view["transformations"] = {part.name: part.params for part in flow.transformations}
    if flow.schedule_params:
        view["scheduleParams"] = flow.schedule_params.to_wire()
    return view


def _update_flow(declared: Flow, live: Flow, found: Differences) -> Call[Any]:
    patch: Patch = []
    names = [part.name for part in live.transformations]
    changed = dict.fromkeys(path.split("/")[2] for path in found if path.startswith("/transformations/"))
    for name in changed:
        params = {**(live.transformation(name) or {}), **(declared.transformation(name) or {})}
        value = {"name": name, "params": params}
        if name in names:
            patch.append({"op": "replace", "path": f"/transformations/{names.index(name)}", "value": value})
        else:
            patch.append({"op": "add", "path": "/transformations/-", "value": value})
    if live.options is None and any(path.startswith("/options") for path in found):
        patch.append({"op": "add", "path": "/options", "value": declared.options})
        found = {path: pair for path, pair in found.items() if not path.startswith("/options")}
    for path, (wanted, got) in found.items():
        if not path.startswith("/transformations/"):
            patch.append(_patch(path, wanted, got))
    return flow_service.update_flow(_id(live), _if_match(live), patch)


def _compare_flow(declared: Flow, live: Flow) -> Differences:
    found = differences(_flow_view(declared), _flow_view(live))
    if not declared.start_time_changed:
        found.pop("/scheduleParams/startTime", None)
    if found.get("/scheduleParams/frequency", ("", ""))[0] == "once":
        found["/scheduleParams/once"] = found.pop("/scheduleParams/frequency")
    return found


_NEW_FLOW = "a dataflow keeps what it reads from, writes to and is made by"

# States in which a live dataflow does nothing, and what wakes it.
_IDLE = {
    "disabled": "is disabled: nothing runs until AepSetFlowStateOperator enables it.",
    "draft": "is a draft: nothing runs until it is published in the UI.",
}

FLOW = Kind[Flow](
    noun="dataflow",
    label=_name,
    find=lambda declared: flow_service.list_flows(declared.name or ""),
    same=lambda declared, live: live.name == declared.name,
    compare=_compare_flow,
    create=flow_service.create_flow,
    key=_id,
    born=_age,
    update=_update_flow,
    fixed={
        "/flowSpec": _NEW_FLOW,
        "/sourceConnectionIds": _NEW_FLOW,
        "/targetConnectionIds": _NEW_FLOW,
        "/scheduleParams/once": "a dataflow with a schedule cannot become one that runs once",
    },
    get=flow_service.get_flow,
    caveat=lambda live: _IDLE.get(live.state or "", ""),
    terse=_without_etag,
    delete=flow_service.delete_flow,
    etag=_etag,
)
