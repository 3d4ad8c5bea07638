"""The request for a flow run: which windows it covers, and its written form."""

import json
from datetime import UTC, datetime

import pytest
from direct import TaskState
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.runs.record import KEY, RunRecord
from airflow_provider_aep.runs.request import RunRef, RunRequest, run_ref, run_window

from .listed import FLOW_ID, listed_run

SECONDS = st.integers(0, 4_000_000_000)
WINDOWS = st.tuples(SECONDS, SECONDS)
RUN_IDS = st.uuids().map(str)
REFS = st.builds(RunRef, RUN_IDS, st.integers(0, 4_000_000_000_000))
REQUESTS = st.builds(RunRequest, RUN_IDS, st.none() | WINDOWS, st.none() | REFS)
RECORDS = st.builds(
    RunRecord,
    at_ms=st.integers(0, 4_000_000_000_000),
    run_id=st.none() | RUN_IDS,
    generation=st.integers(0, 9),
    attached=st.booleans(),
    failed=st.none() | REFS,
)


def test_a_request_covers_its_own_window_only():
    request = RunRequest(FLOW_ID, (10, 20))
    assert request.covers((10, 20))
    assert not request.covers((11, 20))
    assert not request.covers((10, 21))
    assert not request.covers(None)
    assert not RunRequest(FLOW_ID, None).covers((10, 20))


@given(WINDOWS)
def test_every_spelling_of_a_time_is_the_same_window(window):
    as_text = tuple(datetime.fromtimestamp(second, UTC).isoformat() for second in window)
    for spelling in (window, as_text, tuple(f"{second}.0" for second in window)):
        assert run_window(listed_run("a", window=spelling)) == window


@pytest.mark.parametrize("window", [("1900000000000", "1900003600000"), (1.9e12, 1.9036e12)])
def test_a_window_in_milliseconds_is_told_apart(window):
    assert run_window(listed_run("a", window=window))[0] == 1_900_000_000


@pytest.mark.parametrize("odd", ["", "soon", "nan", "inf", "-inf", {}])
def test_a_window_that_cannot_be_read_is_none(odd):
    assert run_window(listed_run("a", window=(odd, 1_900_000_000))) is None
    assert run_window(listed_run("a", window=(1_900_000_000, odd))) is None


def test_a_run_without_a_creation_time_counts_as_the_oldest():
    assert run_ref(listed_run("a", created_at=None)) == RunRef("a", 0)


# Its record


@given(REQUESTS, RECORDS)
def test_what_is_written_down_is_read_again(request, record):
    store = TaskState()
    record.write(store, request)
    later = TaskState(json.loads(json.dumps(store)))
    assert RunRecord.read(later, request) == record


@given(REQUESTS, REQUESTS, RECORDS)
def test_the_record_of_another_request_is_none(request, other, record):
    store = TaskState()
    record.write(store, other)
    same_run = request.flow_id == other.flow_id and request.window == other.window
    if not same_run:
        assert RunRecord.read(store, request) is None


def test_without_a_store_nothing_is_known():
    request = RunRequest(FLOW_ID, (10, 20))
    assert RunRecord.read(None, request) is None
    assert RunRecord.read(TaskState(), request) is None


def test_key_and_fields_are_those_of_earlier_versions():
    """A run whose record is not understood is started twice."""
    store = TaskState()
    RunRecord(1, None, 3).write(store, RunRequest(FLOW_ID, (10, 20)))
    assert store == {
        "aep_own_run": {
            "at_ms": 1,
            "run_id": None,
            "generation": 3,
            "flow_id": FLOW_ID,
            "window": [10, 20],
            "repeats": None,
        }
    }
    RunRecord(1, "a", 3, attached=True, failed=RunRef("b", 2)).write(
        store, RunRequest(FLOW_ID, None, repeats=RunRef("c", 4))
    )
    assert store[KEY] == {
        "at_ms": 1,
        "run_id": "a",
        "generation": 3,
        "attached": True,
        "failed": ["b", 2],
        "flow_id": FLOW_ID,
        "window": None,
        "repeats": "c",
    }
