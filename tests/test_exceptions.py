"""exceptions.py: who can mend what, and whether asking again can help."""

import pickle

import pytest

from airflow_provider_aep import exceptions
from airflow_provider_aep.exceptions import (
    AepApiError,
    AepAuthError,
    AepConfigError,
    AepConflictError,
    AepError,
    AepFlowRunFailedError,
    AepNotFoundError,
    AepUnreachableError,
)


@pytest.mark.parametrize(
    ("type_", "parent"),
    [
        (AepError, Exception),
        (AepConfigError, AepError),
        (AepApiError, AepError),
        (AepAuthError, AepApiError),
        (AepNotFoundError, AepApiError),
        (AepConflictError, AepApiError),
        (AepUnreachableError, AepError),
        (AepFlowRunFailedError, AepError),
    ],
)
def test_the_tree_is_as_drawn(type_, parent):
    assert type_.__base__ is parent
    assert type_.__name__ in exceptions.__doc__


def test_an_api_error_carries_what_adobe_said():
    problem = AepConflictError(
        "PATCH /x was answered 412",
        status=412,
        code="FLOW-1404-412",
        title="Version not matching",
        detail="Supplied version=[1] does not match",
        request_id="abc",
        retry_after=3.5,
    )
    assert str(problem) == "PATCH /x was answered 412"
    assert vars(problem) == {
        "status": 412,
        "code": "FLOW-1404-412",
        "title": "Version not matching",
        "detail": "Supplied version=[1] does not match",
        "request_id": "abc",
        "retryable": False,
        "retry_after": 3.5,
        "from_platform": True,
    }


def test_what_is_not_known_of_an_api_error_is_empty():
    problem = AepApiError("GET /x was answered 500", status=500, retryable=True)
    assert (problem.code, problem.title, problem.detail, problem.request_id) == ("", "", "", "")
    assert problem.retry_after is None


@pytest.mark.parametrize(
    ("problem", "retryable"),
    [
        (AepConfigError("name is missing"), False),
        (AepApiError("no", status=400), False),
        (AepApiError("busy", status=503, retryable=True), True),
        (AepUnreachableError("no answer"), True),
        (AepFlowRunFailedError("failed", {}), False),
        (AepFlowRunFailedError("failed", {}, retryable=True), True),
    ],
)
def test_an_error_says_whether_asking_again_may_help(problem, retryable):
    assert problem.retryable is retryable


def test_a_request_may_surely_not_have_left():
    assert AepUnreachableError("no answer").sent is True
    assert AepUnreachableError("refused", sent=False).sent is False


def test_a_failed_run_carries_a_copy_of_its_summary():
    summary = {"run_id": "r", "status": "failed"}
    problem = AepFlowRunFailedError("The flow run r ended with status 'failed'.", summary)
    summary["status"] = "changed"
    assert problem.summary == {"run_id": "r", "status": "failed"}


def test_an_error_can_be_pickled_with_all_its_attributes():
    problem = AepApiError("busy", status=429, code="429050", retryable=True, retry_after=7)

    copy = pickle.loads(pickle.dumps(problem))

    assert type(copy) is AepApiError
    assert (str(copy), vars(copy)) == (str(problem), vars(problem))


def test_a_copy_is_equal_in_all_but_the_traceback():
    with pytest.raises(AepUnreachableError) as raised:
        raise AepUnreachableError("no answer", sent=False)
    copy = raised.value.copy()
    assert copy is not raised.value
    assert (type(copy), str(copy), vars(copy)) == (AepUnreachableError, "no answer", {"sent": False})
    assert copy.__traceback__ is None
