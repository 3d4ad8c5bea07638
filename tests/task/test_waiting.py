"""How long a task waits, what it announces, and which error ends it when time is up."""

import logging
import math
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operators.execution import make_context
from runs.listed import listed_run

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.task.compat import AirflowSensorTimeout, AirflowTaskTimeout
from airflow_provider_aep.task.waiting import (
    Deadline,
    LastSeen,
    announce_run,
    for_end_of,
    for_first,
    log_resumed,
    no_run_yet,
    run_page,
    run_timed_out,
    sensor_timed_out,
)

RUN = FlowRun.model_validate(
    {"id": "r", "flowId": "f", "metrics": {"statusSummary": {"status": "inProgress"}}},
)


class Client:
    """What `announce_run` reads of an `AepClient`."""

    host = "https://platform.adobe.io"
    org_id = "1234@AdobeOrg"
    sandbox = "dev"

    def send(self, call, patience):
        raise AssertionError(f"{call} is not asked for")


def test_a_wait_ends_at_its_time_out_or_at_airflows_limit_whichever_comes_first():
    assert Deadline(1000.0, 60.0).at == 1060
    assert Deadline(1000.0, 60.0, timedelta(seconds=20)).at == 1020
    assert Deadline(1000.0, 60.0, timedelta(seconds=90)).at == 1060


@pytest.mark.parametrize(("limit", "last_poll"), [(1, 0.95), (100, 95), (3600, 3590)])
def test_a_worker_polls_for_the_last_time_before_airflows_alarm(limit, last_poll):
    assert Deadline(0.0, 7200.0, timedelta(seconds=limit)).in_worker == pytest.approx(last_poll)


def test_without_an_alarm_a_worker_polls_until_the_deadline():
    assert Deadline(0.0, 3600.0).in_worker == 3600
    assert Deadline(0.0, 10.0, timedelta(seconds=3600)).in_worker == 10


SECONDS = st.floats(min_value=0.01, max_value=1e7)


@given(begun=st.floats(min_value=0, max_value=4e9), timeout=SECONDS, alarm=st.none() | SECONDS)
def test_a_worker_never_polls_after_the_deadline_and_always_before_the_alarm(begun, timeout, alarm):
    deadline = Deadline(begun, timeout, None if alarm is None else timedelta(seconds=alarm))
    assert begun <= deadline.in_worker <= deadline.at <= begun + timeout
    if alarm is not None and begun == 0:
        assert deadline.in_worker < timedelta(seconds=alarm).total_seconds()


def test_airflow_gives_up_on_a_triggerer_only_after_the_trigger_has():
    assert Deadline(time.time(), 60.0).defer_timeout().total_seconds() == pytest.approx(660, abs=2)
    assert Deadline(0.0, 60.0).defer_timeout().total_seconds() == 601  # Late already: the trigger polls once.


def test_whether_time_is_up():
    assert Deadline(time.time() - 61, 60.0).passed
    assert not Deadline(time.time(), 60.0).passed
    assert not Deadline(math.inf, 60.0).passed


def test_a_sensor_says_which_limit_ended_the_wait():
    what = for_first("flow run", "dataflow f", 1_900_000_000_000)
    by_timeout = sensor_timed_out(Deadline(1.9e9, 60.0, timedelta(hours=1)), what, LastSeen())
    by_airflow = sensor_timed_out(Deadline(1.9e9, 3600.0, timedelta(seconds=60)), what, LastSeen())
    assert type(by_timeout) is AirflowSensorTimeout
    assert type(by_airflow) is AirflowTaskTimeout
    assert (
        str(by_timeout)
        == str(by_airflow)
        == (
            "Still waiting after 0:01:00, since 2030-03-17T17:46:40+00:00, for a flow run of dataflow f made since "
            "2030-03-17T17:46:40+00:00; last seen: nothing."
        )
    )


def test_an_operator_says_whether_a_run_goes_on():
    waited = run_timed_out(Deadline(1.9e9, 60.0), for_end_of("r", "f"), LastSeen(RUN))
    assert type(waited) is AirflowTaskTimeout
    assert str(waited) == (
        "Still waiting after 0:01:00, since 2030-03-17T17:46:40+00:00, for the end of flow run r of dataflow f; last "
        "seen: flow run r, status inProgress. The run goes on; a retry waits for it again."
    )
    unstarted = run_timed_out(Deadline(1.9e9, 60.0), "to start a run of dataflow f", LastSeen(), started=False)
    assert str(unstarted) == (
        "Still waiting after 0:01:00, since 2030-03-17T17:46:40+00:00, to start a run of dataflow f; last seen: "
        "nothing. No run was started for this task."
    )


def test_what_was_seen_last_is_said_with_why_the_last_look_failed():
    assert str(LastSeen(RUN, problem="GET /runs/r got no response.")) == (
        "flow run r, status inProgress; the last look failed: GET /runs/r got no response"
    )
    assert str(LastSeen(problem="GET /runs/r got no response.")) == (
        "nothing; the last look failed: GET /runs/r got no response"
    )


def test_a_dataflow_whose_runs_are_all_older_is_not_said_to_have_none():
    assert no_run_yet(1_900_000_000_000, []) == "no flow run made since 2030-03-17T17:46:40+00:00"
    runs = [
        listed_run("older", "success", created_at=1_800_000_000_000),
        listed_run("newest", "failed", created_at=1_899_999_999_000),
    ]
    assert no_run_yet(1_900_000_000_000, runs) == (
        "no flow run made since 2030-03-17T17:46:40+00:00; the newest older one is newest, made at "
        "2030-03-17T17:46:39+00:00, status failed"
    )


def test_a_resumed_task_knows_from_the_event_when_its_wait_began():
    deadline = Deadline(math.inf, 60.0)
    assert deadline.as_kept_by({"deadline": 1060.0}).begun == 1000
    assert deadline.as_kept_by({}) == deadline  # of a task that an earlier version deferred


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"run": {"id": "r", "flowId": "f"}, "timeout": False}, ["Resumed: the triggerer saw flow run r: None"]),
        ({"run": {"id": "r", "flowId": "f"}, "timeout": True}, []),
        ({"answered": True, "timeout": False}, ["Resumed: the platform answers"]),
        ({"refused": {}}, []),
    ],
)
def test_a_resumed_task_says_what_its_trigger_saw(caplog, event, said):
    caplog.set_level(logging.INFO)
    log_resumed(event)
    assert caplog.messages == said


def test_a_run_is_announced_with_its_page():
    context = make_context()
    announce_run(context, Client(), RUN)
    page = run_page(Client(), RUN)
    assert page.endswith("/@1234@AdobeOrg/sname:dev/platform/source/dataflows/f/activity/r")
    assert context["ti"].xcoms == {"run_id": "r", "aep_run_url": page, "_link_AepFlowRunLink": page}


def test_a_run_that_does_not_say_whose_it_is_has_no_page():
    context = make_context()
    announce_run(context, Client(), RUN.model_copy(update={"flow_id": None}))
    assert context["ti"].xcoms == {"run_id": "r"}
