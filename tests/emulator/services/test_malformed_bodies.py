"""Whatever JSON is posted, the answer is a refusal in Adobe's shape, never a broken emulator."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import (
    PROFILE,
    XED,
    Caller,
    base_connection_body,
    mapping_set_body,
    source_connection_body,
    target_connection_body,
)

ODD: Any = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just([]), st.just({}), st.just([{}]), st.just([1])
)


@pytest.fixture(scope="module")
def bodies() -> Any:
    """(a caller, path -> a body that is accepted)."""
    with AepEmulator() as aep, Caller(aep) as api:
        flow = api.flow_body()
        schema = api.schema()
        dataset = api.dataset(schema)
        yield (
            api,
            {
                "flow/connections": base_connection_body(),
                "flow/sourceConnections": source_connection_body(api.base_connection()),
                "flow/targetConnections": target_connection_body(dataset, schema),
                "flow/flows": flow,
                "flow/runs": api.run_body(api.once_flow()),
                "schema/tenant/schemas": {"title": "t", "allOf": [{"$ref": PROFILE}]},
                "schema/tenant/fieldgroups": {
                    "title": "g",
                    "meta:intendedToExtend": [PROFILE],
                    "definitions": {"a": {"properties": {"b": {"type": "string"}}}},
                    "allOf": [{"$ref": "#/definitions/a"}],
                },
                "schema/tenant/classes": {"title": "c", "allOf": [{"$ref": "https://ns.adobe.com/xdm/data/record"}]},
                "schema/tenant/datatypes": {"title": "d", "type": "object", "properties": {"b": {"type": "string"}}},
                "schema/tenant/descriptors": {"@type": "xdm:descriptorIdentity", "xdm:sourceSchema": schema},
                "catalog/dataSets": {"name": "n", "schemaRef": {"id": schema, "contentType": XED}},
                "prep/mappingSets": mapping_set_body(schema),
            },
        )


def spoiled(value: Any, data: Any) -> Any:
    """A copy with one part, at any depth, replaced by something odd."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        return value | {key: spoiled(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        return [spoiled(value[0], data), *value[1:]]
    return data.draw(ODD)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_malformed_bodies_are_refused(bodies: Any, data: Any) -> None:
    api, accepted = bodies
    path = data.draw(st.sampled_from(sorted(accepted)))
    response = api.post(path, spoiled(accepted[path], data))
    assert response.status_code in (200, 201, 400), response.text
    response.json()
