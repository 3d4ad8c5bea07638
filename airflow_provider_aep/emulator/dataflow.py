"""A dataflow with everything that it stands on, made without a request: for tests of what runs dataflows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from airflow_provider_aep.emulator.http.errors import AdobeError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services import data_prep
from airflow_provider_aep.emulator.services.catalog import datasets
from airflow_provider_aep.emulator.services.flow_service import (
    base_connections,
    flows,
    source_connections,
    target_connections,
)
from airflow_provider_aep.emulator.services.schema_registry import tenant_container
from airflow_provider_aep.emulator.services.schema_registry.resource_types import SCHEMAS
from airflow_provider_aep.emulator.services.specs.connection_specs import (
    DATA_LAKE,
    FORMATS,
    auth_spec_names,
    family,
    needs_account,
)
from airflow_provider_aep.emulator.services.specs.flow_specs import FLOW_SPEC_OF_FAMILY
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox

PROFILE = "https://ns.adobe.com/xdm/context/profile"
XED = "application/vnd.adobe.xed-full+json;version=1"
START_IN_S = 300
#: when the platform itself runs a dataflow that is scheduled once: after every test
FAR_AWAY_S = 10 * 365 * 86_400
#: Adobe's pages and its connection specs call these sources by different names: the pages' -> the spec's
NAMES_ON_PAGES = {
    "apache-hive": "hive",
    "apache-spark": "spark",
    "azure-data-lake-storage-gen2": "adls-gen2",
    "data-landing-zone": "landing-zone",
    "generic-odata": "odata",
    "google-ads": "google-adwords",
    "google-bigquery": "google-big-query",
    "hp-vertica": "vertica",
    "http-api": "Streaming_Connection",
    "mariadb": "maria-db",
    "marketo-engage": "marketo",
    "microsoft-dynamics": "dynamics",
    "microsoft-sql-server": "sql-server",
    "oracle-db": "oracle",
    "postgresql": "postgres",
    "servicenow": "service-now",
}
SOURCE_PARAMS: dict[str | None, Json] = {
    "table": {"tableName": "Accounts", "columns": [{"name": "email", "type": "string", "xdm": {"type": "string"}}]},
    "file": {"path": "/exports", "type": "folder"},
}


@dataclass(frozen=True)
class Dataflow:
    """A dataflow of the emulator and the ids of its parts; None for a part that such a source does not have."""

    id: str
    name: str
    base_connection_id: str | None
    source_connection_id: str
    schema_id: str
    dataset_id: str
    target_connection_id: str
    mapping_set_id: str | None


@dataclass(frozen=True)
class DataflowBuilder:
    """Makes a dataflow as its author would, step by step; nothing of it is logged or meets a fault."""

    platform: Platform
    sandbox: Sandbox
    connector: str
    name: str
    frequency: str = "once"
    interval: int | None = None

    def build(self) -> Dataflow:
        """:raises ValueError: there is no such source, or the platform takes no such dataflow."""
        spec = self._connection_spec()
        base = self._base(spec)
        source = self._source(spec, base)
        schema = self._made(partial(tenant_container.create, SCHEMAS), self._schema())["$id"]
        body = {"name": self.name, "schemaRef": {"id": schema, "contentType": XED}}
        dataset = self._made(datasets.create, body)[0].removeprefix("@/dataSets/")
        target = self._target(schema, dataset)
        flow_spec = self._flow_spec(spec)
        mapping_set = self._mapping_set(schema) if _has_part(flow_spec, "Mapping") else None
        flow = self._made(flows.create, self._flow(flow_spec, source, target, mapping_set))["id"]
        return Dataflow(flow, self.name, base, source, schema, dataset, target, mapping_set)

    def _connection_spec(self) -> Json:
        name = NAMES_ON_PAGES.get(self.connector, self.connector)
        for spec in self.platform.specs.connection_specs.values():
            if name in (spec["id"], spec["name"]) and family(spec) is not None:
                return spec
        raise ValueError(f"the emulator has no source {self.connector!r}; register_spec adds one")

    def _flow_spec(self, spec: Json) -> Json:
        flow_specs = self.platform.specs.flow_specs
        usual = flow_specs.get(FLOW_SPEC_OF_FAMILY.get(family(spec) or "", ""))
        fitting = [each for each in flow_specs.values() if spec["id"] in each["sourceConnectionSpecIds"]]
        if not fitting:
            raise ValueError(f"no flow spec takes the source {self.connector!r}")
        return usual if usual is not None and usual in fitting else fitting[0]

    def _base(self, spec: Json) -> str | None:
        if not needs_account(spec):
            return None
        auth_spec = next(iter(auth_spec_names(spec)), "Basic Authentication")
        auth = {"specName": auth_spec, "params": {}}
        body = {"name": f"{self.name} account", "auth": auth, "connectionSpec": _reference(spec)}
        return str(self._made(base_connections.create, body)["id"])

    def _source(self, spec: Json, base: str | None) -> str:
        category = family(spec)
        body = {
            "name": f"{self.name} source",
            "connectionSpec": _reference(spec),
            "data": {"format": FORMATS[category or "rest"][0]},
            "params": SOURCE_PARAMS.get(category, {}),
            **({"baseConnectionId": base} if base else {}),
        }
        return str(self._made(source_connections.create, body)["id"])

    def _schema(self) -> Json:
        return {"type": "object", "title": self.name, "description": "", "allOf": [{"$ref": PROFILE}]}

    def _target(self, schema: str, dataset: str) -> str:
        body = {
            "name": f"{self.name} target",
            "data": {"schema": {"id": schema, "version": XED}},
            "params": {"dataSetId": dataset},
            "connectionSpec": {"id": DATA_LAKE, "version": "1.0"},
        }
        return str(self._made(target_connections.create, body)["id"])

    def _mapping_set(self, schema: str) -> str:
        mapping = {"destinationXdmPath": "personalEmail.address", "sourceAttribute": "email", "identity": False}
        body = {"version": 0, "xdmSchema": schema, "xdmVersion": "1.0", "id": None, "mappings": [mapping]}
        return str(self._made(data_prep.create, body)["id"])

    def _flow(self, flow_spec: Json, source: str, target: str, mapping_set: str | None) -> Json:
        transformations: list[Json] = []
        if self.frequency != "once" and _has_part(flow_spec, "Copy"):
            transformations.append({"name": "Copy", "params": {"deltaColumn": {"name": "LastModifiedDate"}}})
        if mapping_set:
            transformations.append({"name": "Mapping", "params": {"mappingId": mapping_set, "mappingVersion": 0}})
        return {
            "name": self.name,
            "flowSpec": _reference(flow_spec),
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": transformations,
            **({"scheduleParams": self._schedule()} if "scheduleSpec" in flow_spec else {}),
        }

    def _schedule(self) -> Json:
        now = int(self.platform.now())
        if self.frequency == "once":
            return {"startTime": str(now + FAR_AWAY_S), "frequency": "once"}
        interval = self.interval or (15 if self.frequency == "minute" else 1)
        return {"startTime": str(now + START_IN_S), "frequency": self.frequency, "interval": str(interval)}

    def _made(self, create: Callable[[Platform, Request], Response], body: Json) -> Any:
        request = Request.received("POST", "/", "", {"content-type": "application/json"}, json.dumps(body).encode())
        request.client_id = self.platform.switches.client_id
        request.in_sandbox = self.sandbox
        try:
            return create(self.platform, request).body
        except AdobeError as error:
            raise ValueError(f"the dataflow {self.name!r} cannot be made: {error.detail}") from error


def _reference(spec: Json) -> Json:
    return {"id": spec["id"], "version": "1.0"}


def _has_part(flow_spec: Json, name: str) -> bool:
    return any(each["name"] == name for each in flow_spec.get("transformationSpecs", []))
