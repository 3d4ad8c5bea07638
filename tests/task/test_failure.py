"""task/failure.py: an error that no retry can mend ends the task, and is still the error that it was."""

import traceback

import pytest

from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepConflictError, AepFlowRunFailedError
from airflow_provider_aep.task.compat import AirflowFailException
from airflow_provider_aep.task.failure import fail_without_retry


@pytest.mark.parametrize(
    "error",
    [
        AepConfigError("name is missing"),
        AepConflictError("stale", status=412, code="FLOW-1404-412"),
        AepFlowRunFailedError("failed", {"run_id": "r"}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_no_retry_can_mend_is_both(error):
    type_, message, attributes = type(error), str(error), dict(vars(error))
    with pytest.raises(type_) as raised, fail_without_retry():
        raise error from KeyError("cause")
    assert isinstance(raised.value, AirflowFailException)
    assert (type(raised.value).__name__, type(raised.value).__module__) == (type_.__name__, type_.__module__)
    assert (str(raised.value), vars(raised.value)) == (message, attributes)
    assert isinstance(raised.value.__cause__, KeyError)
    assert raised.traceback[-1].name == "test_an_error_that_no_retry_can_mend_is_both", "where it was raised first"


def check_name(name):
    try:
        raise AepConfigError(f"{name} is missing")
    except AepConfigError as problem:
        raise AepConfigError(f"The dataflow cannot be sent: {problem}")  # noqa: B904


def test_the_traceback_of_a_wrong_argument_ends_at_the_task():
    """What is wrong stands in the text; Airflow prints the text below the traceback."""
    with pytest.raises(AepConfigError) as raised, fail_without_retry(), fail_without_retry():
        check_name("name")
    assert "check_name" not in [entry.name for entry in raised.traceback]
    assert raised.traceback[-1].name == "test_the_traceback_of_a_wrong_argument_ends_at_the_task"
    assert "During handling" not in "".join(traceback.format_exception(raised.value))


def test_the_traceback_of_other_errors_is_whole():
    def send():
        raise AepApiError("refused", status=400)

    with pytest.raises(AepApiError) as raised, fail_without_retry():
        send()
    assert raised.traceback[-1].name == "send"


def test_once_is_enough():
    with pytest.raises(AepConfigError) as raised, fail_without_retry(), fail_without_retry():
        raise AepConfigError("name is missing")
    assert type(raised.value).__mro__.count(AirflowFailException) == 1


@pytest.mark.parametrize("error", [AepApiError("busy", status=503, retryable=True), ValueError("another package's")])
def test_other_errors_pass_as_they_are(error):
    with pytest.raises(type(error)) as raised, fail_without_retry():
        raise error
    assert raised.value is error
    assert not isinstance(raised.value, AirflowFailException)
