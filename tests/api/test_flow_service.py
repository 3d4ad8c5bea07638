"""api/flow_service.py: what is asked of Flow Service, and how its lists are paged."""

from dataclasses import replace
from functools import partial
from urllib.parse import parse_qs, quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, items, only_item
from airflow_provider_aep.api.flow_service import (
    create_base_connection,
    create_flow,
    create_run,
    create_source_connection,
    create_target_connection,
    delete_base_connection,
    delete_flow,
    delete_source_connection,
    delete_target_connection,
    disable_flow,
    enable_flow,
    get_base_connection,
    get_flow,
    get_flow_spec,
    get_run,
    get_runs,
    get_source_connection,
    get_target_connection,
    list_base_connections,
    list_flow_specs,
    list_flows,
    list_flows_using,
    list_runs,
    list_source_connections,
    list_target_connections,
    next_page,
    publish_base_connection,
    publish_flow,
    publish_source_connection,
    publish_target_connection,
    retry_run,
    update_base_connection,
    update_flow,
    update_source_connection,
    update_target_connection,
)
from airflow_provider_aep.api.run_page import RunsOf, parse_run_page
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.flow_spec import FlowSpec
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection

FLOWSERVICE = "/data/foundation/flowservice"
SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
DATA_LAKE = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
OTHER_ID = "4ee890c7-519c-4291-bd20-d64186b62da8"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"
ETAG = '"4a00038b-0000-0200-0000-5ebc47fd0000"'
PATCH = [{"op": "replace", "path": "/name", "value": "n"}]
NOT_IDS = ["", "latest", f"{ID}/action", f"{ID}?x=y", "../flows", f" {ID}", None, 7]

created = partial(Call, "POST", returns=Created, unwrap=only_item)
patched = partial(Call, "PATCH", returns=Created, if_match=ETAG, unwrap=only_item)
listed = partial(Call, "GET", unwrap=items, next_page=next_page)


# Base connections


def test_create_a_base_connection():
    connection = BaseConnection.declare(
        name="Salesforce",
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        auth_params={"username": "someone"},
        credentials={"password": "hunter2", "securityToken": "s3cret"},
    )
    assert create_base_connection(connection) == created(
        path=f"{FLOWSERVICE}/connections",
        body={
            "name": "Salesforce",
            "auth": {
                "specName": "Basic Authentication",
                "params": {"username": "someone", "password": "hunter2", "securityToken": "s3cret"},
            },
            "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
        },
    )


def test_list_base_connections():
    assert list_base_connections("Salesforce", SALESFORCE) == listed(
        path=f"{FLOWSERVICE}/connections",
        returns=list[BaseConnection],
        params={
            "limit": "100",
            "orderby": "-createdAt",
            "property": ['name=="Salesforce"', f'connectionSpec.id=="{SALESFORCE}"'],
        },
    )


def test_get_a_base_connection():
    assert get_base_connection(ID) == Call("GET", f"{FLOWSERVICE}/connections/{ID}", BaseConnection, unwrap=only_item)


# Source and target connections


def test_create_a_source_connection():
    connection = SourceConnection.declare(
        name="Accounts",
        connector="salesforce",
        base_connection_id=ID,
        source_params={"tableName": "Accounts", "columns": [{"name": "email", "type": "string"}]},
    )
    assert create_source_connection(connection) == created(
        path=f"{FLOWSERVICE}/sourceConnections",
        body={
            "name": "Accounts",
            "baseConnectionId": ID,
            "data": {"format": "tabular"},
            "params": {"tableName": "Accounts", "columns": [{"name": "email", "type": "string"}]},
            "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
        },
    )


def test_create_a_target_connection():
    connection = TargetConnection.declare(name="Accounts", dataset_id="5c8c3c555033b814b69f947f", schema_id=SCHEMA_ID)
    assert create_target_connection(connection) == created(
        path=f"{FLOWSERVICE}/targetConnections",
        body={
            "name": "Accounts",
            "data": {
                "format": "parquet_xdm",
                "schema": {"id": SCHEMA_ID, "version": "application/vnd.adobe.xed-full+json;version=1"},
            },
            "params": {"dataSetId": "5c8c3c555033b814b69f947f"},
            "connectionSpec": {"id": DATA_LAKE, "version": "1.0"},
        },
    )


