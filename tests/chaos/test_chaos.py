"""A fifth of all requests fails, and everything is there once. `make chaos` runs more of it."""

from collections import Counter

import pytest
from storm import KINDS, Log, faults_in, provision, provision_by_rivals, start_runs


@pytest.mark.parametrize("seed", [1, 2])
def test_every_dataflow_is_there_once_though_a_fifth_of_all_requests_fails(aep, seed):
    log = Log()
    aep.chaos(rate=0.2, seed=seed, kinds=KINDS)

    chains, failed = provision(aep, 12, threads=4, log=log)

    aep.clear_faults()
    assert failed == []
    assert len(set(chains)) == 12
    assert faults_in(aep.state(aep.sandbox), chains) == []
    assert {record.fault for record in aep.requests} >= set(KINDS), "every kind of trouble was met"


def test_two_tasks_that_make_the_same_dataflow_end_with_one(aep):
    aep.chaos(rate=0.2, seed=3, kinds=KINDS)

    chains, failed = provision(aep, 8, threads=8, log=Log(), tasks_per_name=2)

    aep.clear_faults()
    assert failed == []
    assert len(chains) == 16
    assert len(set(chains)) == 8, "both tasks ended with the same ids"
    # The platform cannot delete a mapping set, so the second of two stays; no dataflow uses it.
    assert faults_in(aep.state(aep.sandbox), chains, spare=("mappingSets",)) == []


@pytest.mark.aep(list_lag=4)
@pytest.mark.parametrize("seed", [5, 6])
def test_six_tasks_end_with_one_of_each_though_lists_show_each_object_at_a_time_of_its_own(aep, seed):
    aep.chaos(rate=0.2, seed=seed, kinds=KINDS)

    chains, failed = provision_by_rivals(aep, 2, rivals=6, log=Log())

    aep.clear_faults()
    assert failed == []
    assert len(chains) == 12
    assert len(set(chains)) == 2, "all tasks ended with the same ids"
    # Nothing is there twice, and nothing is gone that anybody was handed.
    assert faults_in(aep.state(aep.sandbox), chains, spare=("mappingSets",)) == []


@pytest.mark.aep(run_visibility_lag=3)
def test_every_run_is_started_once_though_a_fifth_of_all_requests_fails(aep):
    chains, _ = provision(aep, 12, threads=4, log=Log())
    flow_ids = [chain.flow for chain in chains]
    aep.chaos(rate=0.2, seed=4, kinds=KINDS)

    run_ids = start_runs(aep, flow_ids, log=Log())

    aep.clear_faults()
    runs = aep.state(aep.sandbox)["runs"]
    assert Counter(run["flowId"] for run in runs.values()) == Counter(flow_ids)
    assert [runs[run_id]["flowId"] for run_id in run_ids] == flow_ids
