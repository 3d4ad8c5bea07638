"""Changing, enabling, disabling and removing a live dataflow."""

from datetime import UTC, datetime

import pytest
from direct import TaskState
from provisioning import Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_service import (
    AepDeleteFlowOperator,
    AepSetFlowStateOperator,
    AepUpdateFlowOperator,
)
from airflow_provider_aep.task.compat import AirflowFailException


class TaskInstance:
    """What an operator asks of its task instance."""

    def __init__(self, try_number=1, max_tries=0):
        self.try_number = try_number
        self.max_tries = max_tries
        self.xcoms = {}

    def xcom_push(self, key, value):
        self.xcoms[key] = value


class DagRun:
    start_date = datetime.now(UTC)


def run(operator, context=None):
    """Execute an operator; its return value and the XComs it pushed."""
    ti = TaskInstance()
    value = operator.execute({"ti": ti, "dag_run": DagRun(), **(context or {})})
    return value, ti.xcoms


@pytest.fixture
def chain(aep):
    """An hourly dataflow and everything it stands on."""
    return Provisioning(AepHook().get_conn(), frequency="hour").build()


def writes(aep):
    return [request for request in aep.requests if request.method in ("PATCH", "PUT", "DELETE")]


def live(chain):
    return AepHook().send(flow_service.get_flow(chain.flow))


def test_what_is_named_is_changed_and_nothing_else(aep, chain):
    changes = {"description": "Accounts", "schedule_params": {"frequency": "day"}}

    flow_id, xcoms = run(AepUpdateFlowOperator(task_id="update", flow_id=chain.flow, changes=changes))

    assert flow_id == chain.flow
    assert xcoms["change"] == "updated"
    flow = live(chain)
    assert (flow.description, flow.schedule_params.frequency, flow.schedule_params.interval) == ("Accounts", "day", "1")
    assert flow.etag == xcoms["etag"]
    (patch,) = writes(aep)
    assert patch.headers["if-match"], "the platform refuses a change that does not say what it changes"


def test_a_second_time_nothing_is_written(aep, chain):
    operator = AepUpdateFlowOperator(task_id="update", flow_id=chain.flow, changes={"description": "Accounts"})
    run(operator)

    _, xcoms = run(operator)

    assert xcoms["change"] == "reused"
    assert len(writes(aep)) == 1


def test_a_dataflow_gets_a_new_name_mapping_and_options(aep, chain):
    mapping_set = Provisioning(AepHook().get_conn(), name="Other").build().mapping_set
    changes = {
        "name": "Renamed",
        "mapping_set_id": mapping_set,
        "options": {"errorDiagnosticsEnabled": True},
        "delta_column": {"name": "CreatedDate"},
    }

    # The other mapping set is for another schema, and the platform says so.
    with pytest.raises(AirflowFailException, match="1425-400"):
        run(AepUpdateFlowOperator(task_id="update", flow_id=chain.flow, changes=changes))

    del changes["mapping_set_id"]
    run(AepUpdateFlowOperator(task_id="update", flow_id=chain.flow, changes=changes))
    flow = live(chain)
    assert flow.name == "Renamed"
    assert flow.options["errorDiagnosticsEnabled"] is True
    assert flow.transformation("Copy")["deltaColumn"]["name"] == "CreatedDate"
    assert flow.transformation("Mapping")["mappingId"] == chain.mapping_set


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "changes"),
        ({"flow_spec_id": "x"}, "it is a dict of name, description"),
        ({"schedule_params": {"frequency": "minute", "interval": 10}}, "at least 15"),
        ({"schedule_params": {"frequency": "once"}}, "once"),
        ({"mapping_set_id": "nonsense"}, "mapping_set_id is 'nonsense'"),
        ({"delta_column": {"dateFormat": "YYYY-MM-DD"}}, "delta_column.name"),
        ({"description": 5}, "description"),
    ],
)
def test_a_change_that_cannot_be_is_refused_before_it_is_sent(aep, chain, changes, sentence):
    with pytest.raises((AepConfigError, AepConflictError), match=sentence) as refused:
        run(AepUpdateFlowOperator(task_id="update", flow_id=chain.flow, changes=changes))

    assert isinstance(refused.value, AirflowFailException)
    assert writes(aep) == []


def test_a_start_time_that_has_passed_stays(aep, chain):
    aep.advance(3600)
    changes = {"schedule_params": {"start_time": int(aep.now()) + 3600}}

    with pytest.raises(AepConfigError, match="cannot be changed: the dataflow began"):
        run(AepUpdateFlowOperator(task_id="update", flow_id=chain.flow, changes=changes))


@pytest.mark.parametrize("transition", [0, 20], ids=["at once", "after a while"])
def test_a_dataflow_is_disabled_and_enabled(aep, chain, transition, monkeypatch):
    aep.switches.flow_transition = transition
    operator = AepSetFlowStateOperator(task_id="state", flow_id=chain.flow, state="disabled")
    # Time passes on the emulator's clock only.
    operator.hook.get_conn().sleep = aep.advance

    flow_id, xcoms = run(operator)

    assert (flow_id, xcoms["change"], live(chain).state) == (chain.flow, "updated", "disabled")
    _, xcoms = run(operator)
    assert xcoms["change"] == "reused"
    again = AepSetFlowStateOperator(task_id="state", flow_id=chain.flow, state="enabled")
    again.hook.get_conn().sleep = aep.advance
    run(again)
    assert live(chain).state == "enabled"


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "malformed"])
def test_a_lost_answer_to_disable_does_no_harm(aep, chain, fault):
    aep.fault("POST", "*/action", kind=fault)
    operator = AepSetFlowStateOperator(task_id="state", flow_id=chain.flow, state="disabled")
    operator.hook.get_conn().sleep = aep.advance

    run(operator)

    assert live(chain).state == "disabled"


