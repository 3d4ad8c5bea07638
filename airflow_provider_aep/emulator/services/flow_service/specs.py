"""Connection specs and flow specs: read only, filtered, neither ordered nor paged."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.filters import parse
from airflow_provider_aep.emulator.services.flow_service.resources import not_found
from airflow_provider_aep.emulator.services.specs.connection_specs import CONNECTION_SPECS
from airflow_provider_aep.emulator.services.specs.flow_specs import FLOW_SPECS
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
    return Response(200, {"items": _apply_filters(request, CONNECTION_SPECS)})


def get_connection_spec(platform: Platform, request: Request, spec_id: str) -> Response:
    return Response(200, {"items": [_existing("connectionSpecs", CONNECTION_SPECS, spec_id)]})


def list_flow_specs(platform: Platform, request: Request) -> Response:
    found = _apply_filters(request, FLOW_SPECS)
    if platform.switches.bare_flow_specs and len(found) == 1:
        return Response(200, _as_in_the_tutorial(found[0]))
    return Response(200, {"items": found})


def get_flow_spec(platform: Platform, request: Request, spec_id: str) -> Response:
    found = _existing("flowSpecs", FLOW_SPECS, spec_id)
    if platform.switches.bare_flow_specs:
        return Response(200, _as_in_the_tutorial(found))
    return Response(200, {"items": [found]})


def _as_in_the_tutorial(spec: Json) -> Json:
    renamed = {name: value for name, value in spec.items() if name != "transformationSpecs"}
    return {**renamed, "transformationSpec": spec["transformationSpecs"]}


def _existing(collection: str, specs: dict[str, Json], spec_id: str) -> Json:
    if spec_id not in specs:
        raise not_found(collection, spec_id)
    return specs[spec_id]


def _apply_filters(request: Request, specs: dict[str, Json]) -> list[Json]:
    conditions = [parse(expression, FIELDS) for expression in request.query.get("property", [])]
    return [spec for spec in specs.values() if all(condition.holds(spec) for condition in conditions)]
