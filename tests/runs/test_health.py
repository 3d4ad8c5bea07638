"""runs/health.py: what is wrong with dataflows, told from what was read."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.runs.health import EXPIRES_WITHIN, PROBLEMS, assess
from runs.flows import NOW, account, live_flow, live_run, uuid

HOUR, DAY = 3_600, 86_400
BASE = uuid(21)


def problems(flow, run=None, **more):
    """The problems of one dataflow: name -> sentence."""
    health = assess([flow], {flow.id: run} if run else {}, {}, NOW, **more)
    return {name: text for group in health.accounts for one in group.flows for name, text in one.problems.items()}


def test_a_dataflow_whose_last_run_went_well_is_well():
    health = assess([live_flow(last="success")], {uuid(1): live_run()}, {}, NOW)
    assert health.well
    assert health.lines() == ["1 dataflow: all well"]


# Failing


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (
            live_run(status="failed", error={"code": "CONNECTOR-1001-500", "message": "Access\n denied"}),
            "the run of 2030-03-17 17:36 UTC ended with status 'failed' (CONNECTOR-1001-500: Access denied)",
        ),
        (live_run(status="failed", error={"code": ""}), "the run of 2030-03-17 17:36 UTC ended with status 'failed'"),
        (live_run(status="failed"), "the run of 2030-03-17 17:36 UTC ended with status 'failed'"),
        (live_run(status="new_word"), "the run of 2030-03-17 17:36 UTC ended with status 'new_word'"),
        (
            live_run(inputRecordCount=100, failedRecordCount=3),
            "the run of 2030-03-17 17:36 UTC dropped 3 of 100 records",
        ),
        (live_run(failedRecordCount=3), "the run of 2030-03-17 17:36 UTC dropped 3 records"),
        (
            live_run(status="partialSuccess"),
            "the run of 2030-03-17 17:36 UTC ended with status 'partialSuccess', but not all of it arrived",
        ),
    ],
)
def test_a_run_that_a_sensor_would_fail_on_makes_a_dataflow_failing(run, sentence):
    assert problems(live_flow(last="success"), run) == {"failing": sentence}


def test_a_long_error_is_cut():
    text = problems(live_flow(last="failed"), live_run(status="failed", error={"message": "x" * 500}))["failing"]
    assert text.endswith("x" * 200 + "...)")


def test_a_run_without_times_is_no_reason_to_stop():
    run = live_run(status="failed").model_copy(update={"created_at": None})
    run.metrics.duration_summary = None
    assert problems(live_flow(last="failed"), run)["failing"].startswith("the run of an unknown time ended")


def test_of_a_run_that_is_not_shown_any_more_the_dataflow_still_tells():
    assert problems(live_flow(last="failed")) == {"failing": "its last run ended with status 'failed'"}
    assert problems(live_flow(last="success")) == {}


# Silent


def began(ago, **more):
    return live_flow(last="success", began=NOW - ago, **more)


@pytest.mark.parametrize(
    ("flow", "silent_for", "silent"),
    [
        (began(2 * HOUR), None, False),
        (began(2 * HOUR + 1), None, True),
        # No less than an hour, however short the interval.
        (began(HOUR, schedule={"frequency": "minute", "interval": 15}), None, False),
        (began(HOUR + 1, schedule={"frequency": "minute", "interval": 15}), None, True),
        (began(2 * HOUR), HOUR, True),
        (began(30 * DAY), 60 * DAY, False),
        (began(1), 0, True),
        # A dataflow without an interval has none of its own.
        (began(30 * DAY, schedule={"frequency": "once"}), None, False),
        (began(30 * DAY, schedule={"frequency": "once"}), DAY, True),
        # A stream has no runs by which it could be told; one that has runs can be.
        (live_flow(schedule=False), DAY, False),
        (began(30 * DAY, schedule=False), None, False),
        (began(30 * DAY, schedule=False), DAY, True),
        # Nobody expects a run of a dataflow that is no dataflow yet.
        (live_flow(state="draft"), DAY, False),
    ],
)
def test_an_enabled_dataflow_without_a_new_run_is_silent(flow, silent_for, silent):
    assert list(problems(flow, silent_for=silent_for)) == (["silent"] if silent else [])


def test_since_when_it_is_silent_is_told():
    assert problems(began(DAY)) == {"silent": "no run has begun since 2030-03-16 17:46 UTC"}
    never = live_flow(createdAt=(NOW - DAY) * 1000)
    assert problems(never) == {"silent": "no run has begun, and it is there since 2030-03-16 17:46 UTC"}


def test_a_dataflow_that_begins_later_is_not_silent():
    assert problems(live_flow(schedule={"frequency": "hour", "interval": 1, "startTime": NOW + DAY})) == {}


def test_a_dataflow_of_an_unknown_age_is_not_silent():
    assert problems(live_flow(createdAt="soon")) == {}


# Expiring and disabled


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (NOW + EXPIRES_WITHIN + 1, {}),
        (NOW + DAY, {"expiring": "its schedule ends at 2030-03-18 17:46 UTC"}),
        (NOW - DAY, {"expiring": "its schedule ended at 2030-03-16 17:46 UTC"}),
    ],
)
def test_a_schedule_that_ends_soon_is_told(end, told):
    assert problems(began(60, schedule={"frequency": "hour", "interval": 1, "endTime": end})) == told


def test_a_disabled_dataflow_is_told_and_is_no_alarm():
    flow = live_flow(state="disabled", last="failed")
    health = assess([flow], {flow.id: live_run(status="failed")}, {}, NOW)
    assert health.count("disabled") == 1
    assert health.count("failing") == health.count("silent") == 0
    assert health.well


# Accounts


def failing(number, base=BASE):
    return live_flow(number, account=base, last="failed")


def test_an_account_that_fails_as_a_whole_comes_first_and_is_explained():
    flows = [
        live_flow(4, name="Alone", account=uuid(22), last="failed"),
        failing(1),
        failing(2),
        live_flow(3, last="failed"),
    ]
    health = assess(flows, {}, {BASE: account(BASE), uuid(22): account(uuid(22), "A source")}, NOW)
    assert [(group.name, group.fails_as_a_whole) for group in health.accounts] == [
        ("Salesforce", True),
        ("A source", False),
        ("without an account", False),
    ]
    assert health.lines() == [
        "4 dataflows: 4 failing",
        "",
        "Salesforce (salesforce): all its enabled dataflows fail, so that its credential may have expired",
        "  failing   Flow 1: its last run ended with status 'failed'",
        "  failing   Flow 2: its last run ended with status 'failed'",
        "",
        "A source (salesforce)",
        "  failing   Alone: its last run ended with status 'failed'",
        "",
        "without an account (salesforce)",
        "  failing   Flow 3: its last run ended with status 'failed'",
    ]


@pytest.mark.parametrize(
    ("flows", "whole"),
    [
        ([failing(1)], False),
        ([failing(1), failing(2)], True),
        ([failing(1), failing(2), live_flow(3, account=BASE, last="success")], False),
        ([failing(1), failing(2), live_flow(3, account=BASE, state="disabled")], True),
        ([failing(1, None), failing(2, None)], False),
    ],
)
def test_only_several_dataflows_of_which_none_is_well_point_to_their_account(flows, whole):
    (group,) = assess(flows, {}, {}, NOW).accounts
    assert group.fails_as_a_whole is whole


def test_an_account_that_is_not_shown_goes_by_its_id():
    (group,) = assess([failing(1)], {}, {}, NOW).accounts
    assert (group.id, group.name) == (BASE, BASE)


def test_a_dataflow_that_does_not_tell_its_source_is_assessed_as_well():
    flow = live_flow(last="failed", inheritedAttributes=None)
    assert assess([flow], {}, {}, NOW).lines()[2] == "without an account"


def test_the_table_as_json():
    flow = failing(1)
    health = assess([flow, failing(2)], {flow.id: live_run(status="failed")}, {BASE: account(BASE)}, NOW)
    assert json.loads(json.dumps(health.to_json())) == {
        "well": False,
        "checked": 2,
        "failing": 2,
        "silent": 0,
        "expiring": 0,
        "disabled": 0,
        "accounts": [
            {
                "base_connection_id": BASE,
                "name": "Salesforce",
                "connector": "salesforce",
                "checked": 2,
                "fails_as_a_whole": True,
                "flows": [
                    {
                        "flow_id": uuid(1),
                        "name": "Flow 1",
                        "problems": {"failing": "the run of 2030-03-17 17:36 UTC ended with status 'failed'"},
                        "run_id": uuid(101),
                    },
                    {
                        "flow_id": uuid(2),
                        "name": "Flow 2",
                        "problems": {"failing": "its last run ended with status 'failed'"},
                        "run_id": None,
                    },
                ],
            }
        ],
    }


STATES = st.sampled_from(["enabled", "disabled", "draft", "enabling", None])
STATUSES = st.sampled_from(["success", "failed", "inProgress", "new_word", None])
SCHEDULES = st.sampled_from(
    [None, False, {"frequency": "once"}, {"frequency": "day", "interval": "1", "endTime": NOW + 1}]
)


@given(
    st.lists(st.tuples(STATES, STATUSES, SCHEDULES, st.sampled_from([None, BASE, uuid(22)]), st.integers(0, 10**7))),
    st.none() | st.integers(0, 10**6),
)
def test_every_dataflow_is_counted_once_and_every_problem_is_told(drawn, silent_for):
    flows = [
        live_flow(number, state=state, last=status, schedule=schedule, account=base, began=NOW - ago)
        for number, (state, status, schedule, base, ago) in enumerate(drawn, 1)
    ]
    health = assess(flows, {}, {}, NOW, silent_for)
    told = [flow for group in health.accounts for flow in group.flows]
    assert health.checked == len(flows)
    assert len({flow.id for flow in told}) == len(told) <= len(flows)
    assert all(flow.problems for flow in told)
    assert len(health.lines()) == 1 + 2 * len(health.accounts) + sum(len(flow.problems) for flow in told)
    assert health.well == all(set(flow.problems) <= {"disabled"} for flow in told)
    assert {problem for flow in told for problem in flow.problems} <= set(PROBLEMS)
    with suppress(StopIteration):
        assert "disabled" not in next(flow for flow in told if len(flow.problems) > 1).problems