@pytest.mark.parametrize(
    ("call", "resource", "returns", "spec"),
    [
        (list_source_connections("n", SALESFORCE), "sourceConnections", list[SourceConnection], SALESFORCE),
        (list_target_connections("n", DATA_LAKE), "targetConnections", list[TargetConnection], DATA_LAKE),
    ],
)
def test_list_source_and_target_connections(call, resource, returns, spec):
    params = {"limit": "100", "orderby": "-createdAt", "property": ['name=="n"', f'connectionSpec.id=="{spec}"']}
    assert call == listed(path=f"{FLOWSERVICE}/{resource}", returns=returns, params=params)


def test_a_name_that_cannot_be_quoted_is_left_out_of_the_filter():
    assert list_source_connections('5" pipes', SALESFORCE).params["property"] == [f'connectionSpec.id=="{SALESFORCE}"']


def test_get_source_and_target_connections():
    assert get_source_connection(ID) == Call(
        "GET", f"{FLOWSERVICE}/sourceConnections/{ID}", SourceConnection, unwrap=only_item
    )
    assert get_target_connection(ID) == Call(
        "GET", f"{FLOWSERVICE}/targetConnections/{ID}", TargetConnection, unwrap=only_item
    )


# What all resources have in common


@pytest.mark.parametrize(
    ("update", "resource"),
    [
        (update_base_connection, "connections"),
        (update_source_connection, "sourceConnections"),
        (update_target_connection, "targetConnections"),
        (update_flow, "flows"),
    ],
)
def test_an_update_says_which_version_it_means(update, resource):
    assert update(ID, ETAG, PATCH) == patched(path=f"{FLOWSERVICE}/{resource}/{ID}", body=PATCH)


@pytest.mark.parametrize(
    ("delete", "resource"),
    [
        (delete_base_connection, "connections"),
        (delete_source_connection, "sourceConnections"),
        (delete_target_connection, "targetConnections"),
        (delete_flow, "flows"),
    ],
)
def test_a_delete_has_no_answer(delete, resource):
    assert delete(ID) == Call("DELETE", f"{FLOWSERVICE}/{resource}/{ID}")
    assert delete(ID).returns is None


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (get_base_connection, "base_connection_id"),
        (delete_base_connection, "base_connection_id"),
        (get_source_connection, "source_connection_id"),
        (delete_source_connection, "source_connection_id"),
        (get_target_connection, "target_connection_id"),
        (delete_target_connection, "target_connection_id"),
        (get_flow_spec, "flow_spec_id"),
        (get_flow, "flow_id"),
        (delete_flow, "flow_id"),
        (enable_flow, "flow_id"),
        (disable_flow, "flow_id"),
        (publish_flow, "flow_id"),
        (publish_base_connection, "base_connection_id"),
        (publish_source_connection, "source_connection_id"),
        (publish_target_connection, "target_connection_id"),
        (list_runs, "flow_id"),
        (partial(list_flows_using, "source"), "source_connection_id"),
        (partial(list_flows_using, "target"), "target_connection_id"),
        (get_run, "run_id"),
        (lambda value: get_runs([ID, value]), "run_id"),
        (retry_run, "run_id"),
        (lambda value: create_run(value, {}), "flow_id"),
        (lambda value: update_flow(value, ETAG, PATCH), "flow_id"),
    ],
)
@pytest.mark.parametrize("value", NOT_IDS)
def test_what_is_no_id_gets_into_no_path_and_no_filter(ask, field, value):
    with pytest.raises(AepConfigError) as refused:
        ask(value)
    remedy = "is not a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184."
    if value == "":
        remedy = "a template delivers that finds nothing: check the XCom or variable it reads."
    assert str(refused.value) == f"{field} is {value!r}, which {remedy}"


# Flow specs


