"""Requests as Adobe's samples have them."""

from dataclasses import dataclass, field, replace
from typing import Any

HEADERS = {
    "authorization": "Bearer ****",
    "x-api-key": "client",
    "x-gw-ims-org-id": "9C991D2E622D76190A495E39@AdobeOrg",
    "x-sandbox-name": "dev",
    "accept": "application/json",
}
FLOWS = "/data/foundation/flowservice"
CATALOG = "/data/foundation/catalog"
MAPPING_SETS = "/data/foundation/conversion/mappingSets"
SCHEMAS = "/data/foundation/schemaregistry/tenant/schemas"
SANDBOXES = "/data/foundation/sandbox-management"
ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
SCHEMA = "https://ns.adobe.com/acme/schemas/89abc189258b1cb1a816d8f2b2341a6d98000ed8f4008305"


@dataclass
class Sample:
    """What the contract reads of an emulator's request record."""

    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))

    def __post_init__(self):
        if self.body is not None:
            self.headers = {"content-type": "application/json", **self.headers}


def with_headers(record, **changed):
    """The record with other headers; None takes one away."""
    headers = {**record.headers, **{name.replace("_", "-"): value for name, value in changed.items()}}
    record = replace(record)
    record.headers = {name: value for name, value in headers.items() if value is not None}
    return record


CREATE_BASE = Sample(
    "POST",
    f"{FLOWS}/connections",
    body={
        "name": "n",
        "auth": {"specName": "Basic Authentication", "params": {"username": "u", "securityToken": "t"}},
        "connectionSpec": {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"},
    },
)
CREATE_SOURCE = Sample(
    "POST",
    f"{FLOWS}/sourceConnections",
    body={
        "name": "n",
        "baseConnectionId": ID,
        "data": {"format": "tabular"},
        "params": {"tableName": "Accounts", "columns": [{"name": "Id", "type": "string"}]},
        "connectionSpec": {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"},
    },
)
CREATE_TARGET = Sample(
    "POST",
    f"{FLOWS}/targetConnections",
    body={
        "name": "n",
        "data": {"schema": {"id": SCHEMA, "version": "application/vnd.adobe.xed-full+json;version=1"}},
        "params": {"dataSetId": "5f3c3cedb2805c194ff0b69a"},
        "connectionSpec": {"id": "c604ff05-7f1a-43c0-8e18-33bf874cb11c", "version": "1.0"},
    },
)
CREATE_FLOW = Sample(
    "POST",
    f"{FLOWS}/flows",
    body={
        "name": "n",
        "flowSpec": {"id": "14518937-270c-4525-bdec-c2ba7cce3860", "version": "1.0"},
        "sourceConnectionIds": [ID],
        "targetConnectionIds": [ID],
        "transformations": [
            {"name": "Copy", "params": {"deltaColumn": {"name": "LastModifiedDate"}}},
            {"name": "Mapping", "params": {"mappingId": "32hex", "mappingVersion": 0}},
        ],
        "scheduleParams": {
            "startTime": "1798761600",
            "frequency": "minute",
            "interval": "15",
            "backfill": "true",
        },
        "options": {"errorDiagnosticsEnabled": True, "partialIngestionPercent": 10},
    },
)
CREATE_MAPPING = Sample(
    "POST",
    MAPPING_SETS,
    body={
        "version": 0,
        "xdmSchema": SCHEMA,
        "xdmVersion": "1.0",
        "mappings": [
            {"destinationXdmPath": "a.b", "sourceAttribute": "x", "identity": False, "version": 0},
            {"sourceType": "EXPRESSION", "source": "upper(x)", "destination": "a.c"},
        ],
    },
)
CREATE_SCHEMA = Sample(
    "POST",
    SCHEMAS,
    body={
        "type": "object",
        "title": "t",
        "description": "d",
        "allOf": [{"$ref": "https://ns.adobe.com/xdm/context/profile"}],
    },
)
CREATE_DATASET = Sample(
    "POST",
    f"{CATALOG}/dataSets",
    body={
        "name": "n",
        "schemaRef": {"id": SCHEMA, "contentType": "application/vnd.adobe.xed-full-notext+json;version=1"},
        "tags": {"unifiedProfile": ["enabled:true"]},
    },
)
CREATE_RUN = Sample(
    "POST",
    f"{FLOWS}/runs",
    body={"flowId": ID, "params": {"windowStartTime": "1651584991", "deltaColumn": {"name": "c"}}},
)
UPDATE_FLOW = with_headers(
    Sample(
        "PATCH",
        f"{FLOWS}/flows/{ID}",
        body=[
            {"op": "replace", "path": "/scheduleParams/frequency", "value": "day"},
            {"op": "add", "path": "/labels", "value": ["core/C12"]},
            {"op": "remove", "path": "/description"},
        ],
    ),
    if_match='"1a0037e4-0000-0200-0000-602e06f60000"',
)
UPDATE_BASE = replace(UPDATE_FLOW, path=f"{FLOWS}/connections/{ID}")
LIST_FLOWS = Sample(
    "GET",
    f"{FLOWS}/flows",
    {"property": ['name=="n"', "state==enabled"], "limit": ["100"], "orderby": ["-createdAt"]},
)
LIST_MAPPINGS = Sample("GET", MAPPING_SETS, {"name": ["n"], "limit": ["100"], "start": ["0"]})
EXPLORE = Sample("GET", f"{FLOWS}/connections/{ID}/explore", {"objectType": ["table"], "object": ["Accounts"]})
DISABLE = Sample("POST", f"{FLOWS}/flows/{ID}/action", {"op": ["disable"]})
RETRY = Sample("POST", f"{FLOWS}/runs/{ID}/action", {"op": ["re-trigger"]})
GET_SCHEMA = with_headers(Sample("GET", f"{SCHEMAS}/{SCHEMA}"), accept="application/vnd.adobe.xed-full+json; version=1")
LIST_SANDBOXES = with_headers(Sample("GET", f"{SANDBOXES}/"), x_sandbox_name=None)


def changed(record, **changes):
    """The record with something else in its body; None takes a field away."""
    body = {**record.body, **changes}
    return replace(record, body={name: value for name, value in body.items() if value is not None})
