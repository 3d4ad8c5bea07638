"""runs/run_lists.py on the local AEP: the runs of many dataflows with few requests."""

import pytest
from emulator.caller import Caller
from watching import Watching

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.runs.run_lists import RunLists

UNKNOWN_ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def api(aep):
    with Caller(aep) as api:
        yield api


@pytest.fixture
def lists(aep):
    return Lists(aep)


class Lists:
    def __init__(self, aep):
        self.watching = Watching(aep)
        self.lists = RunLists(self.watching.watcher.pacer)

    def read(self, *flow_ids, in_full=lambda flow_id, run: True):
        return self.watching.run(self.lists.read(dict.fromkeys(flow_ids, 1), in_full=in_full))

    def polls(self):
        return self.watching.polls()


def ended_runs(api, aep, number=2):
    """Dataflow -> its run, which has ended."""
    runs = {}
    for _ in range(number):
        flow_id = api.once_flow()
        runs[flow_id] = api.run(flow_id)
    aep.advance(3600)
    return runs


@pytest.mark.assumes("run-id-lists", "flow-id-lists")
def test_one_request_lists_all_dataflows_and_one_reads_what_has_ended_in_full(api, aep, lists):
    runs = ended_runs(api, aep, 3)
    found = lists.read(*runs)
    assert {flow_id: [run.id for run in listed] for flow_id, listed in found.items()} == {
        flow_id: [run_id] for flow_id, run_id in runs.items()
    }
    assert all(run.records["output"] for listed in found.values() for run in listed)
    # The first list shows runs of several dataflows, which proves that lists work.
    assert lists.polls() == [3, 3]


@pytest.mark.assumes("run-id-lists", "flow-id-lists")
def test_what_nobody_wants_in_full_is_not_read(api, aep, lists):
    runs = ended_runs(api, aep)
    found = lists.read(*runs, in_full=lambda flow_id, run: False)
    assert all(run.finished and run.records["output"] is None for listed in found.values() for run in listed)
    assert lists.polls() == [2]


def test_a_single_dataflow_and_a_single_run_are_asked_for_alone(api, aep, lists):
    ((flow_id, run_id),) = ended_runs(api, aep, 1).items()
    (run,) = lists.read(flow_id)[flow_id]
    assert (run.id, run.status) == (run_id, "success")


def test_one_that_does_not_exist_hides_no_other(api, aep, lists, caplog):
    runs = ended_runs(api, aep)
    aep.fault("GET", "*/runs", kind="status", status=404, times=1)
    assert set(lists.read(*runs)) == set(runs)
    aep.fault("GET", "*/runs", kind="status", status=404, times=3)
    assert lists.read(*runs) == {}
    assert "cannot be listed" in caplog.text


def test_where_lists_are_refused_each_is_asked_for_alone(api, aep, lists):
    aep.switches.refuse_run_id_lists = True
    runs = ended_runs(api, aep)
    aep.fault("GET", "*/runs", kind="status", status=400, times=2)
    found = lists.read(*runs)
    assert {run.status for listed in found.values() for run in listed} == {"success"}
    asked = len(lists.polls())
    lists.read(*runs)
    assert 2 not in lists.polls()[asked:]


def test_a_list_that_shows_what_was_not_asked_for_is_not_believed(api, aep, lists, mocker):
    runs = ended_runs(api, aep, 3)
    first, second, third = runs
    mocker.patch.object(flow_service, "list_runs_of", return_value=flow_service.list_runs(third))
    found = lists.read(first, second)
    assert {flow_id: [run.id for run in listed] for flow_id, listed in found.items()} == {
        first: [runs[first]],
        second: [runs[second]],
    }


def test_ids_that_a_list_leaves_out_are_asked_for_alone(api, aep, lists):
    runs = ended_runs(api, aep)
    lists.read(*runs, in_full=lambda flow_id, run: False)
    asked = len(lists.polls())

    last = list(runs)[-1]

    def then_refuse(flow_id, run):
        if flow_id == last:
            aep.fault("GET", "*/runs", kind="status", status=403, times=2)
        return True

    found = lists.read(*runs, in_full=then_refuse)
    assert all(run.records["output"] for listed in found.values() for run in listed)
    assert {*runs.values()} <= {*lists.polls()[asked:]}


@pytest.mark.assumes("run-id-lists", "flow-id-lists")
def test_lists_are_checked_until_they_are_proven(api, aep, lists):
    flows = [api.once_flow(), api.once_flow()]
    run_id = api.run(flows[1])
    aep.advance(3600)
    found = lists.read(*flows)
    assert [run.id for run in found[flows[1]]] == [run_id]
    assert lists.lists._lists.proven


def test_an_outage_is_for_the_caller(api, aep, lists):
    runs = ended_runs(api, aep)
    aep.fault("GET", "*", kind="status", status=503, times=None)
    with pytest.raises(AepApiError):
        lists.read(*runs)
    with pytest.raises(AepApiError):
        lists.read(next(iter(runs)))


def test_an_outage_while_ended_runs_are_read_is_for_the_caller(api, aep, lists):
    runs = ended_runs(api, aep)
    lists.read(*runs, in_full=lambda flow_id, run: False)

    def fault_then(flow_id, run):
        aep.fault("GET", "*", kind="status", status=503, times=None)
        return True

    with pytest.raises(AepApiError):
        lists.read(*runs, in_full=fault_then)
