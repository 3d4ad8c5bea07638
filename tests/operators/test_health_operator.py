"""AepDataflowHealthOperator: the table as XCom, and in the log."""

import json

import pytest
from ailing import fill
from operators.execution import execute

from airflow_provider_aep.operators.health import AepDataflowHealthOperator
from airflow_provider_aep.task.compat import AirflowFailException

pytestmark = pytest.mark.aep(speed=0)


@pytest.fixture(autouse=True)
def _database(airflow_db):
    """Connections are looked up in it, too."""


def check(**arguments):
    """(returned, pushed)"""
    return execute(AepDataflowHealthOperator(task_id="health", **arguments))


def test_the_table_is_the_xcom_and_is_logged(aep, capsys):
    ids = fill(aep)
    health, pushed = check()
    assert json.loads(json.dumps(health)) == health
    assert (health["well"], health["checked"], health["failing"], health["disabled"]) == (False, 5, 3, 1)
    whole = health["accounts"][0]
    assert (whole["name"], whole["fails_as_a_whole"]) == ("Salesforce", True)
    assert {flow["flow_id"] for flow in whole["flows"]} == {ids["Salesforce accounts"], ids["Salesforce contacts"]}
    assert pushed["table"].startswith("5 dataflows: 3 failing, 1 disabled\n\nSalesforce (salesforce): all its")
    assert pushed["table"] in capsys.readouterr().out


@pytest.mark.parametrize(("flows", "checked"), [("EU accounts", 1), (["EU *"], 3), ([], 5)])
def test_dataflows_may_be_chosen(aep, flows, checked):
    fill(aep)
    assert check(flows=flows)[0]["checked"] == checked


def test_a_template_may_deliver_the_seconds_as_text(aep):
    fill(aep)
    aep.advance(7_200)
    assert check(flows="EU contacts", silent_for="3600")[0]["silent"] == 1
    assert check(flows="EU contacts", silent_for=864_000.0)[0]["silent"] == 0


def test_an_empty_sandbox_is_well(aep):
    health, pushed = check()
    assert health["well"]
    assert pushed["table"] == "0 dataflows: all well"


def test_a_name_that_no_dataflow_has_ends_the_task(aep):
    with pytest.raises(AirflowFailException, match="is called 'Orders'"):
        check(flows="Orders")


def test_every_wrong_argument_is_named(aep):
    with pytest.raises(AirflowFailException) as raised:
        check(flows=["", "x"], silent_for="long")
    assert str(raised.value) == (
        "The task 'health' cannot be used:\n"
        "  flows[0] must be a non-empty string, not ''\n"
        "  silent_for is 'long'; it is a number from 0 up"
    )
