"""client/reading.py: what is asked for is read strictly, and no odd neighbour hides it. No network, no mock."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_items import DEEP, DIGITS, UUID, VALUES, beside, odd_items, text_of

from airflow_provider_aep.api import catalog, data_prep, export, flow_service, schema_registry
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.client.reading import UnexpectedShape, read_page
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema

SCHEMA = "https://ns.adobe.com/acme/schemas/89ab"
DATASET = "5c8c3c555033b814b69f947f"
MAPPING_SET = "500a9b747fcf4908a21917d49bd61780"
BATCH = "01EF01X41KJD82Y9ZX6ET54PCZ"
OTHER = "c9cef9cb-c934-4467-8ef9-cbc934546741"

OBJECT = {
    "id": UUID,
    "name": "CRM",
    "description": "d",
    "etag": '"1"',
    "version": '"1"',
    "state": "enabled",
    "createdAt": 1596656079576,
    "createdClient": "c",
}
SPEC = {"id": OTHER, "version": "1.0"}
CONNECTION = {**OBJECT, "connectionSpec": SPEC, "auth": {"specName": "Basic", "params": {"username": "u"}}}
SOURCE = {
    **OBJECT,
    "connectionSpec": SPEC,
    "baseConnectionId": OTHER,
    "data": {"format": "tabular"},
    "params": {"x": 1},
}
TARGET = {
    **OBJECT,
    "connectionSpec": SPEC,
    "data": {"format": "parquet_xdm", "schema": {"id": SCHEMA, "version": "application/x;version=1"}},
    "params": {"dataSetId": DATASET},
}
FLOW = {
    **OBJECT,
    "flowSpec": SPEC,
    "sourceConnectionIds": [OTHER],
    "targetConnectionIds": [OTHER],
    "transformations": [{"name": "Mapping", "params": {"mappingId": MAPPING_SET, "mappingVersion": 0}}],
    "scheduleParams": {"startTime": 1567411548, "frequency": "minute", "interval": "30", "backfill": True},
    "options": {"partialIngestionPercent": 10},
    "lastRunDetails": {"id": OTHER, "state": "success", "startedAtUTC": 1},
}
FLOW_SPEC = {
    "id": UUID,
    "name": "CRM",
    "version": "1.0",
    "sourceConnectionSpecIds": [OTHER],
    "transformationSpecs": [{"name": "Copy", "spec": {"type": "object"}}],
    "scheduleSpec": {"name": "s", "spec": {}},
    "attributes": {"uiAttributes": {"apiFeatures": {"flowRunsSupported": True}}},
}
RUN = {
    "id": UUID,
    "flowId": OTHER,
    "createdAt": 1,
    "metrics": {"statusSummary": {"status": "success", "errors": [{"code": "x"}]}},
    "activities": [{"id": "a", "statusSummary": {"status": "success"}}],
}
MAPPINGS = [{"sourceType": "ATTRIBUTE", "source": "a", "destination": "b", "identity": False, "version": 0}]
LISTED_SCHEMA = {
    "$id": SCHEMA,
    "meta:altId": "_acme.schemas.89ab",
    "title": "CRM",
    "version": "1.0",
    "allOf": [{"$ref": "x"}],
}
LISTED_DATASET = {"name": "CRM", "schemaRef": {"id": SCHEMA}, "tags": {"team": ["crm"]}, "created": 1552694335145}
LISTED_SET = {
    "id": MAPPING_SET,
    "name": "CRM",
    "version": 0,
    "createdDate": 1,
    "xdmSchema": SCHEMA,
    "mappings": MAPPINGS,
}
LISTED_BATCH = {"status": "active", "created": 1596656095333, "metrics": {"inputRecordCount": 1}, "errors": []}

# What is listed -> the call, one item of the response, and the response that holds it alone.
LISTS = {
    "base connections": (flow_service.list_base_connections("CRM"), CONNECTION, {"items": [CONNECTION]}),
    "source connections": (flow_service.list_source_connections("CRM"), SOURCE, {"items": [SOURCE]}),
    "target connections": (flow_service.list_target_connections("CRM"), TARGET, {"items": [TARGET]}),
    "dataflows": (flow_service.list_flows("CRM"), FLOW, {"items": [FLOW]}),
    "dataflows of a connection": (flow_service.list_flows_using("source", OTHER), FLOW, {"items": [FLOW]}),
    "flow specs": (flow_service.list_flow_specs("CRM"), FLOW_SPEC, {"items": [FLOW_SPEC]}),
    "runs": (flow_service.list_runs(OTHER), RUN, {"items": [RUN]}),
    "runs by their ids": (flow_service.get_runs([UUID]), RUN, {"items": [RUN]}),
    "schemas": (schema_registry.list_schemas("CRM"), LISTED_SCHEMA, {"results": [LISTED_SCHEMA]}),
    "datasets": (catalog.list_datasets("CRM"), LISTED_DATASET, {DATASET: LISTED_DATASET}),
    "batches": (catalog.list_batches(DATASET, created_since=0), LISTED_BATCH, {BATCH: LISTED_BATCH}),
    "mapping sets": (data_prep.list_mapping_sets("CRM"), LISTED_SET, {"data": [LISTED_SET]}),
    "sandboxes": (
        list_sandboxes(),
        {"name": "dev", "state": "active"},
        {"sandboxes": [{"name": "dev", "state": "active"}]},
    ),
}
EVERY_LIST = pytest.mark.parametrize(("call", "item", "response"), LISTS.values(), ids=LISTS)


def read(call, response):
    return read_text(call, text_of(response))


def read_text(call, text):
    """The result of a call that was answered so."""
    return read_page(call, call.params, text)[0]


# Lists


@EVERY_LIST
@settings(max_examples=50)
@given(st.data())
def test_an_odd_item_hides_no_other_one(call, item, response, data):
    (wished,) = read(call, response)
    odd = data.draw(st.lists(odd_items(item), min_size=1, max_size=4))

    found = read(call, beside(response, odd))

    key = (lambda one: one.name) if call.id_shape is None else (lambda one: one.id)
    assert [one for one in found if key(one) == key(wished)] == [wished]
    assert json.dumps([one.to_wire() for one in found])


@EVERY_LIST
@settings(max_examples=50)
@given(st.data())
def test_every_item_is_read_or_said_to_be_unreadable(call, item, response, data):
    odd = data.draw(st.lists(odd_items(item), max_size=4))
    unreadable = []
    listening = Call(**{**vars(call), "on_unreadable": unreadable.append})

    found = read(listening, beside(response, odd))

    assert len(found) + len(unreadable) == 1 + len(odd)
    assert all((one.problem and "answer" in one.problem) or one.problem.endswith("Error") for one in unreadable)


@pytest.mark.parametrize("name", [name for name in LISTS if name not in ("datasets", "batches", "sandboxes")])
@pytest.mark.parametrize("odd", [None, 17, "x", [], {}, {"name": None}, {"id": ""}, {"x": DEEP}, {"createdAt": DIGITS}])
def test_what_bears_no_id_is_no_item(name, odd):
    call, _, response = LISTS[name]
    assert len(read(call, beside(response, [odd]))) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"type": "http://ns.adobe.com/x", "title": "Bad Gateway", "status": 502},
        {"error_code": "500", "message": "x"},
        17,
        "text",
        {"items": "x", "results": "x", "data": "x", "sandboxes": "x"},
        {"items": 0, "results": 0, "data": 0, "sandboxes": 0},
    ],
    ids=["problem", "error", "number", "text", "text for a list", "number for a list"],
)
@EVERY_LIST
def test_the_body_of_an_error_is_no_empty_list(call, item, response, body):
    with pytest.raises(UnexpectedShape):
        read(call, body)


@pytest.mark.parametrize("text", ["", "<html>", "{", "[" * 100_000, '{"items": [', "["])
@EVERY_LIST
def test_what_is_no_json_is_something_else(call, item, response, text):
    with pytest.raises(ValueError, match=r"Expecting") as problem:
        read_text(call, text)
    assert not isinstance(problem.value, UnexpectedShape)


def test_an_item_is_passed_over_with_a_line_for_those_who_look(caplog):
    caplog.set_level("DEBUG")
    call = flow_service.list_flows("CRM")
    assert read(call, {"items": [{"id": UUID, "name": "secret"}]}) == []
    assert "passed over an item that cannot be read: answer.flowSpec: Field required" in caplog.text
    assert "secret" not in caplog.text


def test_a_cut_off_line_of_sample_rows_does_not_hide_the_others():
    call = export.get_row_error_samples(BATCH)
    assert read_text(call, '{"a": 1}\n17\n[]\n{"a": 2}\n{"a": ') == [{"a": 1}, {"a": 2}]
    with pytest.raises(ValueError, match="none of the lines is JSON"):
        read_text(call, "<html>\n</html>")


@given(st.lists(VALUES, max_size=3))
def test_odd_lines_of_sample_rows_do_not_hide_the_others(odd):
    call = export.get_row_error_samples(BATCH)
    lines = [text_of(one) for one in odd]
    found = read_text(call, "\n".join([*lines, '{"email": "wished"}', *lines]))
    assert {"email": "wished"} in found
    assert all(isinstance(row, dict) for row in found)


# Single objects

GETS = {
    "base connection": (flow_service.get_base_connection(UUID), CONNECTION, "id"),
    "source connection": (flow_service.get_source_connection(UUID), SOURCE, "id"),
    "target connection": (flow_service.get_target_connection(UUID), TARGET, "id"),
    "dataflow": (flow_service.get_flow(UUID), FLOW, "id"),
    "flow spec": (flow_service.get_flow_spec(UUID), FLOW_SPEC, "id"),
    "run": (flow_service.get_run(UUID), RUN, "id"),
    "schema": (schema_registry.get_schema(SCHEMA), LISTED_SCHEMA, "$id"),
    "mapping set": (data_prep.get_mapping_set(MAPPING_SET), LISTED_SET, "id"),
}
EVERY_GET = pytest.mark.parametrize(("call", "body", "id_field"), GETS.values(), ids=GETS)


@EVERY_GET
def test_what_is_asked_for_is_read(call, body, id_field):
    assert read(call, body).id == call.about
    assert read(
        call, {**body, id_field: body[id_field].upper().replace("HTTPS://NS.ADOBE.COM", "https://ns.adobe.com")}
    )


@EVERY_GET
def test_another_one_is_not_taken_for_it(call, body, id_field):
    other = {UUID: OTHER, SCHEMA: SCHEMA + "c", MAPPING_SET: "a" * 32}[call.about]
    with pytest.raises(UnexpectedShape, match=rf"answer.id is '{other}', and '{call.about}' was asked for") as problem:
        read(call, {**body, id_field: other})
    assert not problem.value.lasting


@pytest.mark.parametrize(
    ("call", "item"), [(catalog.get_dataset(DATASET), LISTED_DATASET), (catalog.get_batch(BATCH), LISTED_BATCH)]
)
def test_nor_is_another_one_of_catalog(call, item):
    other = {DATASET: "a" * 24, BATCH: "a" * 26}[call.about]
    assert read(call, {call.about: item}).id == call.about
    for body in (
        {other: item},
        {"type": "x", "title": "y"},
        {call.about: None},
        {},
        [],
        {call.about: item, other: item},
    ):
        with pytest.raises(UnexpectedShape):
            read(call, body)


@EVERY_GET
@pytest.mark.parametrize("id_", ["", "None", "../../x", None, 17, [], "x" * 10_000])
def test_what_is_no_id_is_never_handed_out(call, body, id_field, id_):
    with pytest.raises(UnexpectedShape, match=r"answer.(\$?id|mapping|items)") as problem:
        read(call, {**body, id_field: id_})
    assert len(str(problem.value)) < 600


@EVERY_GET
@settings(max_examples=50)
@given(st.data())
def test_whatever_is_answered_no_error_of_another_library_leaves(call, body, id_field, data):
    response = data.draw(VALUES | odd_items(body))
    try:
        assert read(call, response).id
    except UnexpectedShape:
        return


def test_that_the_resource_itself_cannot_be_read_does_not_pass():
    """It is surely the one that was asked for, so another answer will not be better."""
    with pytest.raises(UnexpectedShape, match=r"answer\.flowSpec: Field required") as problem:
        read(flow_service.get_flow(UUID), {"id": UUID, "name": "CRM"})
    assert problem.value.lasting
    with pytest.raises(UnexpectedShape) as problem:
        read(flow_service.get_flow(UUID), {"title": "Bad Gateway", "status": 502})
    assert not problem.value.lasting


# What a write is answered with

CREATES = {
    "schema": schema_registry.create_schema(Schema()),
    "dataset": catalog.create_dataset(Dataset()),
    "mapping set": data_prep.create_mapping_set(MappingSet()),
    "base connection": flow_service.create_base_connection(BaseConnection(connection_spec=SPEC)),
    "dataflow": flow_service.create_flow(Flow(flow_spec=SPEC)),
    "run": flow_service.create_run(UUID, {}),
    "run once more": flow_service.retry_run(UUID),
    "enabled": flow_service.enable_flow(UUID),
    "changed schema": schema_registry.update_schema(SCHEMA, []),
    "changed dataset": catalog.update_dataset(DATASET, {}),
    "changed mapping set": data_prep.update_mapping_set(MAPPING_SET, MappingSet()),
}


@pytest.mark.parametrize("call", CREATES.values(), ids=CREATES)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "http://ns.adobe.com/x", "title": "Bad Request", "status": 400, "id": None},
        {"id": "", "$id": ""},
        {"id": "None", "$id": "None"},
        {"id": "../../x", "$id": "../../x"},
        ["@/dataSets/../../x"],
        ["@/dataSets/None"],
        [],
        None,
        DEEP,
    ],
    ids=lambda body: json.dumps(body)[:30],
)
def test_a_write_that_is_answered_without_an_id_is_not_done(call, body):
    with pytest.raises(UnexpectedShape):
        read(call, body)


# JSON


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": ' + "[" * 5000 + "]" * 5000 + "}", 1),
        ('{"b": ' + '{"x": [' * 3000 + "]}" * 3000 + ', "a": "]}[{\\""}', ']}[{"'),
        ('{"a": ' + "7" * 6000 + "}", "7" * 6000),
        ('{"a": "\\ud800"}', "\ud800"),
        ('{"a": "\\\\"}', "\\"),
    ],
    ids=["deep", "deep objects", "digits", "half a pair", "backslash"],
)
def test_what_stands_beside_is_read(text, value):
    assert Call("GET", "/x").decode(text)["a"] == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.text(), one),
    )
)
def test_json_is_read_as_python_reads_it(value):
    assert Call("GET", "/x").decode(json.dumps(value)) == value
