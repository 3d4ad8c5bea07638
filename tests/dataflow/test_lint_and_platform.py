"""What lint spares an author: the same mistake, sent without looking, and what the platform answers."""

import re

import pytest
from emulator.caller import (
    AZURE_BLOB,
    EVENT_HUBS,
    LANDING_ZONE,
    SALESFORCE,
    Caller,
    base_connection_body,
    code_of,
    copy_transformation,
    mapping_set_body,
    source_connection_body,
)

from airflow_provider_aep.dataflow.rules.codes import RULES
from airflow_provider_aep.emulator import AepEmulator

# The emulator does not know these yet: no page says when a request meets them.
NOT_EMULATED = {"XDM-1528-400"}


@pytest.fixture(scope="module")
def api():
    with AepEmulator(refuse_past_start_time=True, refuse_delta_column_with_once=True) as aep, Caller(aep) as caller:
        yield caller


def send_source(api, spec=AZURE_BLOB, base=None, **changes):
    body = source_connection_body(base or api.base_connection(spec), spec)
    return api.post("flow/sourceConnections", {**body, **changes})


def send_params(api, spec=AZURE_BLOB, **params):
    body = source_connection_body(api.base_connection(spec), spec)
    return api.post("flow/sourceConnections", {**body, "params": {**body["params"], **params}})


def send_flow(api, spec=SALESFORCE, schedule=None, transformations=None, **changes):
    body = api.flow_body(spec, **changes)
    if schedule is not None:
        body["scheduleParams"] = {**body["scheduleParams"], **schedule}
    if transformations is not None:
        body["transformations"] = transformations(body["transformations"])
    return api.post("flow/flows", {key: value for key, value in body.items() if value is not ...})


def send_row_filter(api, **changes):
    value = {"nodeType": "fnApply", "fnName": "not", "params": [{"nodeType": "fnApply", "fnName": "="}] * 2}
    return send_params(api, SALESFORCE, filters={"type": "PQL", "format": "pql/json", "value": value, **changes})


def send_row_filter_to_postgresql(api):
    filters = {"type": "PQL", "format": "pql/json", "value": {}}
    params = {"tableName": "Accounts", "filters": filters}
    return send_source(api, "74a1c565-4e59-48d7-9d67-7c03b8a13137", data={"format": "tabular"}, params=params)


def send_to_another_schema(api):
    body = api.flow_body()
    other = api.mapping_set(api.schema("Another schema"))
    body["transformations"][1]["params"]["mappingId"] = other
    return api.post("flow/flows", body)


def send_unknown_mapping_set(api):
    mapping = {"name": "Mapping", "params": {"mappingId": "0" * 32, "mappingVersion": 0}}
    return send_flow(api, transformations=lambda given: [given[0], mapping])


def encrypted(params):
    return lambda given: [*given, {"name": "Encryption", "params": params}]


