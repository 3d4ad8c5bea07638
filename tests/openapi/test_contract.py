"""openapi/contract.py: requests as Adobe's samples have them pass, and near misses are seen."""

from dataclasses import replace

import pytest

from .contract import operations, violations
from .disagreements import DISAGREEMENTS
from .samples import (
    CATALOG,
    CREATE_BASE,
    CREATE_DATASET,
    CREATE_FLOW,
    CREATE_MAPPING,
    CREATE_RUN,
    CREATE_SCHEMA,
    CREATE_SOURCE,
    CREATE_TARGET,
    DISABLE,
    EXPLORE,
    FLOWS,
    GET_SCHEMA,
    ID,
    LIST_FLOWS,
    LIST_MAPPINGS,
    LIST_SANDBOXES,
    RETRY,
    UPDATE_BASE,
    UPDATE_FLOW,
    Sample,
    changed,
    with_headers,
)


@pytest.mark.parametrize(
    "record",
    [
        *(CREATE_BASE, CREATE_SOURCE, CREATE_TARGET, CREATE_FLOW, CREATE_MAPPING, CREATE_SCHEMA),
        *(CREATE_DATASET, CREATE_RUN, UPDATE_FLOW, UPDATE_BASE, LIST_FLOWS, LIST_MAPPINGS, EXPLORE),
        *(DISABLE, RETRY, GET_SCHEMA, LIST_SANDBOXES),
        Sample("DELETE", f"{FLOWS}/connections/{ID}"),
        Sample("DELETE", f"{FLOWS}/connections/{ID}/"),
        Sample(
            "GET",
            f"{CATALOG}/batches",
            {"dataSet": ["d"], "createdAfter": ["1"], "orderBy": ["desc:created"]},
        ),
        Sample("GET", f"{FLOWS}/runs", {"property": [f"flowId=={ID}"], "count": ["true"]}),
        # None of Adobe's specifications describes these.
        Sample("POST", "/ims/token/v3", headers={}, body={"grant_type": "client_credentials"}),
        Sample("POST", "/_emulator/clock", headers={}, body={"advance": 60}),
        Sample("GET", "/data/foundation/export/batches/b/meta", {"path": ["row_errors"]}),
    ],
    ids=lambda record: f"{record.method} {record.path}",
)
def test_what_adobes_samples_send_is_allowed(record):
    assert violations(record) == []


MISSPELLED = {"name": "Mapping", "params": {"mappingID": "32hex"}}


