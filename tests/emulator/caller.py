"""A caller with a token, and the bodies of the two tutorials with their errors mended."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import requests

from airflow_provider_aep.emulator import AepEmulator

SCOPES = "openid,session,AdobeID,read_organizations,additional_info.projectedProductContext"
DATA_LAKE = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
AZURE_BLOB = "4c10e202-c428-4796-9208-5f1f5732b1cf"
LANDING_ZONE = "26f526f2-58f4-4712-961d-e41bf1ccc0e8"
EVENT_HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
HTTP_API = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
CLOUD_STORAGE_TO_AEP = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
STREAMING = "d69717ba-71b4-4313-b654-49f9cf126d7a"
PROFILE = "https://ns.adobe.com/xdm/context/profile"
XED = "application/vnd.adobe.xed-full+json;version=1"

SHORT = {
    "flow": "flowservice",
    "schema": "schemaregistry",
    "prep": "conversion",
    "sandbox": "sandbox-management",
}


class Caller:
    def __init__(self, aep: AepEmulator) -> None:
        self.aep = aep
        self._flows = 0
        self.session = requests.Session()
        self.session.headers.update(
            {"x-api-key": aep.client_id, "x-gw-ims-org-id": aep.org_id, "x-sandbox-name": aep.sandbox}
        )
        self.token = self.fetch_token().json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {self.token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.session.close()

    def fetch_token(self, **changes: str) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.aep.client_id,
            "client_secret": self.aep.client_secret,
            "scope": SCOPES,
        }
        return requests.post(f"{self.aep.url}/ims/token/v3", data=form | changes, timeout=5)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """`path` starts with a service: flow, schema, catalog, prep, sandbox, export or _emulator."""
        service, _, rest = path.partition("/")
        base = "/_emulator" if service == "_emulator" else f"/data/foundation/{SHORT.get(service, service)}"
        more.setdefault("timeout", 30)
        return self.session.request(method, f"{self.aep.url}{base}/{rest}", json=body, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def put(self, path: str, body: Any, **more: Any) -> requests.Response:
        return self.call("PUT", path, body, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.call("POST", path, body, **more)

    def patch(self, path: str, body: Any, etag: str | None = None, **more: Any) -> requests.Response:
        headers = {"If-Match": etag} if etag is not None else {}
        return self.call("PATCH", path, body, headers=headers, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.call("DELETE", path, **more)

    def made(self, path: str, body: Any, **more: Any) -> Any:
        """The body of a creation that must succeed."""
        response = self.post(path, body, **more)
        assert response.ok, response.text
        return response.json()

    def one(self, path: str) -> Any:
        """The one item of a Flow Service look-up."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        (item,) = response.json()["items"]
        return item

    # What the tutorials make, step by step; `changes` replace top-level fields of the body.

    def base_connection(self, spec: str = SALESFORCE, **changes: Any) -> str:
        body = base_connection_body(spec) | changes
        return str(self.made("flow/connections", body)["id"])

    def source_connection(self, base: str, spec: str = SALESFORCE, **changes: Any) -> str:
        return str(self.made("flow/sourceConnections", source_connection_body(base, spec) | changes)["id"])

    def schema(self, title: str = "Loyalty members", *field_groups: str) -> str:
        parts = [{"$ref": reference} for reference in (PROFILE, *field_groups)]
        body = {"type": "object", "title": title, "description": "", "allOf": parts}
        return str(self.made("schema/tenant/schemas", body)["$id"])

    def dataset(self, schema_id: str, name: str = "Loyalty members") -> str:
        body = {"name": name, "schemaRef": {"id": schema_id, "contentType": XED}}
        return str(self.made("catalog/dataSets", body)[0]).removeprefix("@/dataSets/")

    def target_connection(self, dataset_id: str, schema_id: str, **changes: Any) -> str:
        body = target_connection_body(dataset_id, schema_id) | changes
        return str(self.made("flow/targetConnections", body)["id"])

    def mapping_set(self, schema_id: str, **changes: Any) -> str:
        return str(self.made("prep/mappingSets", mapping_set_body(schema_id) | changes)["id"])

    def flow_body(self, spec: str = SALESFORCE, **changes: Any) -> dict[str, Any]:
        """The body of POST /flows, with everything it refers to already made. Names are numbered from 2 on."""
        self._flows += 1
        number = f" {self._flows}" if self._flows > 1 else ""
        schema_id = self.schema(f"Schema {self.aep.now()}{number}")
        base = self.base_connection(spec, name=base_connection_body(spec)["name"] + number)
        source = self.source_connection(base, spec, name=source_connection_body(base, spec)["name"] + number)
        dataset = self.dataset(schema_id, f"Loyalty members{number}")
        target = self.target_connection(dataset, schema_id, name=f"Accounts target{number}")
        mapping = {
            "name": "Mapping",
            "params": {"mappingId": self.mapping_set(schema_id), "mappingVersion": 0},
        }
        body: dict[str, Any] = {
            "name": f"Accounts{number}",
            "flowSpec": {"id": FLOW_SPEC_OF[spec], "version": "1.0"},
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": [mapping],
        }
        if spec == SALESFORCE:
            body["transformations"].insert(0, copy_transformation())
        if FLOW_SPEC_OF[spec] != STREAMING:
            start = str(int(self.aep.now()) + 300)
            body["scheduleParams"] = {"startTime": start, "frequency": "minute", "interval": "30"}
        return body | changes

    def flow(self, spec: str = SALESFORCE, **changes: Any) -> str:
        return str(self.made("flow/flows", self.flow_body(spec, **changes))["id"])

    def once_flow(self, **changes: Any) -> str:
        """A flow for runs on demand, whose own single run is far away."""
        body = self.flow_body()
        body["transformations"] = body["transformations"][1:]
        body["scheduleParams"] = {"startTime": str(int(self.aep.now()) + 10**8), "frequency": "once"}
        return str(self.made("flow/flows", body | changes)["id"])

    def run_body(self, flow_id: str, **changes: Any) -> dict[str, Any]:
        now = int(self.aep.now())
        params = {
            "startTime": str(now),
            "windowStartTime": str(now - 3600),
            "windowEndTime": str(now),
            "deltaColumn": {"name": "LastModifiedDate"},
        }
        return {"flowId": flow_id, "params": params | changes}

    def run(self, flow_id: str, **changes: Any) -> str:
        response = self.made("flow/runs", self.run_body(flow_id, **changes))
        return str(response["items"][0]["id"])


