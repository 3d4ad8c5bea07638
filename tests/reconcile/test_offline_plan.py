"""A dataflow of seven resources, none of which exists, is declared and decided without a request."""

import pytest

from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.reconcile.decide import decide
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.dataset import DATASET
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.resources.schema import SCHEMA
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION
from airflow_provider_aep.validation import holds_unknown_id, known_after_apply

NOW = 1_900_000_000.0
COLUMNS = [{"name": "email", "type": "string"}]
UUID, SCHEMA_ID = known_after_apply(), known_after_apply("schema")

# Type and arguments, as the create operators take them. Each needs ids that the ones above it have yet to get.
DATAFLOW = {
    "base connection": (
        BASE_CONNECTION,
        {
            "name": "Salesforce",
            "connector": "salesforce",
            "auth_spec_name": "Basic Authentication",
            "credentials": {"username": "u", "password": "p", "securityToken": "t"},
        },
    ),
    "source connection": (
        SOURCE_CONNECTION,
        {
            "name": "Accounts",
            "connector": "salesforce",
            "base_connection_id": UUID,
            "source_params": {"tableName": "Accounts", "columns": COLUMNS},
        },
    ),
    "schema": (SCHEMA, {"title": "Accounts", "schema_class": "https://ns.adobe.com/xdm/context/profile"}),
    "dataset": (DATASET, {"name": "Accounts", "schema_id": SCHEMA_ID}),
    "target connection": (
        TARGET_CONNECTION,
        {"name": "Lake", "dataset_id": known_after_apply("dataset"), "schema_id": SCHEMA_ID},
    ),
    "mapping set": (
        MAPPING_SET,
        {"schema_id": SCHEMA_ID, "mappings": [{"source": "email", "destination": "personalEmail.address"}]},
    ),
    "dataflow": (
        FLOW,
        {
            "name": "Accounts to AEP",
            "flow_spec_id": FLOW_SPEC_IDS["CRMToAEP"],
            "source_connection_id": UUID,
            "target_connection_id": UUID,
            "mapping_set_id": known_after_apply("mapping set"),
            "delta_column": {"name": "LastModifiedDate"},
            "schedule_params": {"frequency": "hour", "interval": 1},
        },
    ),
}


@pytest.fixture
def no_network(mocker):
    refused = AssertionError("a plan of what is not there asks for nothing")
    mocker.patch("socket.socket.connect", side_effect=refused)


@pytest.mark.usefixtures("no_network")
def test_seven_resources_that_do_not_exist_are_to_be_created():
    declared = {noun: (type_, type_.declare(**arguments)) for noun, (type_, arguments) in DATAFLOW.items()}
    decisions = {noun: decide(*each, [], if_exists="update", now=NOW) for noun, each in declared.items()}
    assert {noun: decision.action for noun, decision in decisions.items()} == dict.fromkeys(DATAFLOW, "create")
    assert [type_.noun for type_, _ in declared.values()] == list(DATAFLOW)


@pytest.mark.parametrize("noun", DATAFLOW)
def test_what_needs_ids_that_are_not_known_yet_shows_it(noun):
    type_, arguments = DATAFLOW[noun]
    body = type_.create(type_.declare(**arguments)).body
    assert holds_unknown_id(body) == (noun not in ("base connection", "schema"))


def test_a_live_one_beside_ids_that_are_not_known_yet_has_to_be_replaced():
    """The account is new, so its source connection, which is live, reads from another one."""
    type_, arguments = DATAFLOW["source connection"]
    live = type_.declare(**{**arguments, "base_connection_id": "9a603322-19d2-4de9-89c6-c98bd54eb184"})
    live.id, live.etag = "b8f3c3a2-94e9-4d4c-b4ff-1f1a0e4a3c44", '"1"'
    decision = decide(type_, type_.declare(**arguments), [live], if_exists="update", now=NOW)
    assert decision.action == "replace"
    assert [change.path for change in decision.differences] == ["/baseConnectionId"]
    assert "the platform does not pass a change on to the dataflow" in decision.reasons[0]


def test_the_rules_of_declaring_hold_offline_as_well():
    type_, arguments = DATAFLOW["dataflow"]
    with pytest.raises(AepConfigError, match=r"delta_column is missing.*"):
        type_.declare(**{**arguments, "delta_column": None})
