"""One task executed without a scheduler: its context, and each of the ways in which a sensor can wait.

`wait` does what Airflow does between two legs of a task: a new operator each time, XComs cleared when a task is
rescheduled, trigger and event through JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk.execution_time.timeout import timeout

try:
    from airflow.sdk.exceptions import AirflowRescheduleException, TaskDeferred
except ImportError:  # Airflow 3.1
    from airflow.exceptions import AirflowRescheduleException, TaskDeferred

MODES = ("poke", "reschedule", "deferrable", "serialised")
# `serialised` is `deferrable` and more; only the table of verdicts needs both.
WAYS = ("poke", "reschedule", "serialised")


@pytest.fixture(scope="session", autouse=True)
def one_api_server():
    """Airflow 3.1 builds its API anew for each task of `dag.test()`: 1.5 s a task. 3.3 keeps one, and so do we."""
    from airflow.sdk.execution_time import supervisor

    if not hasattr(supervisor.in_process_api_server, "cache_info"):
        supervisor.in_process_api_server = functools.lru_cache(maxsize=1)(supervisor.in_process_api_server)


@pytest.fixture(autouse=True)
def no_old_secrets():
    """Airflow's secrets masker keeps one pattern of all secrets ever seen, and compiles it anew for each: as every
    emulator has its own tokens, the tests would spend most of their time there.
    """
    from airflow._shared.secrets_masker import _secrets_masker as of_the_core
    from airflow.sdk._shared.secrets_masker import _secrets_masker as of_the_sdk

    of_the_core().reset_masker()
    of_the_sdk().reset_masker()


class Ti:
    """As much of a task instance as operators use."""

    task_id = "task"
    dag_id = "dag"
    run_id = "run"
    map_index = -1
    try_number = 1
    max_tries = 0

    def __init__(self):
        self.xcoms = {}
        self.first_reschedule = None

    def xcom_push(self, key, value):
        json.dumps(value)
        self.xcoms[key] = value

    def xcom_pull(self, key, include_prior_dates=False):
        return []

    def get_first_reschedule_date(self, context):
        return self.first_reschedule


def make_context(start_date=None):
    """The context of a task of a DAG run that began now, or then."""
    ti = Ti()
    return {
        "ti": ti,
        "task_instance": ti,
        "run_id": ti.run_id,
        "dag_run": SimpleNamespace(run_id=ti.run_id, start_date=start_date or datetime.now(UTC), conf={}),
        "params": {},
    }


def execute(operator, context=None):
    """The return value, and the XComs pushed besides it."""
    context = context or make_context()
    returned = operator.execute(context)
    return returned, context["ti"].xcoms


def wait(mode, make, context=None):
    """What a sensor ends with.

    :param make: makes the sensor anew for each leg; it is handed `mode` or `deferrable`.
    :param mode: `deferrable` hands the trigger over as an object, `serialised` as its class path and JSON.
    """
    context = context or make_context()
    kwargs = {"poke": {}, "reschedule": {"mode": "reschedule"}}.get(mode, {"deferrable": True})
    resume = None
    while True:
        sensor = make(**kwargs)
        try:
            return leg(sensor, resume or ("execute", {}), context)
        except AirflowRescheduleException:
            context["ti"].first_reschedule = context["ti"].first_reschedule or datetime.now(UTC)
            context["ti"].xcoms.clear()
        except TaskDeferred as deferred:
            event = run_trigger(through_json(deferred.trigger) if mode == "serialised" else deferred.trigger)
            resume = deferred.method_name, {**(deferred.kwargs or {}), "event": event}


def leg(operator, resume, context):
    """One leg, with the alarm that Airflow puts around each: late, as a slow machine must not hear it first."""
    limit = operator.execution_timeout
    method, kwargs = resume
    with timeout(limit.total_seconds() + 60) if limit else contextlib.nullcontext():
        return operator.execute(context) if method == "execute" else operator.resume_execution(method, kwargs, context)


def through_json(trigger):
    """The trigger as another process, or a later version, makes it of what lies in Airflow's database."""
    class_path, kwargs = trigger.serialize()
    return build_trigger(class_path, json.loads(json.dumps(kwargs)))


def build_trigger(class_path, kwargs):
    module, _, name = class_path.rpartition(".")
    return getattr(__import__(module, fromlist=[name]), name)(**kwargs)


def run_trigger(trigger, seconds=30):
    """The one event of a trigger, as the task gets it."""
    (event,) = asyncio.run(asyncio.wait_for(all_events(trigger), seconds))
    return event


async def all_events(trigger):
    return [json.loads(json.dumps(event.payload)) async for event in trigger.run()]
