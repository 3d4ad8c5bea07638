"""An error and what was seen last come out of a trigger's event as they went in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import (
    AepApiError,
    AepAuthError,
    AepConfigError,
    AepConflictError,
    AepNotFoundError,
)
from airflow_provider_aep.task.events import batch_in, error_from_json, error_to_json, raise_error_in, run_in

API_ERRORS = st.builds(
    lambda error_class, message, **values: error_class(message, **values),
    st.sampled_from([AepApiError, AepAuthError, AepConflictError, AepNotFoundError]),
    st.text(),
    status=st.integers(100, 599),
    code=st.text(),
    request_id=st.text(),
)


@given(API_ERRORS | st.builds(AepConfigError, st.text()))
def test_an_error_is_the_same_after_its_way_through_the_database(error):
    again = error_from_json(json.loads(json.dumps(error_to_json(error))))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert error_to_json(again) == error_to_json(error)
    assert not again.retryable


def test_an_error_of_a_class_that_a_later_version_brought_is_an_api_error():
    values = {"kind": "AepNewError", "message": "m", "status": 418, "code": "c", "request_id": "r"}
    assert type(error_from_json(values)) is AepApiError


def test_only_an_event_with_an_error_raises_one():
    raise_error_in({"run": None, "timeout": True})
    with pytest.raises(AepConfigError, match="is missing"):
        raise_error_in({"refused": error_to_json(AepConfigError("extra.sandbox is missing"))})


def test_what_a_trigger_saw_last():
    assert run_in({"run": {"id": "r"}}).id == "r"
    assert batch_in({"batch": {"id": "b"}}).id == "b"
    for event in ({"run": None, "timeout": True}, {"batch": None}, {"answered": True}):
        assert run_in(event) is None
        assert batch_in(event) is None
