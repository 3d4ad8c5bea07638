"""models/tolerant.py: whatever is in a field of a run or batch, how it ended is read; and no oddity is a success."""

import copy
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun, first_run
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.models.run_state import Phase, batch_phase, run_phase
from airflow_provider_aep.models.tolerant import Count, Name, Text, Texts, Time

ID = "9830305a-985f-47d0-b030-5a985fd7d004"
HUGE = 10**400
ERROR = {"code": "CONNECTOR-2001-500", "message": "Error."}
METRICS = {
    "durationSummary": {
        "startedAtUTC": 1,
        "completedAtUTC": 1596656113306,
        "extensions": {"windowStart": 1, "windowEnd": 2},
    },
    "sizeSummary": {"inputBytes": 1, "outputBytes": 1},
    "recordSummary": {
        **{f"{name}RecordCount": 3 for name in ("input", "output", "created", "updated", "skipped", "deleted")},
        "failedRecordCount": 0,
        "warningRecordCount": 0,
        "failedInfo": [ERROR],
    },
    "fileSummary": {"inputFileCount": 1, "outputFileCount": 1, "skippedFileCount": 0, "failedFileCount": 0},
    "statusSummary": {"status": "success", "errors": [ERROR], "extensions": {"errors": [ERROR], "errorDetail": "d"}},
}
TARGET = {"id": "t", "type": "TargetConnection", "reference": {"type": "Batch", "ids": ["b1"]}}
RUN = {
    "id": ID,
    "flowId": ID,
    "flowSpec": {"id": ID, "version": "1.0"},
    "etag": '"1"',
    "createdAt": 1596656079576,
    "createdClient": "c",
    "providerRefId": "p",
    "metrics": METRICS,
    "activities": [{"id": "copyActivity", "name": "Copy", **METRICS, "targetInfo": [TARGET]}],
}
BATCH = {
    "id": "01EF01X41KJD82Y9ZX6ET54PCZ",
    "status": "success",
    "created": 1596656079576,
    "started": 1596656079576,
    "completed": 1596656079576,
    "recordCount": 3,
    "failedRecordCount": 0,
    "errors": [{"code": "INGEST-1212-400", "description": "d", "recordCount": 1}],
    "metrics": {
        "inputByteSize": 1,
        "inputFileCount": 1,
        "outputFileCount": 1,
        "inputRecordCount": 3,
        "outputRecordCount": 3,
        "failedRecordCount": 0,
    },
    "relatedObjects": [{"type": "dataSet", "id": "5c8c3c555033b814b69f947f"}],
}

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([HUGE, -HUGE, -1, 2**63, 1e308])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(
        ["", "soon", "2020-08-05T19:35:13.306Z", "0001-01-01T00:00:00+14:00", "1e400", "success", "\ud800"]
    )
)
# JSON does not know infinity and NaN, but Python's reader of it does.
ODD = st.sampled_from([float("nan"), float("inf")]) | st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


def paths(value, place=()):
    """The place of each field and of each item of a list, from outside to inside; the id alone is left as it is."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        if (*place, step) != ("id",):
            yield (*place, step)
            yield from paths(inner, (*place, step))


def with_odd(body, place, value):
    odd = copy.deepcopy(body)
    holder = odd
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    return odd


def read_all(ended):
    """Everything that a task reads of a run or batch: the verdict's outcome."""
    json.dumps(ended.summary())
    assert type(ended).model_validate(ended.to_wire()).summary() == ended.summary()
    assert ended.created_at_or_started is None or ended.created_at_or_started / 1000 < 10**12
    for policy in (RunPolicy(max_failed_percent=100), RunPolicy(max_failed_records=10**9)):
        assert ended.verdict(policy).outcome in ("running", "success", "empty", "failure")
    return ended.verdict(RunPolicy()).outcome


@given(st.sampled_from(list(paths(RUN))), ODD)
@example(("createdAt",), HUGE)
@example(("metrics", "durationSummary", "completedAtUTC"), HUGE)
@example(("metrics", "recordSummary", "failedRecordCount"), HUGE)
@example(("activities", 0), None)
@example(("activities", 0, "targetInfo", 0, "reference", "ids"), [None, 1, {}])
def test_any_odd_value_in_any_field_of_a_run_is_read(place, value):
    run = FlowRun.model_validate(with_odd(RUN, place, value))
    outcome = read_all(run)
    assert run.window is None or len(run.window) == 2
    assert first_run([run], 0) in (run, None)
    assert outcome not in ("success", "empty") or run_phase(run.status) is Phase.SUCCEEDED


@given(st.sampled_from(list(paths(BATCH))), ODD)
@example(("created",), HUGE)
@example(("relatedObjects",), [None, {"type": None}])
def test_any_odd_value_in_any_field_of_a_batch_is_read(place, value):
    batch = Batch.model_validate(with_odd(BATCH, place, value))
    outcome = read_all(batch)
    assert outcome not in ("success", "empty") or batch_phase(batch.status) is Phase.SUCCEEDED


@given(ODD)
def test_no_odd_status_is_a_success(status):
    spelled = str(status).strip().lower() in ("success", "completed", "active")
    place = ("metrics", "statusSummary", "status")
    assert spelled or FlowRun.model_validate(with_odd(RUN, place, status)).verdict(RunPolicy()).outcome == "failure"
    assert spelled or Batch.model_validate({**BATCH, "status": status}).verdict(RunPolicy()).outcome == "running"


@pytest.mark.parametrize("status", ["failed", "inProgress", "brand_new_state", None])
@given(st.sampled_from([place for place in paths(RUN) if place[-1] != "status" and len(place) > 2]), ODD)
def test_no_odd_value_makes_a_success_of_another_status(status, place, value):
    body = with_odd(with_odd(RUN, ("metrics", "statusSummary", "status"), status), place, value)
    assert FlowRun.model_validate(body).verdict(RunPolicy(max_failed_percent=100)).outcome in ("failure", "running")


@pytest.mark.parametrize(
    ("type_", "value", "read"),
    [
        (Time, 1596656113306, 1596656113306),
        (Time, "1596656113306", 1596656113306),
        (Time, "2020-08-05T19:35:13.306Z", 1596656113306),
        (Time, "", None),
        (Time, HUGE, None),
        (Time, str(HUGE), None),
        (Time, float("nan"), None),
        (Count, "12", 12),
        (Count, -1, -1),
        (Count, 2.0, 2),
        (Count, 2.5, None),
        (Count, "many", None),
        (Count, 2**63 - 1, 2**63 - 1),
        (Count, HUGE, None),
        (Name, "n", "n"),
        (Name, {"n": 1}, None),
        (Text, {"n": 1}, "{'n': 1}"),
        (Text, "\ud800", "?"),
        (Texts, ["a", None, {}, "b"], ["a", "b"]),
        (Texts, "a", ["a"]),
        (Texts, 0, []),
    ],
)
def test_what_is_read_of_a_value(type_, value, read):
    assert TypeAdapter(type_).validate_python(value) == read