FLOW_SPEC_OF = {
    SALESFORCE: CRM_TO_AEP,
    AZURE_BLOB: CLOUD_STORAGE_TO_AEP,
    LANDING_ZONE: CLOUD_STORAGE_TO_AEP,
    EVENT_HUBS: STREAMING,
    HTTP_API: STREAMING,
}


def copy_transformation(column: str = "LastModifiedDate") -> dict[str, Any]:
    delta = {"name": column, "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"}
    return {"name": "Copy", "params": {"deltaColumn": delta}}


def base_connection_body(spec: str = SALESFORCE) -> dict[str, Any]:
    auth: dict[str, Any] = {
        "specName": "Basic Authentication",
        "params": {"username": "someone", "password": "hunter2", "securityToken": "s3cret"},
    }
    if spec == HTTP_API:
        auth = {"specName": "Streaming Connection", "params": {"dataType": "raw", "sourceId": "x"}}
    return {"name": "Salesforce", "auth": auth, "connectionSpec": {"id": spec, "version": "1.0"}}


def source_connection_body(base: str | None, spec: str = SALESFORCE) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": "Accounts source",
        "baseConnectionId": base,
        "connectionSpec": {"id": spec, "version": "1.0"},
    }
    if spec == SALESFORCE:
        columns = [{"name": "email", "type": "string", "xdm": {"type": "string"}}]
        return body | {"data": {"format": "tabular"}, "params": {"tableName": "Accounts", "columns": columns}}
    if spec == HTTP_API:
        return body
    if spec == EVENT_HUBS:
        return body | {"data": {"format": "json"}, "params": {"eventHubName": "hub", "dataType": "raw"}}
    return body | {"data": {"format": "delimited"}, "params": {"path": "/exports", "type": "folder"}}


def target_connection_body(dataset_id: str, schema_id: str) -> dict[str, Any]:
    return {
        "name": "Accounts target",
        "data": {"schema": {"id": schema_id, "version": XED}},
        "params": {"dataSetId": dataset_id},
        "connectionSpec": {"id": DATA_LAKE, "version": "1.0"},
    }


def mapping_set_body(schema_id: str) -> dict[str, Any]:
    mapping = {
        "destinationXdmPath": "person.name.firstName",
        "sourceAttribute": "first_name",
        "identity": False,
    }
    return {"version": 0, "xdmSchema": schema_id, "xdmVersion": "1.0", "id": None, "mappings": [mapping]}


def code_of(response: Any) -> str:
    return str(response.json()["type"]).rpartition("FLOW-")[2]