def test_b5_a_draft_is_published(aep, chain):
    aep._platform.sandboxes["dev"]["flows"][chain.flow]["state"] = "draft"
    operator = AepSetFlowStateOperator(task_id="state", flow_id=chain.flow, state="published")

    assert run(operator)[1]["change"] == "updated"

    assert live(chain).state == "enabled"
    assert run(operator)[1]["change"] == "reused"


def test_there_are_three_states(chain):
    with pytest.raises(AepConfigError, match="state is 'paused'; it is one of enabled, disabled, published"):
        run(AepSetFlowStateOperator(task_id="state", flow_id=chain.flow, state="paused"))


def test_a_dataflow_is_deleted_and_deleting_it_again_is_fine(aep, chain):
    operator = AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow)

    assert run(operator)[0] is None
    assert run(operator)[0] is None

    state = aep.state()
    assert state["flows"] == {}
    assert chain.source_connection in state["sourceConnections"]


def test_a_deletion_waits_until_no_list_shows_the_dataflow_any_more(aep, chain):
    """A task after it that makes the dataflow anew would take the deleted one for the live one."""
    pauses = []
    operator = AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow)
    client = operator.hook.get_conn()
    client.list_lag, client.sleep = 4.0, pauses.append

    for _ in range(2):
        run(operator)

    assert pauses == [4.0]


def test_its_connections_go_with_it_unless_another_dataflow_uses_them(aep, chain):
    run(AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow, delete_connections=True))

    state = aep.state()
    assert state["flows"] == state["sourceConnections"] == state["targetConnections"] == {}
    assert chain.base_connection in state["connections"], "an account may be shared"


def test_connections_that_another_dataflow_uses_stay(aep, chain):
    client = AepHook().get_conn()
    flow = live(chain)
    another = flow.model_copy(update={"name": "Another", "id": None, "etag": None})
    body = {
        key: value
        for key, value in another.to_wire().items()
        if key in ("name", "flowSpec", "sourceConnectionIds", "targetConnectionIds", "transformations")
    }
    body["scheduleParams"] = {"startTime": int(client.now()) + 600, "frequency": "hour", "interval": "1"}
    call = flow_service.create_flow(flow)
    client.send(type(call)("POST", call.path, call.returns, body=body, unwrap=call.unwrap))

    run(AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow, delete_connections=True))

    state = aep.state()
    assert chain.source_connection in state["sourceConnections"]
    assert chain.target_connection in state["targetConnections"]


def test_what_is_left_is_named(aep, chain):
    aep.fault("DELETE", f"*/sourceConnections/{chain.source_connection}", kind="status", status=403, times=None)

    with pytest.raises(AirflowFailException, match=f"still there: source connection {chain.source_connection}"):
        run(AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow, delete_connections=True))


def test_a_retry_deletes_what_the_first_try_left(aep, chain):
    store = TaskState()
    aep.fault("DELETE", f"*/sourceConnections/{chain.source_connection}", kind="status", status=403)
    operator = AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow, delete_connections=True)
    with pytest.raises(AirflowFailException):
        run(operator, {"task_state_store": store})

    run(operator, {"task_state_store": store})

    assert aep.state()["sourceConnections"] == {}


def test_a_retry_that_cannot_know_the_connections_says_so(aep, chain, capsys):
    """Airflow 3.1 has no task state store, and the first try ended after the dataflow was gone."""
    aep.fault("DELETE", "*/targetConnections/*", kind="status", status=403)
    operator = AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow, delete_connections=True)
    with pytest.raises(AirflowFailException):
        run(operator)
    both = f"source connection {chain.source_connection}, target connection {chain.target_connection}"
    assert f"Dataflow {chain.flow} is deleted first, then {both}." in capsys.readouterr().out

    run(operator)

    assert f"Dataflow {chain.flow} is gone, so its source and target connections cannot be known any more" in (
        capsys.readouterr().out
    )
    assert chain.source_connection in aep.state()["sourceConnections"]


def test_who_keeps_the_connections_is_not_warned_of_them(chain, capsys):
    operator = AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow)
    run(operator)
    run(operator)
    assert "cannot be known" not in capsys.readouterr().out


def test_the_deleted_dataflow_that_is_still_listed_uses_nothing(aep, chain):
    listed = {"items": [live(chain).to_wire()]}
    aep.fault("GET", "*/flows", kind="status", status=200, body=listed, times=2)

    run(AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow, delete_connections=True))

    state = aep.state()
    assert state["sourceConnections"] == state["targetConnections"] == {}


def test_a_listed_dataflow_that_uses_others_does_not_count(aep, chain):
    """As if the platform took no notice of the filter."""
    other = Provisioning(AepHook().get_conn(), name="Other", frequency="hour").build()
    listed = {"items": [live(other).to_wire()]}
    aep.fault("GET", "*/flows", kind="status", status=200, body=listed, times=2)

    run(AepDeleteFlowOperator(task_id="delete", flow_id=chain.flow, delete_connections=True))

    state = aep.state()
    assert list(state["sourceConnections"]) == [other.source_connection]
    assert list(state["targetConnections"]) == [other.target_connection]