def test_find_a_flow_spec_by_its_name():
    assert list_flow_specs("CRMToAEP") == Call(
        "GET",
        f"{FLOWSERVICE}/flowSpecs",
        list[FlowSpec],
        params={"property": ['name=="CRMToAEP"']},
        unwrap=items,
    )


def test_list_all_flow_specs():
    assert list_flow_specs().params == {}


def test_get_a_flow_spec():
    assert get_flow_spec(CRM_TO_AEP) == Call("GET", f"{FLOWSERVICE}/flowSpecs/{CRM_TO_AEP}", FlowSpec, unwrap=only_item)


# Flows


def test_create_a_flow():
    flow = Flow.declare(
        name="Accounts",
        flow_spec_id=CRM_TO_AEP,
        source_connection_id=ID,
        target_connection_id=OTHER_ID,
        mapping_set_id="500a9b747fcf4908a21917d49bd61780",
        mapping_set_version=0,
        delta_column={"name": "LastModifiedDate"},
        schedule_params={"frequency": "minute", "interval": 15, "start_time": 1900000000},
    )
    assert create_flow(flow) == created(
        path=f"{FLOWSERVICE}/flows",
        body={
            "name": "Accounts",
            "flowSpec": {"id": CRM_TO_AEP, "version": "1.0"},
            "sourceConnectionIds": [ID],
            "targetConnectionIds": [OTHER_ID],
            "transformations": [
                {"name": "Copy", "params": {"deltaColumn": {"name": "LastModifiedDate"}}},
                {
                    "name": "Mapping",
                    "params": {"mappingId": "500a9b747fcf4908a21917d49bd61780", "mappingVersion": "0"},
                },
            ],
            "scheduleParams": {"startTime": 1900000000, "frequency": "minute", "interval": "15"},
        },
    )


def test_create_a_draft_of_a_flow():
    flow = Flow.declare(name="Events", flow_spec_id=ID, source_connection_id=ID, target_connection_id=OTHER_ID)
    assert create_flow(flow.as_draft()) == replace(create_flow(flow), params={"mode": "draft"})
    assert create_flow(flow).params == {}


def test_list_flows():
    newest_first = {"limit": "100", "orderby": "-createdAt"}
    assert list_flows() == listed(path=f"{FLOWSERVICE}/flows", returns=list[Flow], params=newest_first)
    assert list_flows("Accounts").params == {**newest_first, "property": ['name=="Accounts"']}


def test_list_the_flows_that_use_a_connection():
    assert list_flows_using("source", ID).params["property"] == [f"sourceConnectionIds[]=={ID}"]
    assert list_flows_using("target", ID).params["property"] == [f"targetConnectionIds[]=={ID}"]


def test_get_a_flow():
    path = f"{FLOWSERVICE}/flows/{ID}"
    assert get_flow(ID) == Call("GET", path, Flow, unwrap=only_item)


@pytest.mark.parametrize(("act", "operation"), [(enable_flow, "enable"), (disable_flow, "disable")])
def test_enable_and_disable_a_flow_without_a_body(act, operation):
    assert act(ID) == created(path=f"{FLOWSERVICE}/flows/{ID}/action", params={"op": operation})


# Runs


def test_get_a_run():
    assert get_run(ID) == Call("GET", f"{FLOWSERVICE}/runs/{ID}", FlowRun, unwrap=only_item)


def test_get_many_runs_in_one_request():
    assert get_runs([ID, OTHER_ID]) == listed(
        path=f"{FLOWSERVICE}/runs",
        returns=list[FlowRun],
        params={"property": [f"id=={ID},{OTHER_ID}"], "limit": "100"},
        decode=parse_run_page,
    )


def test_create_a_run_of_a_table():
    params = {
        "startTime": 1663735590,
        "windowStartTime": 1651584991,
        "windowEndTime": 1651585956,
        "deltaColumn": {"name": "DOB"},
    }
    assert create_run(ID, params) == created(path=f"{FLOWSERVICE}/runs", body={"flowId": ID, "params": params})


