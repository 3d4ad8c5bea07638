"""api/glance.py: what a cheap look leaves out, and that it tells the same as a whole one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.run_page import parse_run_page, parse_short_runs
from airflow_provider_aep.models.flow_run import FlowRun
from api.reading import read, sample

ID = "9830305a-985f-47d0-b030-5a985fd7d004"
NEXT = {"next": {"href": "/runs?continuationToken=abc="}}

statuses = st.sampled_from(["queued", "inProgress", "IN_PROGRESS", "success", "partialFailure", "brand_new_state"])
loose = st.none() | st.integers() | st.text(max_size=3) | st.just({}) | st.just([])


def run_of(status, **more):
    summary = {"status": status, "errors": [], "extensions": {"type": "one_time"}}
    durations = {"startedAtUTC": 1596656058198}
    return {
        "id": ID,
        "flowId": ID,
        "etag": '"1"',
        "metrics": {"statusSummary": summary, "durationSummary": durations},
        "activities": [{"id": "copyActivity", "statusSummary": summary}],
        **more,
    }


def test_of_runs_that_go_on_only_ids_times_and_status_are_read():
    text = json.dumps({"items": [run_of("queued"), run_of("inProgress")], "_page": {"count": 2}, "_links": NEXT})
    reduced = [
        {
            "id": ID,
            "flowId": ID,
            "metrics": {"statusSummary": {"status": status}, "durationSummary": {"startedAtUTC": 1596656058198}},
        }
        for status in ("queued", "inProgress")
    ]
    assert parse_run_page(text) == {"items": reduced, "_links": NEXT}


@pytest.mark.parametrize("status", ["success", "failed", "brand_new_state", "", None])
def test_one_run_that_may_have_ended_is_told_of_in_full(status):
    page = {"items": [run_of("inProgress"), run_of(status)]}
    assert parse_run_page(json.dumps(page)) == page


@pytest.mark.parametrize("name", ["runs_page", "run_success_with_failed_records", "run_failed_in_copy", "run_started"])
def test_published_answers_are_told_of_in_full(name):
    assert parse_run_page(sample(name)) == json.loads(sample(name))


@pytest.mark.parametrize("text", ["", "<html>", '{"items": [', "null"])
def test_what_is_no_list_is_no_more_one_than_for_json(text):
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match="Expecting"):
            parse_run_page(text)
    else:
        assert parse_run_page(text) == expected


@given(st.lists(statuses.map(run_of) | loose | st.builds(run_of, loose) | st.builds(run_of, statuses, flowId=loose)))
def test_a_glance_tells_of_each_run_what_a_whole_look_tells(runs):
    text = json.dumps({"items": runs})

    def told(read_runs):
        try:
            return [(run.id, run.flow_id, run.status, run.finished) for run in read_runs()]
        except ValueError:
            return "unreadable"

    at_a_glance = told(lambda: read(flow_service.get_runs([ID]), text))
    assert at_a_glance == told(lambda: TypeAdapter(list[FlowRun]).validate_python(runs))


def test_a_page_of_another_shape_is_read_as_a_whole():
    odd = {"items": [{"id": 17, "metrics": None}]}
    assert parse_short_runs(json.dumps(odd)) == odd
    with pytest.raises(ValueError, match="Expecting value"):
        parse_short_runs("<html>")
