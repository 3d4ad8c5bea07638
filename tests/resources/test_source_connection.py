"""Source connections: columns are known by name; odd ones, and what was not declared, are not compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.reconcile.decide import decide
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION

BASE_ID = "4cb0c374-d3bb-4557-b139-5712880adc55"
COLUMNS = [{"name": name, "type": "string", "xdm": {"type": "string"}} for name in ("Id", "Email")]
ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.sampled_from(["name", "type"]), st.none() | st.integers(), max_size=2)
)


def declare(**params):
    params = {"tableName": "Accounts", "columns": COLUMNS, **params}
    return SourceConnection.declare(
        name="CRM", connector="salesforce", base_connection_id=BASE_ID, source_params=params
    )


def live(**params):
    """The declared one as the platform shows it, with params that others wrote."""
    body = declare().to_wire()
    return SourceConnection.model_validate({**body, "id": BASE_ID, "params": {**body["params"], **params}})


@given(st.lists(ODD, max_size=3), st.lists(ODD, max_size=3))
def test_odd_columns_are_passed_over(before, after):
    assert SOURCE_CONNECTION.diff(declare(), live(columns=[*before, *COLUMNS[::-1], *after])) == ()


def test_what_others_add_to_a_column_or_to_the_params_is_not_compared():
    columns = [{**column, "meta": {"label": "x"}} for column in COLUMNS]
    assert SOURCE_CONNECTION.diff(declare(), live(columns=columns, filters={"type": "PQL"})) == ()


def test_xdm_types_are_equal_in_the_spelling_of_the_tutorial():
    columns = [{**column, "xdm": {"type": "String"}} for column in COLUMNS]
    assert SOURCE_CONNECTION.diff(declare(), live(columns=columns)) == ()


@pytest.mark.parametrize("properties", [{"encoding": "UTF-8", "columnDelimiter": ";"}, {"columnDelimiter": ";"}])
def test_of_how_files_are_read_only_what_was_declared_is_compared(properties):
    arguments = {"name": "CRM", "connector": "sftp", "base_connection_id": BASE_ID, "data_format": "delimited"}
    one = SourceConnection.declare(**arguments, source_params={"path": "/x", "columnDelimiter": ";"})
    other = SourceConnection.declare(**arguments, source_params={"path": "/x", "properties": properties})
    assert SOURCE_CONNECTION.diff(one, other) == ()


@pytest.mark.parametrize("params", [{"columnDelimiter": ";"}, {"properties": {"columnDelimiter": ";"}}])
def test_how_files_are_read_may_stand_among_the_live_params(params):
    arguments = {"name": "CRM", "connector": "sftp", "base_connection_id": BASE_ID, "data_format": "delimited"}
    declared = SourceConnection.declare(**arguments, source_params={"path": "/x", "columnDelimiter": ";"})
    live = SourceConnection.model_validate(
        {**declared.to_wire(), "data": {"format": "delimited"}, "params": {"path": "/x", **params}}
    )
    assert SOURCE_CONNECTION.diff(declared, live) == ()
    other = SourceConnection.declare(**arguments, source_params={"path": "/x", "columnDelimiter": ","})
    assert [change.path for change in SOURCE_CONNECTION.diff(other, live)] == ["/data/properties/columnDelimiter"]


def test_an_update_is_not_offered_for_what_a_dataflow_would_not_notice():
    decision = decide(SOURCE_CONNECTION, declare(tableName="Contacts"), [live()], if_exists="reuse", now=0)
    assert decision.reasons[0].endswith(
        "Declare what is live or choose another name: "
        "the platform does not pass a change on to the dataflow that uses it."
    )


def test_another_source_needs_another_connection():
    declared = SourceConnection.declare(
        name="CRM",
        connector="microsoft-dynamics",
        base_connection_id=BASE_ID,
        source_params={"tableName": "Accounts", "columns": COLUMNS},
    )
    decision = decide(SOURCE_CONNECTION, declared, [live()], if_exists="update", now=0)
    assert decision.action == "replace"
    assert [change.path for change in decision.differences] == ["/connectionSpec/id"]