ANSWERS = [
    (
        "D101",
        "1413-400",
        lambda api: api.post("flow/connections", {**base_connection_body(), "connectionSpec": {"id": "x"}}),
    ),
    (
        "D102",
        "1415-400",
        lambda api: api.post("flow/connections", {**base_connection_body(), "auth": {"specName": "x"}}),
    ),
    ("D103", "1332-400", lambda api: send_source(api, LANDING_ZONE, base=api.base_connection())),
    ("D103", "1320-400", lambda api: send_source(api, baseConnectionId=None)),
    ("D201", "1329-400", lambda api: send_params(api, path="")),
    ("D201", "1330-400", lambda api: send_params(api, SALESFORCE, columns="none")),
    ("D202", "1327-400", lambda api: send_source(api, data={"format": "csv"})),
    ("D203", "1331-400", lambda api: send_params(api, columnDelimiter="tab")),
    ("D204", "1353-400", send_row_filter_to_postgresql),
    ("D204", "1355-400", lambda api: send_row_filter(api, type="SQL")),
    ("D204", "1356-400", lambda api: send_row_filter(api, format="sql")),
    ("D204", "1390-400", send_row_filter),
    ("D301", "1425-400", send_to_another_schema),
    ("D405", "1370-400", lambda api: send_flow(api, transformations=lambda given: given[:1])),
    ("D406", "1419-400", send_unknown_mapping_set),
    ("D407", "1419-400", send_unknown_mapping_set),
    ("D501", "1317-400", lambda api: send_flow(api, scheduleParams={})),
    ("D502", "1397-400", lambda api: send_flow(api, schedule={"frequency": "hourly"})),
    ("D503", "1361-400", lambda api: send_flow(api, schedule={"frequency": "once"})),
    ("D503", "1364-400", lambda api: send_flow(api, scheduleParams={"frequency": "once", "backfill": True})),
    ("D504", "1359-400", lambda api: send_flow(api, scheduleParams={"frequency": "hour"})),
    ("D504", "1362-400", lambda api: send_flow(api, schedule={"interval": 5})),
    ("D504", "1363-400", lambda api: send_flow(api, schedule={"interval": "often"})),
    ("D505", "1340-400", lambda api: send_flow(api, schedule={"startTime": "2040-01-31T06:00:00"})),
    ("D505", "1340-400", lambda api: send_flow(api, schedule={"startTime": 2_210_000_000_000})),
    ("D505", "1360-400", lambda api: send_flow(api, schedule={"startTime": 1_580_450_400})),
    ("D506", "1318-400", lambda api: send_flow(api, EVENT_HUBS, scheduleParams={"frequency": "once"})),
    ("D506", "1318-400", lambda api: send_flow(api, EVENT_HUBS, transformations=lambda given: [copy_transformation()])),
    ("D507", "1367-400", lambda api: send_flow(api, transformations=lambda given: given[1:])),
    ("D507", "1369-400", lambda api: send_flow(api, scheduleParams={"frequency": "once", "startTime": 4_000_000_000})),
    ("D508", "1318-400", lambda api: send_flow(api, options={"partialIngestionPercent": 0})),
    ("D509", "1410-400", lambda api: send_flow(api, state="enabled")),
    ("D509", "1368-400", lambda api: send_flow(api, mode="draft")),
    ("D510", "1202-400", lambda api: send_flow(api, AZURE_BLOB, transformations=encrypted({}))),
    ("D510", "1309-400", lambda api: send_flow(api, AZURE_BLOB, transformations=encrypted({"publicKeyId": ""}))),
]


@pytest.mark.parametrize(("rule", "code", "send"), ANSWERS, ids=[f"{rule} {code}" for rule, code, _ in ANSWERS])
def test_the_platform_answers_the_code_of_the_rule(rule, code, send, api):
    response = send(api)
    assert response.status_code == 400, response.text
    assert code_of(response) == code, response.text


def test_every_code_of_a_rule_is_answered():
    named = {(rule.code, code) for rule in RULES for code in re.findall(r"(?:XDM-)?\d{4}-\d{3}", rule.instead)}
    answered = {(rule, code) for rule, code, _ in ANSWERS}
    assert {(rule, code) for rule, code in named if code not in NOT_EMULATED} == answered


@pytest.mark.parametrize(
    "mapping", [{"source": "x" * 4097, "destination": "a"}, {"sourceType": "SQL", "source": "b", "destination": "a"}]
)
def test_data_prep_refuses_what_d402_and_d403_find(mapping, api):
    body = mapping_set_body(api.schema(f"Mapped by {len(mapping)}"))
    assert api.post("prep/mappingSets", {**body, "mappings": [mapping]}).status_code == 400


def test_schema_registry_refuses_a_class_that_is_no_id(api):
    body = {"type": "object", "title": "No class", "description": "", "allOf": [{"$ref": "profile"}]}
    response = api.post("schema/tenant/schemas", body)
    assert response.status_code == 400, response.text
