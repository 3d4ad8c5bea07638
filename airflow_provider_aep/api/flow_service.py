"""Flow Service: connections, flow specs, flows and runs.

https://developer.adobe.com/experience-platform-apis/references/flow-service/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qs

from airflow_provider_aep.api.call import Call, Params, equals, items, only_item
from airflow_provider_aep.api.run_page import RunsOf, parse_run_page, parse_short_runs, reaches_back_to
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.flow_spec import FlowSpec
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.validation import checked_id

BASE = "/data/foundation/flowservice"
PAGE = "100"

T = TypeVar("T")


def next_page(params: Params, response: Any) -> Params | None:
    """The link to the next page carries the token only; the filter has to be said again."""
    links = response.get("_links") if isinstance(response, Mapping) else None
    following = links and links.get("next")
    if not following:
        return None
    query = str(following["href"]).partition("?")[2]
    # Tokens look like base64: a plus sign in the link is one, not a blank.
    token = parse_qs(query.replace("+", "%2B")).get("continuationToken")
    if not token:
        # "Not found" is only to be said after the last page.
        raise ValueError("a link to the next page without a token")
    return {**params, "continuationToken": token[0]}


def list_newest_first(resource: str, returns: type[T], filters: Sequence[str] = (), **more: Any) -> Call[list[T]]:
    """All of a resource that pass some filters of Flow Service's, page by page."""
    params = {"limit": PAGE, "orderby": "-createdAt"} | ({"property": list(filters)} if filters else {})
    # The type is known at run time only; mypy has it from the signature.
    returned: Any = list[returns]  # type: ignore[valid-type]
    path = f"{BASE}/{resource}"
    return Call("GET", path, returned, params=params, unwrap=items, next_page=next_page, id_shape="uuid", **more)


def _get(resource: str, field: str, id_: str, returns: type[T]) -> Call[T]:
    path = f"{BASE}/{resource}/{checked_id(field, id_)}"
    return Call("GET", path, returns, unwrap=only_item, id_shape="uuid", about=id_)


def _create(resource: str, body: dict[str, Any], **params: str) -> Call[Created]:
    path = f"{BASE}/{resource}"
    return Call("POST", path, Created, params=dict(params), body=body, unwrap=only_item, id_shape="uuid")


def _patch(resource: str, field: str, id_: str, etag: str, patch: list[dict[str, Any]]) -> Call[Created]:
    path = f"{BASE}/{resource}/{checked_id(field, id_)}"
    return Call("PATCH", path, Created, body=patch, if_match=etag, unwrap=only_item, id_shape="uuid", about=id_)


def _delete(resource: str, field: str, id_: str) -> Call[None]:
    return Call("DELETE", f"{BASE}/{resource}/{checked_id(field, id_)}")


def _connection_filters(name: str | None, connection_spec_id: str | None) -> list[str]:
    wanted = {"name": name, "connectionSpec.id": connection_spec_id}
    return [one for field, value in wanted.items() if value is not None for one in equals(field, value)]


# Base connections


def list_base_connections(name: str | None = None, connection_spec_id: str | None = None) -> Call[list[BaseConnection]]:
    return list_newest_first("connections", BaseConnection, _connection_filters(name, connection_spec_id))


def create_base_connection(connection: BaseConnection) -> Call[Created]:
    return _create("connections", connection.to_wire())


def update_base_connection(id_: str, etag: str, patch: list[dict[str, Any]]) -> Call[Created]:
    return _patch("connections", "base_connection_id", id_, etag, patch)


def get_base_connection(base_connection_id: str) -> Call[BaseConnection]:
    return _get("connections", "base_connection_id", base_connection_id, BaseConnection)


def delete_base_connection(base_connection_id: str) -> Call[None]:
    return _delete("connections", "base_connection_id", base_connection_id)


# Source connections


def list_source_connections(
    name: str | None = None, connection_spec_id: str | None = None
) -> Call[list[SourceConnection]]:
    return list_newest_first("sourceConnections", SourceConnection, _connection_filters(name, connection_spec_id))


def create_source_connection(connection: SourceConnection) -> Call[Created]:
    return _create("sourceConnections", connection.to_wire())


def get_source_connection(source_connection_id: str) -> Call[SourceConnection]:
    return _get("sourceConnections", "source_connection_id", source_connection_id, SourceConnection)


def update_source_connection(id_: str, etag: str, patch: list[dict[str, Any]]) -> Call[Created]:
    return _patch("sourceConnections", "source_connection_id", id_, etag, patch)


def delete_source_connection(source_connection_id: str) -> Call[None]:
    return _delete("sourceConnections", "source_connection_id", source_connection_id)


# Target connections


def list_target_connections(
    name: str | None = None, connection_spec_id: str | None = None
) -> Call[list[TargetConnection]]:
    return list_newest_first("targetConnections", TargetConnection, _connection_filters(name, connection_spec_id))


def create_target_connection(connection: TargetConnection) -> Call[Created]:
    return _create("targetConnections", connection.to_wire())


def get_target_connection(target_connection_id: str) -> Call[TargetConnection]:
    return _get("targetConnections", "target_connection_id", target_connection_id, TargetConnection)


def update_target_connection(id_: str, etag: str, patch: list[dict[str, Any]]) -> Call[Created]:
    return _patch("targetConnections", "target_connection_id", id_, etag, patch)