@pytest.mark.parametrize(
    ("publish", "resource"),
    [
        (publish_base_connection, "connections"),
        (publish_source_connection, "sourceConnections"),
        (publish_target_connection, "targetConnections"),
        (publish_flow, "flows"),
    ],
)
def test_publish_a_draft(publish, resource):
    assert publish(ID) == created(path=f"{FLOWSERVICE}/{resource}/{ID}/action", params={"op": "publish"})


def test_retry_a_run():
    assert retry_run(ID) == created(path=f"{FLOWSERVICE}/runs/{ID}/action", params={"op": "re-trigger"})


def test_list_the_runs_of_a_flow():
    assert list_runs(ID) == listed(
        path=f"{FLOWSERVICE}/runs",
        returns=list[FlowRun],
        params={"limit": "100", "orderby": "-createdAt", "property": [f"flowId=={ID}"]},
        unwrap=RunsOf(ID),
    )


def test_a_list_of_runs_that_takes_no_notice_of_its_filter_shows_no_runs_of_other_dataflows():
    own, nameless = {"id": "1", "flowId": ID.upper()}, {"id": "2"}
    answered = {"items": [{"id": "3", "flowId": "d1"}, own, None, nameless]}
    assert list_runs(ID).unwrap(answered) == [own, None, nameless]


@pytest.mark.parametrize(
    ("times", "enough"),
    [
        ([300, 200, 100], True),
        ([300, 200], False),
        ([], False),
        # Not newest first after all: an early page proves nothing.
        ([100, 300], False),
        ([300, None], False),
    ],
)
def test_older_runs_are_not_asked_for_once_the_list_reaches_back_far_enough(times, enough):
    runs = [FlowRun(id=ID, created_at=time) for time in times]
    assert list_runs(ID, created_since=150).enough(runs) is enough


# Pages


@pytest.mark.parametrize("safe", ["", "=", "=+/"], ids=["quoted", "with a bare =", "with a bare = and +"])
@given(token=st.text(alphabet="abcXYZ019=+/%&?#-_. ", min_size=1) | st.text(min_size=1))
@example(token="eyJhIjoxfQ==%&+x=y")
def test_any_token_comes_back_as_it_came(safe, token):
    link = {"href": f"/runs?continuationToken={quote(token, safe=safe)}&limit=5"}
    following = next_page({"limit": "100", "property": ["flowId==x"]}, {"items": [], "_links": {"next": link}})
    assert following == {"limit": "100", "property": ["flowId==x"], "continuationToken": token}
    asked = urlencode(following, doseq=True, quote_via=quote)  # as the client does
    assert parse_qs(asked)["continuationToken"] == [token]


def test_the_next_token_takes_the_place_of_the_last():
    response = {"_links": {"next": {"href": "/flows?continuationToken=second"}}}
    assert next_page({"continuationToken": "first"}, response) == {"continuationToken": "second"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["_links", "next", "href", "items"]), inner, max_size=3)
    ),
)


@pytest.mark.parametrize(
    "response", [{}, [], {"items": []}, {"_links": {}}, {"_links": None}, {"_links": {"next": None}}]
)
def test_an_answer_without_a_link_is_the_last_page(response):
    assert next_page({"limit": "100"}, response) is None


@given(JSON)
@example({"items": [], "_links": {"next": "/flows?continuationToken=x"}})
@example({"_links": {"next": {"href": "http://["}}})
@example({"_links": "x"})
def test_a_link_that_cannot_be_read_is_never_taken_for_the_last_page(response):
    said = response["_links"] if isinstance(response, dict) and response.get("_links") else {}
    try:
        following = next_page({"limit": "100"}, response)
    except (ValueError, LookupError, TypeError, AttributeError):
        assert said, "the client tells such an response as one that cannot be read"
    else:
        assert following is None
        assert not (isinstance(said, dict) and said.get("next"))


def test_everything_that_is_asked_in_pages_is_asked_newest_first():
    lists = [
        list_base_connections("n", SALESFORCE),
        list_source_connections("n", SALESFORCE),
        list_target_connections("n", DATA_LAKE),
        list_flows("n"),
        list_runs(ID),
    ]
    assert {call.params["orderby"] for call in lists} == {"-createdAt"}
    assert {call.next_page for call in lists} == {flow_service.next_page}
