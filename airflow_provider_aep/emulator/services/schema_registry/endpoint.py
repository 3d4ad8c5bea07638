"""What can be done with one kind of resource in one container."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError, SchemaRegistryError
from airflow_provider_aep.emulator.http.message import Answer, Request
from airflow_provider_aep.emulator.query import json_patch
from airflow_provider_aep.emulator.services.schema_registry.kinds import Kind, check
from airflow_provider_aep.emulator.services.schema_registry.library import LIBRARY
from airflow_provider_aep.emulator.services.schema_registry.listing import existing, listed, looked_up
from airflow_provider_aep.emulator.services.schema_registry.resource import composed
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

GLOBAL_SCHEMAS = {"href": "/data/foundation/schemaregistry/global/schemas"}


@dataclass(frozen=True)
class GlobalEndpoint:
    """Adobe's own: to be read only."""

    collection: str

    def list_all(self, platform: Platform, request: Request) -> Answer:
        return listed(platform, request, LIBRARY[self.collection])

    def get_one(self, platform: Platform, request: Request, name: str) -> Answer:
        return looked_up(request, LIBRARY[self.collection], name)


@dataclass(frozen=True)
class TenantEndpoint:
    kind: Kind

    def list_all(self, platform: Platform, request: Request) -> Answer:
        links = {"global_schemas": GLOBAL_SCHEMAS} if self.kind.collection == "schemas" else {}
        return listed(platform, request, self._resources(request), **links)

    def get_one(self, platform: Platform, request: Request, name: str) -> Answer:
        return looked_up(request, self._resources(request), name)

    def create(self, platform: Platform, request: Request) -> Answer:
        return Answer(201, self._stored(platform, request, request.body, None))

    def replace(self, platform: Platform, request: Request, name: str) -> Answer:
        """PUT: the body says everything anew, as for a creation."""
        current = existing(self._resources(request), name)
        return Answer(200, self._stored(platform, request, request.body, current))

    def patch(self, platform: Platform, request: Request, name: str) -> Answer:
        """JSON Patch; no If-Match."""
        current = existing(self._resources(request), name)
        try:
            patched, _ = json_patch.applied(current, _with_slashes(request.body))
        except FlowServiceError as refused:
            raise SchemaRegistryError("1005-400", "Patch not possible", refused.detail) from refused
        return Answer(200, self._stored(platform, request, patched, current))

    def delete(self, platform: Platform, request: Request, name: str) -> Answer:
        resource = existing(self._resources(request), name)
        del request.sandbox[self.kind.collection][resource["$id"]]
        return Answer(204)

    def _resources(self, request: Request) -> Iterable[Json]:
        return request.sandbox[self.kind.collection].values()

    def _stored(self, platform: Platform, request: Request, body: Any, current: Json | None) -> Json:
        check(request.sandbox, self.kind, body, current)
        resource = composed(platform, request, self.kind, body, current)
        request.sandbox[self.kind.collection][resource["$id"]] = resource
        return resource


def _with_slashes(body: Any) -> Any:
    """One published sample has the path `description` for `/description`."""
    if not isinstance(body, list) or not all(isinstance(each, dict) and "path" in each for each in body):
        return body
    return [{**each, "path": f"/{str(each['path']).removeprefix('/')}"} for each in body]
