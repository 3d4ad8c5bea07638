"""Reaching a state: whoever does it, and whatever becomes of the answers."""

import pytest
from direct import Naps, asked, direct_client
from provisioning import Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepNotFoundError, AepUnreachableError
from airflow_provider_aep.runs.flow_state import disable_at_once, set_state


class Dataflow:
    """An hourly dataflow, and how a test treats it."""

    def __init__(self, aep):
        self.aep = aep
        self.client = direct_client(aep)
        self.id = Provisioning(self.client, frequency="hour").build().flow
        self.naps = Naps(aep.advance)

    @property
    def state(self):
        return self.client.send(flow_service.get_flow(self.id)).state

    def disable(self, send=None, **options):
        return set_state(send or self.client.send, self.naps, self.id, "disabled", **options)

    @property
    def actions(self):
        return len(asked(self.aep, "POST", "/action"))


@pytest.fixture
def dataflow(aep):
    return Dataflow(aep)


def test_what_is_in_that_state_is_left_alone(dataflow):
    assert set_state(dataflow.client.send, dataflow.naps, dataflow.id, "enabled") == "reused"
    assert dataflow.actions == 0


def test_what_is_not_is_changed_without_a_pause(dataflow):
    assert dataflow.disable() == "updated"
    assert set_state(dataflow.client.send, dataflow.naps, dataflow.id, "enabled") == "updated"
    assert (dataflow.state, dataflow.naps) == ("enabled", [])


def test_it_takes_a_while(dataflow):
    dataflow.aep.switches.flow_transition = 20
    assert dataflow.disable() == "updated"
    assert (dataflow.state, dataflow.actions) == ("disabled", 1)


@pytest.mark.parametrize("transition", [0, 20])
def test_somebody_else_does_the_same_between_the_look_and_the_action(dataflow, transition):
    """1422-400, or 1421-400 while it is on its way: the wanted state is reached all the same."""
    dataflow.aep.switches.flow_transition = transition

    def send(call):
        if call.method == "POST" and not dataflow.actions:
            dataflow.client.send(flow_service.disable_flow(dataflow.id))
        return dataflow.client.send(call)

    assert dataflow.disable(send) == "reused"
    assert (dataflow.state, dataflow.actions) == ("disabled", 2)


def test_somebody_else_changes_it_meanwhile(dataflow):
    """What was refused because of that is asked again when it has settled."""
    dataflow.aep.switches.flow_transition = 5

    def send(call):
        if call.method == "POST" and not dataflow.actions:
            set_state(dataflow.client.send, dataflow.naps, dataflow.id, "disabled")
            dataflow.client.send(flow_service.enable_flow(dataflow.id))
        return dataflow.client.send(call)

    assert dataflow.disable(send) == "updated"
    assert dataflow.state == "disabled"


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "malformed", "status"])
def test_answers_are_lost(dataflow, fault):
    dataflow.aep.fault("POST", "*/action", kind=fault, times=2)
    assert dataflow.disable() == "updated"
    assert dataflow.state == "disabled"


def test_an_outage_lasts(dataflow):
    dataflow.aep.fault("POST", "*/action", kind="drop_before", times=None)
    with pytest.raises(AepUnreachableError):
        dataflow.disable(pauses=(1, 2, 4))
    assert (dataflow.naps, dataflow.actions) == ([1, 2, 4], 3)


def test_a_refusal_is_final(dataflow):
    dataflow.aep.fault("POST", "*/action", kind="status", status=403, times=None)
    with pytest.raises(AepApiError, match="403"):
        dataflow.disable()
    assert (dataflow.naps, dataflow.actions) == ([], 1)


def test_it_does_not_settle(dataflow):
    dataflow.aep.switches.flow_transition = 86_400
    with pytest.raises(AepConflictError, match="has been in state 'disabling' for 60 s instead of 'disabled'"):
        dataflow.disable()


def test_it_is_gone(dataflow):
    dataflow.client.send(flow_service.delete_flow(dataflow.id))
    with pytest.raises(AepNotFoundError):
        dataflow.disable()


@pytest.mark.parametrize("fault", [None, {"kind": "status", "status": 503}, {"kind": "drop_after"}])
def test_a_task_that_is_killed_disables_its_dataflow(dataflow, fault):
    if fault:
        dataflow.aep.fault("POST", "*/action", **fault)
    disable_at_once(dataflow.client, dataflow.id)
    assert dataflow.state == "disabled"
