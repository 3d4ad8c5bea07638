"""Reaching a state: whoever does it, and whatever becomes of the answers."""

import pytest
from direct import Naps, asked, direct_client
from provisioning import Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepNotFoundError, AepUnreachableError
from airflow_provider_aep.runs.flow_state import disable_at_once, publish, set_state


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


# B5: drafts


ROUTES = {
    "base_connection": "connections",
    "source_connection": "sourceConnections",
    "target_connection": "targetConnections",
    "flow": "flows",
}
ALL = tuple(ROUTES)


class Draft:
    """A dataflow and what it stands on, of which some are drafts."""

    def __init__(self, aep, drafts):
        self.aep = aep
        self.client = direct_client(aep)
        self.chain = Provisioning(self.client, frequency="hour").build()
        self.naps = Naps(aep.advance)
        for step in drafts:
            self.record(step)["state"] = "draft"
        self.began = len(aep.requests)

    def record(self, step):
        return self.aep._platform.sandboxes["dev"][ROUTES[step]][self.chain.ids[step]]

    def publish(self, send=None):
        return publish(send or self.client.send, self.naps, self.chain.flow)

    @property
    def published(self):
        """The routes whose `publish` was asked for, in order."""
        actions = [record for record in self.aep.requests[self.began :] if record.path.endswith("/action")]
        assert all(record.query["op"] in ("publish", ["publish"]) for record in actions)
        return [record.path.split("/")[-3] for record in actions]

    @property
    def states(self):
        return {self.record(step)["state"] for step in ALL}


@pytest.mark.parametrize(
    "drafts",
    [ALL, ("flow",), ("source_connection", "flow"), ("base_connection", "target_connection", "flow")],
    ids=lambda drafts: " ".join(drafts),
)
def test_b5_a_draft_is_published_after_what_it_stands_on(aep, drafts):
    """Adobe: publish a base connection before a source connection, and both ends before the dataflow."""
    draft = Draft(aep, drafts)
    assert draft.publish() == "updated"
    assert draft.published == [ROUTES[step] for step in ALL if step in drafts]
    assert draft.states == {"enabled"}
    assert draft.publish() == "reused"


def test_b5_what_is_no_draft_is_left_alone_whatever_it_stands_on(aep):
    draft = Draft(aep, ("source_connection",))
    assert draft.publish() == "reused"
    assert draft.published == []


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "malformed", "status"])
def test_b5_answers_to_publishing_are_lost(aep, fault):
    draft = Draft(aep, ALL)
    aep.fault("POST", "*/action", kind=fault, times=2)
    assert draft.publish() == "updated"
    assert draft.states == {"enabled"}


def test_b5_a_draft_that_lacks_something_is_refused_in_the_platforms_words(aep):
    draft = Draft(aep, ("flow",))
    draft.record("flow")["transformations"] = []
    with pytest.raises(AepApiError, match="1367-400"):
        draft.publish()
    assert draft.record("flow")["state"] == "draft"


def test_b5_enabling_a_draft_says_how_it_is_published(aep):
    draft = Draft(aep, ("flow",))
    with pytest.raises(AepApiError, match=r'The dataflow is a draft: publish it with state="published"'):
        set_state(draft.client.send, draft.naps, draft.chain.flow, "enabled")
    assert draft.naps == []
