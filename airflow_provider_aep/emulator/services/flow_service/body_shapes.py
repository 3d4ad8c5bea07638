"""The JSON types of what may be posted, as far as the rules read it. Which fields are required, the rules say."""

from __future__ import annotations

from jsonschema import Draft7Validator

from airflow_provider_aep.emulator.http.errors import FlowServiceError
from airflow_provider_aep.emulator.state.json import Json

TEXT: Json = {"type": ["string", "null"]}
ANY_OBJECT: Json = {"type": ["object", "null"]}


def _object(**properties: Json) -> Json:
    return {"type": ["object", "null"], "properties": properties}


SPEC = _object(id=TEXT)
IDS: Json = {"type": ["array", "null"], "items": TEXT}

SHAPES: dict[str, Json] = {
    "connections": _object(
        name=TEXT, description=TEXT, auth=_object(specName=TEXT, params=ANY_OBJECT), connectionSpec=SPEC
    ),
    "sourceConnections": _object(
        name=TEXT,
        description=TEXT,
        baseConnectionId=TEXT,
        data=_object(format=TEXT, properties=ANY_OBJECT),
        params=_object(tableName=TEXT, path=TEXT),
        connectionSpec=SPEC,
    ),
    "targetConnections": _object(
        name=TEXT,
        description=TEXT,
        data=_object(format=TEXT, schema=_object(id=TEXT, version=TEXT)),
        params=_object(dataSetId=TEXT),
        connectionSpec=SPEC,
    ),
    "flows": _object(
        name=TEXT,
        description=TEXT,
        flowSpec=SPEC,
        sourceConnectionIds=IDS,
        targetConnectionIds=IDS,
        transformations={"type": ["array", "null"], "items": {"type": "object", "properties": {"params": ANY_OBJECT}}},
        scheduleParams=_object(frequency=TEXT),
        options=ANY_OBJECT,
    ),
    "runs": _object(flowId=TEXT, params=ANY_OBJECT),
}


def check_shape(collection: str, record: Json) -> None:
    for error in Draft7Validator(SHAPES[collection]).iter_errors(record):
        where = ".".join(str(step) for step in error.path)
        raise FlowServiceError("1000-400", f"The request is invalid: {where}: {error.message}.", "Bad request")
