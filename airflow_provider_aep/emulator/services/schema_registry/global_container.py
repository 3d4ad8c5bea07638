"""The `global` container, Adobe's own resources: to be read only."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.schema_registry.library import LIBRARY
from airflow_provider_aep.emulator.services.schema_registry.listing import list_response, lookup_response
from airflow_provider_aep.emulator.state.platform import Platform


def list_all(collection: str, platform: Platform, request: Request) -> Response:
    return list_response(platform, request, LIBRARY[collection])


def get_one(collection: str, platform: Platform, request: Request, name: str) -> Response:
    return lookup_response(request, LIBRARY[collection], name)