def delete_target_connection(target_connection_id: str) -> Call[None]:
    return _delete("targetConnections", "target_connection_id", target_connection_id)


# Flow specs: their lists know no paging


def list_flow_specs(name: str | None = None) -> Call[list[FlowSpec]]:
    params = {"property": equals("name", name)} if name else {}
    return Call("GET", f"{BASE}/flowSpecs", list[FlowSpec], params=params, unwrap=items, id_shape="uuid")


def get_flow_spec(flow_spec_id: str) -> Call[FlowSpec]:
    return _get("flowSpecs", "flow_spec_id", flow_spec_id, FlowSpec)


# Flows


def list_flows(name: str | None = None) -> Call[list[Flow]]:
    return list_newest_first("flows", Flow, equals("name", name) if name else [])


def list_flows_using(side: str, connection_id: str) -> Call[list[Flow]]:
    """The flows with a source or target connection.

    :param side: ``source`` or ``target``.
    """
    checked_id(f"{side}_connection_id", connection_id)
    return list_newest_first("flows", Flow, [f"{side}ConnectionIds[]=={connection_id}"])


def create_flow(flow: Flow) -> Call[Created]:
    """A new flow; a draft if it says so, which may stand on connections that are none."""
    mode = {"mode": "draft"} if flow.made_as_draft else {}
    return _create("flows", flow.to_wire(), **mode)


def get_flow(flow_id: str) -> Call[Flow]:
    return _get("flows", "flow_id", flow_id, Flow)


def update_flow(id_: str, etag: str, patch: list[dict[str, Any]]) -> Call[Created]:
    return _patch("flows", "flow_id", id_, etag, patch)


def delete_flow(flow_id: str) -> Call[None]:
    return _delete("flows", "flow_id", flow_id)


def enable_flow(flow_id: str) -> Call[Created]:
    return _act("flows", "flow_id", flow_id, "enable")


def disable_flow(flow_id: str) -> Call[Created]:
    return _act("flows", "flow_id", flow_id, "disable")


# A draft becomes a resource that works; what it stands on has to be published before it.


def publish_base_connection(base_connection_id: str) -> Call[Created]:
    return _act("connections", "base_connection_id", base_connection_id, "publish")


def publish_source_connection(source_connection_id: str) -> Call[Created]:
    return _act("sourceConnections", "source_connection_id", source_connection_id, "publish")


def publish_target_connection(target_connection_id: str) -> Call[Created]:
    return _act("targetConnections", "target_connection_id", target_connection_id, "publish")


def publish_flow(flow_id: str) -> Call[Created]:
    return _act("flows", "flow_id", flow_id, "publish")


def _act(resource: str, field: str, id_: str, operation: str) -> Call[Created]:
    path = f"{BASE}/{resource}/{checked_id(field, id_)}/action"
    return Call("POST", path, Created, params={"op": operation}, unwrap=only_item, id_shape="uuid", about=id_)


# Runs


def get_run(run_id: str) -> Call[FlowRun]:
    return _get("runs", "run_id", run_id, FlowRun)


def get_runs(run_ids: Sequence[str]) -> Call[list[FlowRun]]:
    """Many runs in one request; of those that go on, ids and status only. That `==` takes several values is documented;
    that `id` does is not.
    """
    ids = ",".join(checked_id("run_id", run_id) for run_id in run_ids)
    params = {"property": [f"id=={ids}"], "limit": PAGE}
    return Call(
        "GET",
        f"{BASE}/runs",
        list[FlowRun],
        params=params,
        decode=parse_run_page,
        unwrap=items,
        next_page=next_page,
        id_shape="uuid",
    )


def list_runs(flow_id: str, *, created_since: int = 0) -> Call[list[FlowRun]]:
    """Runs of a flow, newest first.

    :param created_since: epoch milliseconds; pages of older runs are not asked for. The response may still hold some.
    """
    filters = [f"flowId=={checked_id('flow_id', flow_id)}"]
    listed = list_newest_first("runs", FlowRun, filters, enough=reaches_back_to(created_since))
    return replace(listed, unwrap=RunsOf(flow_id))


def list_runs_of(flow_ids: Sequence[str], *, created_since: int) -> Call[list[FlowRun]]:
    """Runs of any of these flows, newest first: their ids, status, and when they were made and began. That `==` takes
    several values is documented; that `flowId` does is not.

    :param created_since: as for `list_runs`. Not a filter of the platform's: none on `createdAt` is documented.
    """
    filters = [f"flowId=={','.join(checked_id('flow_id', flow_id) for flow_id in flow_ids)}"]
    return list_newest_first("runs", FlowRun, filters, enough=reaches_back_to(created_since), decode=parse_short_runs)


def create_run(flow_id: str, params: dict[str, Any]) -> Call[Created]:
    """Start a run of a flow that is scheduled `once`.

    :param params: `startTime`, `windowStartTime`, `windowEndTime` in epoch seconds, and `deltaColumn` for tables.
    """
    return _create("runs", {"flowId": checked_id("flow_id", flow_id), "params": params})


def retry_run(run_id: str) -> Call[Created]:
    """Run the same window once more. The response is the id of a new run."""
    path = f"{BASE}/runs/{checked_id('run_id', run_id)}/action"
    return Call("POST", path, Created, params={"op": "re-trigger"}, unwrap=only_item, id_shape="uuid")
