"""Dataflows as somebody else made them: posted to the platform's API, in any shape that it takes."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.connectors import DATA_LAKE_CONNECTION_SPEC_ID

FLOWS = "/data/foundation/flowservice"
DATA_PREP = "/data/foundation/conversion"
CATALOG = "/data/foundation/catalog"
REGISTRY = "/data/foundation/schemaregistry"
CONNECTORS = "/data/foundation/connectors"

XDM = "https://ns.adobe.com/xdm"
PROFILE = f"{XDM}/context/profile"
PERSON = f"{XDM}/context/profile-person-details"


class Poster:
    """Posts what it is told, and gives each object what the platform demands of it."""

    def __init__(self, client) -> None:
        self.client = client

    def post(self, path, body, **params) -> Any:
        return self.client.send(any_call("POST", path, body=body, params=params))

    def _flow_service(self, collection, body, draft=False) -> str:
        made = self.post(f"{FLOWS}/{collection}", body, **({"mode": "draft"} if draft else {}))
        return made.get("items", [made])[0]["id"] if isinstance(made, dict) else made["id"]

    def base(self, spec_id, draft=False, **body) -> str:
        return self._flow_service("connections", {"connectionSpec": _ref(spec_id), **body}, draft)

    def source(self, spec_id, base_id, draft=False, **body) -> str:
        base = {"baseConnectionId": base_id} if base_id else {}
        body = {"name": "a source", "connectionSpec": _ref(spec_id), **base, **body}
        return self._flow_service("sourceConnections", body, draft)

    def schema(self, title, **body) -> str:
        parts = [{"$ref": PROFILE}, {"$ref": PERSON}]
        body = {"type": "object", "title": title, "description": "", "allOf": parts, **body}
        return self.post(f"{REGISTRY}/tenant/schemas", body)["$id"]

    def dataset(self, schema_id, **body) -> str:
        reference = {"id": schema_id, "contentType": "application/vnd.adobe.xed+json;version=1"}
        (made,) = self.post(f"{CATALOG}/dataSets", {"name": "a dataset", "schemaRef": reference, **body})
        return made.removeprefix("@/dataSets/")

    def target(
        self, schema_id, dataset_id, draft=False, version="application/vnd.adobe.xed-full+json;version=1", **body
    ):
        data = {"schema": {"id": schema_id, "version": version}, **body.pop("data", {})}
        body = {"connectionSpec": _ref(DATA_LAKE_CONNECTION_SPEC_ID), "params": {"dataSetId": dataset_id}, **body}
        return self._flow_service("targetConnections", {**body, "data": data}, draft)

    def mapping_set(self, schema_id, mappings, **body) -> str:
        return self.post(f"{DATA_PREP}/mappingSets", {"xdmSchema": schema_id, "mappings": mappings, **body})["id"]

    def put_mapping_set(self, id_, schema_id, mappings) -> None:
        body = {"xdmSchema": schema_id, "mappings": mappings}
        self.client.send(any_call("PUT", f"{DATA_PREP}/mappingSets/{id_}", body=body))

    def encryption_key(self) -> str:
        body = {"encryptionAlgorithm": "PGP", "params": {"passPhrase": "canary-passphrase"}}
        return self.post(f"{CONNECTORS}/encryption/keys", body)["publicKeyId"]

    def flow(self, flow_spec_id, source_id, target_id, draft=False, **body) -> str:
        ends = {"sourceConnectionIds": [source_id], "targetConnectionIds": [target_id]}
        return self._flow_service("flows", {"flowSpec": _ref(flow_spec_id), **ends, **body}, draft)

    def act(self, flow_id, operation) -> None:
        self.post(f"{FLOWS}/flows/{flow_id}/action", None, op=operation)


def _ref(spec_id):
    return {"id": spec_id, "version": "1.0"}