@pytest.mark.parametrize(
    ("record", "violation"),
    [
        (Sample("GET", f"{FLOWS}/dataflows"), "no such operation"),
        (Sample("POST", "/data/foundation/mappingSets", body={}), "no such operation"),
        (Sample("PUT", f"{FLOWS}/flows/{ID}", body={}), "no such operation"),
        (Sample("GET", f"{FLOWS}/flows/{ID}/runs"), "no such operation"),
        (with_headers(LIST_FLOWS, authorization=None), "header authorization is missing"),
        (with_headers(LIST_FLOWS, x_api_key=None), "header x-api-key is missing"),
        (with_headers(LIST_FLOWS, x_gw_ims_org_id=None), "header x-gw-ims-org-id is missing"),
        (with_headers(LIST_FLOWS, x_sandbox_name=None), "header x-sandbox-name is missing"),
        (with_headers(UPDATE_FLOW, if_match=None), "header if-match is missing"),
        (with_headers(CREATE_FLOW, content_type=None), "header content-type is missing"),
        (
            with_headers(CREATE_FLOW, content_type="text/plain"),
            "header content-type is text/plain, not application/json",
        ),
        (with_headers(GET_SCHEMA, accept=None), "header accept is missing"),
        (with_headers(GET_SCHEMA, accept="*/*"), "header accept names no media type"),
        (replace(LIST_MAPPINGS, query={"limit": ["100"]}), "query parameter start is missing"),
        (
            replace(LIST_MAPPINGS, query={"limit": ["all"], "start": ["0"]}),
            "limit: 'all' is not of type 'integer'",
        ),
        (replace(DISABLE, query={}), "query parameter op is missing"),
        (
            replace(DISABLE, query={"op": ["DISABLE"]}),
            "op: 'DISABLE' is not one of ['enable', 'disable', 'publish']",
        ),
        (replace(RETRY, query={"op": ["RE_TRIGGER"]}), "op: 'RE_TRIGGER' is not one of ['re-trigger']"),
        (
            replace(EXPLORE, query={"objectType": ["TABLE"]}),
            "objectType: 'TABLE' is not one of ['root', 'table', 'file', 'folder', 'rest']",
        ),
        (replace(LIST_FLOWS, query={"orderBy": ["name"]}), "query parameter orderBy is unknown"),
        (replace(LIST_FLOWS, query={"limit": ["1", "2"]}), "query parameter limit is given 2 times"),
        (replace(CREATE_FLOW, body=None), "the body is missing"),
        (Sample("DELETE", f"{FLOWS}/flows/{ID}", body={}), "there is a body, and none is wanted"),
        (changed(CREATE_FLOW, flowSpec=None), "body: 'flowSpec' is a required property"),
        (
            changed(CREATE_FLOW, sourceConnectionIds=ID),
            f"body.sourceConnectionIds: '{ID}' is not of type 'array'",
        ),
        (
            changed(CREATE_FLOW, transformations=[MISSPELLED]),
            "body.transformations.0.params: Additional properties are not allowed ('mappingID'",
        ),
        (
            changed(CREATE_SOURCE, base_connection_id=ID),
            "body: Additional properties are not allowed ('base_connection_id' was unexpected)",
        ),
        (
            changed(CREATE_SOURCE, connectionSpec={"id": ID}),
            "body.connectionSpec: 'version' is a required property",
        ),
        (
            changed(CREATE_TARGET, params={"datasetId": "d"}),
            "body.params: Additional properties are not allowed ('datasetId' was unexpected)",
        ),
        (changed(CREATE_SCHEMA, description=None), "body: 'description' is a required property"),
        (changed(CREATE_SCHEMA, allOf=[{"ref": "x"}]), "body.allOf.0: '$ref' is a required property"),
        (
            changed(CREATE_DATASET, tags={"unifiedProfile": "on"}),
            "body.tags.unifiedProfile: 'on' is not of type 'array'",
        ),
        (
            changed(CREATE_MAPPING, mappings=[{"sourceType": "FIELD"}]),
            "body.mappings.0.sourceType: 'FIELD' is not one of ['ATTRIBUTE', 'EXPRESSION', 'STATIC']",
        ),
        (replace(UPDATE_BASE, body=UPDATE_BASE.body[0]), "is not of type 'array'"),
        (
            replace(UPDATE_FLOW, body=[{"op": "REPLACE", "path": "/name", "value": "n"}]),
            "body.0.op: 'REPLACE' is not one of ['add', 'replace', 'remove']",
        ),
        (
            replace(UPDATE_FLOW, body=[{"op": "add", "path": "/name"}]),
            "body.0: 'value' is a required property",
        ),
        (
            replace(UPDATE_FLOW, body=[{"op": "remove", "path": "name"}]),
            "body.0.path: 'name' does not match '^/'",
        ),
    ],
)
def test_a_near_miss_is_seen(record, violation):
    found = violations(record)
    assert [each for each in found if violation in each], found


def test_every_violation_is_reported():
    bare = Sample("POST", f"{FLOWS}/flows", {"dryRun": ["true"]}, body={"name": 1}, headers={})
    assert violations(bare) == [
        f"POST {FLOWS}/flows: {problem}"
        for problem in (
            "header authorization is missing",
            "header x-api-key is missing",
            "header x-gw-ims-org-id is missing",
            "header x-sandbox-name is missing",
            "query parameter dryRun is unknown",
            "body: 'flowSpec' is a required property",
            "body.name: 1 is not of type 'string'",
        )
    ]


@pytest.mark.parametrize("disagreement", DISAGREEMENTS, ids=lambda each: f"{each.operations} {each.where}")
def test_a_disagreement_is_about_something_and_has_a_reason(disagreement):
    assert disagreement.why
    assert any(disagreement.is_about(operation) for _, operation in operations())
