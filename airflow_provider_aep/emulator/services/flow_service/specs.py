"""Connection specs and flow specs: filtered, neither ordered nor paged.

Authors of self-serve sources add and replace them: pages sources/sdk/self-serve-api/create and update-flow-specs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from airflow_provider_aep.emulator.http.errors import SourcesError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.filters import parse
from airflow_provider_aep.emulator.services.flow_service.resources import not_found
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

FIELDS = {
    "id",
    "name",
    "providerId",
    "version",
    "attributes",
    "sourceConnectionSpecIds",
    "targetConnectionSpecIds",
}


def list_connection_specs(platform: Platform, request: Request) -> Response:
    return Response(200, {"items": _apply_filters(request, platform.specs.connection_specs)})


def get_connection_spec(platform: Platform, request: Request, spec_id: str) -> Response:
    return Response(200, {"items": [_existing("connectionSpecs", platform.specs.connection_specs, spec_id)]})


def list_flow_specs(platform: Platform, request: Request) -> Response:
    found = _apply_filters(request, {id_: _named(platform, spec) for id_, spec in platform.specs.flow_specs.items()})
    if platform.switches.bare_flow_specs and len(found) == 1:
        return Response(200, _as_in_the_tutorial(found[0]))
    return Response(200, {"items": found})


def get_flow_spec(platform: Platform, request: Request, spec_id: str) -> Response:
    found = _named(platform, _existing("flowSpecs", platform.specs.flow_specs, spec_id))
    if platform.switches.bare_flow_specs:
        return Response(200, _as_in_the_tutorial(found))
    return Response(200, {"items": [found]})


def create_connection_spec(platform: Platform, request: Request) -> Response:
    """POST /connectionSpecs. A flow spec must take the new source before a dataflow can use it."""
    spec = _checked(platform.specs.add_connection_spec, _with_audit(platform, request), platform.identifiers.uuid())
    return Response(201, {"items": [spec]})


def create_flow_spec(platform: Platform, request: Request) -> Response:
    spec = _checked(platform.specs.add_flow_spec, _with_audit(platform, request), platform.identifiers.uuid())
    return Response(201, {"items": [spec]})


def replace_connection_spec(platform: Platform, request: Request, spec_id: str) -> Response:
    _existing("connectionSpecs", platform.specs.connection_specs, spec_id)
    return Response(200, _checked(platform.specs.add_connection_spec, _with_audit(platform, request), spec_id))


def replace_flow_spec(platform: Platform, request: Request, spec_id: str) -> Response:
    """PUT /flowSpecs/{id}: so the source of a new connection spec gets a flow spec."""
    _existing("flowSpecs", platform.specs.flow_specs, spec_id)
    return Response(200, _checked(platform.specs.add_flow_spec, _with_audit(platform, request), spec_id))


def _checked(add: Callable[[Any, str], Json], body: Any, spec_id: str) -> Json:
    try:
        return add(body, spec_id)
    except ValueError as error:
        raise SourcesError("1014-400", f"The request could not be processed. {error}") from error


def _with_audit(platform: Platform, request: Request) -> Any:
    if not isinstance(request.body, dict):
        return request.body
    sandbox = {"sandboxId": request.sandbox.id, "sandboxName": request.sandbox.name}
    return {**platform.audit(request.client_id), **sandbox, **request.body}


def _named(platform: Platform, spec: Json) -> Json:
    return {**spec, "name": f"{spec['name']} 2"} if platform.switches.renamed_flow_specs else spec


def _as_in_the_tutorial(spec: Json) -> Json:
    renamed = {name: value for name, value in spec.items() if name != "transformationSpecs"}
    return {**renamed, "transformationSpec": spec["transformationSpecs"]}


def _existing(collection: str, specs: Mapping[str, Json], spec_id: str) -> Json:
    if spec_id not in specs:
        raise not_found(collection, spec_id)
    return specs[spec_id]


def _apply_filters(request: Request, specs: Mapping[str, Json]) -> list[Json]:
    conditions = [parse(expression, FIELDS) for expression in request.query.get("property", [])]
    return [spec for spec in specs.values() if all(condition.holds(spec) for condition in conditions)]
