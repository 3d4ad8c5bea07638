"""runs/flow_list.py: dataflows by name, their last runs and accounts, in few requests."""

import pytest
from direct import asked, direct_client
from many import add_runs, clone_flow
from provisioning import Provisioning

from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepNotFoundError
from airflow_provider_aep.runs.flow_list import accounts_of, last_ended_runs, list_flows
from runs.flows import account, live_flow, live_run, uuid


class Platform:
    """Answers calls from what it is given, and remembers them: path and filters.

    :param lists: the items that any list shows.
    :param single: id -> what is answered to a look at one; an exception is raised, what is missing is not found.
    """

    def __init__(self, lists=(), single=()):
        self.lists = lists
        self.single = dict(single)
        self.calls = []

    def __call__(self, call):
        self.calls.append((call.path.rpartition("flowservice")[2], call.params.get("property", [])))
        if "property" in call.params or call.next_page:
            if isinstance(self.lists, Exception):
                raise self.lists
            return list(self.lists)
        answer = self.single.get(call.path.rpartition("/")[2], AepNotFoundError("gone", status=404))
        if isinstance(answer, Exception):
            raise answer
        return answer


# Which dataflows


ORDERS = live_flow(1, name="Orders [EU]")
RETURNS = live_flow(2, name="Returns")
TO_A_DESTINATION = live_flow(
    3, name="Audience", inheritedAttributes={"properties": {"isDestinationFlow": True, "isSourceFlow": False}}
)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], [ORDERS, RETURNS]),
        (["Returns"], [RETURNS]),
        (["Ret*"], [RETURNS]),
        (["Orders [EU]"], [ORDERS]),
        (["Orders*", "*"], [ORDERS, RETURNS]),
        ([uuid(2)], [RETURNS]),
    ],
)
def test_dataflows_are_chosen_by_name_pattern_or_id(names, found):
    assert list_flows(Platform([RETURNS, TO_A_DESTINATION, ORDERS]), names) == found


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["Return"], "No source dataflow of this sandbox is called 'Return'; the nearest are 'Returns'."),
        (["x*", "Returns"], "No source dataflow of this sandbox is called 'x*'."),
        (["returns"], "No source dataflow of this sandbox is called 'returns'; the nearest are 'Returns'."),
    ],
)
def test_a_name_that_no_dataflow_has_is_an_error(names, sentence):
    with pytest.raises(AepConfigError) as raised:
        list_flows(Platform([RETURNS, ORDERS]), names)
    assert str(raised.value) == sentence


# Their last runs


def test_the_last_runs_are_one_list():
    send = Platform([live_run(1), live_run(2, "failed")])
    runs = last_ended_runs(send, [live_flow(1, last="success"), live_flow(2, last="failed"), live_flow(3)])
    assert {flow_id: run.status for flow_id, run in runs.items()} == {uuid(1): "success", uuid(2): "failed"}
    assert send.calls == [("/runs", [f"id=={uuid(101)},{uuid(102)}"])]


def test_nothing_is_asked_where_nothing_ran():
    send = Platform()
    assert last_ended_runs(send, [live_flow(1)]) == {}
    assert send.calls == []


def test_what_a_list_leaves_out_is_asked_for_alone():
    send = Platform([live_run(1)], {uuid(102): live_run(2, "failed")})
    runs = last_ended_runs(send, [live_flow(1, last="success"), live_flow(2, last="failed")])
    assert runs[uuid(2)].status == "failed"
    assert send.calls[1] == (f"/runs/{uuid(102)}", [])


@pytest.mark.parametrize("status", [403, 404])
def test_a_run_that_is_gone_or_hidden_is_left_out(status):
    send = Platform([], {uuid(101): AepApiError("no", status=status)})
    assert last_ended_runs(send, [live_flow(1, last="failed")]) == {}


def test_a_list_that_shows_what_was_not_asked_for_is_read_for_what_was():
    assert list(last_ended_runs(Platform([live_run(1), live_run(5)]), [live_flow(1, last="success")])) == [uuid(1)]


def test_other_errors_are_not_swallowed():
    with pytest.raises(AepApiError, match="unwell"):
        last_ended_runs(Platform(AepApiError("unwell", status=503)), [live_flow(1, last="success")])
    with pytest.raises(AepApiError, match="unwell"):
        last_ended_runs(Platform([], {uuid(101): AepApiError("unwell", status=503)}), [live_flow(1, last="success")])


def test_a_platform_that_refuses_lists_is_asked_one_by_one():
    flows = [live_flow(number, last="success") for number in range(1, 61)]
    send = Platform(AepApiError("1443", status=400), {uuid(100 + number): live_run(number) for number in range(1, 61)})
    assert len(last_ended_runs(send, flows)) == 60
    assert len(send.calls) == 61  # the second list of fifty is not tried


def test_of_a_run_under_way_the_one_before_counts():
    """A list of runs by dataflow is asked for, then the run itself, with its errors."""
    shown = [
        live_run(1, "inProgress", id_=uuid(101)),
        live_run(1, "failed", id_=uuid(51), began=1_899_990_000),
        live_run(1, "success", id_=uuid(50), began=1_899_980_000),
    ]
    send = Platform(shown)
    runs = last_ended_runs(send, [live_flow(1, last="inProgress", schedule={"frequency": "once"})])
    assert runs[uuid(1)].id == uuid(51)
    assert send.calls == [("/runs", [f"flowId=={uuid(1)}"]), ("/runs", [f"id=={uuid(51)}"])]


def test_a_first_run_under_way_says_nothing_yet():
    send = Platform([live_run(1, "inProgress")], {uuid(1): []})
    assert last_ended_runs(send, [live_flow(1, last="inProgress", schedule=False)]) == {}


def test_a_time_that_cannot_be_read_is_no_reason_to_stop():
    odd = live_flow(1, last="inProgress").model_dump(by_alias=True)
    odd["lastRunDetails"]["startedAtUTC"] = "soon"
    assert last_ended_runs(Platform([live_run(1, "failed", id_=uuid(50))]), [type(ORDERS).model_validate(odd)])


def test_a_run_that_goes_on_after_all_is_left_out():
    assert last_ended_runs(Platform([live_run(1, "inProgress")]), [live_flow(1, last="success")]) == {}


# Their accounts


def test_accounts_are_asked_for_once_and_together():
    one, other = uuid(21), uuid(22)
    send = Platform([account(one), account(other, "S3")])
    flows = [live_flow(1, account=one), live_flow(2, account=one), live_flow(3, account=other), live_flow(4)]
    assert {id_: base.name for id_, base in accounts_of(send, flows).items()} == {one: "Salesforce", other: "S3"}
    assert send.calls == [("/connections", [f"id=={one},{other}"])]


# On the emulator


@pytest.mark.aep(speed=0, max_page_size=100)
@pytest.mark.parametrize("refuse", [False, True])
def test_sixty_dataflows_are_looked_at_with_four_requests(aep, refuse):
    """A list that is refused is asked for twice, as the client does with all refusals, and then not any more."""
    client = direct_client(aep)
    first = Provisioning(client).build().flow
    flow_ids = [first, *clone_flow(aep, first, 59)]
    add_runs(aep, *flow_ids)
    aep.advance(600)
    aep.switches.refuse_run_id_lists = refuse
    before = len(asked(aep, "GET"))
    flows = list_flows(client.send)
    assert len(last_ended_runs(client.send, flows)) == 60
    assert len(accounts_of(client.send, flows)) == 1
    assert len(asked(aep, "GET")) - before == (1 + 2 + 60 + 1 if refuse else 1 + 2 + 1)
