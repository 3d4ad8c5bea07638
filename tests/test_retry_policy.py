"""What a retry waits for (Airflow 3.3)."""

from datetime import timedelta

import pytest

pytest.importorskip("airflow.sdk.definitions.retry_policy", reason="Airflow has retry policies since 3.3")

from airflow.sdk.definitions.retry_policy import RetryAction

from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepConfigError, AepUnreachableError
from airflow_provider_aep.retry_policy import AepRetryPolicy


@pytest.mark.parametrize(
    ("error", "action", "delay"),
    [
        (AepConfigError("no"), RetryAction.FAIL, None),
        (AepAuthError("no", status=403), RetryAction.FAIL, None),
        (AepApiError("busy", status=429, retryable=True), RetryAction.RETRY, timedelta(minutes=2)),
        (AepApiError("busy", status=429, retryable=True, retry_after=7), RetryAction.RETRY, timedelta(seconds=7)),
        # Whatever a platform asks for, fifteen minutes are the most.
        (AepApiError("busy", status=429, retryable=True, retry_after=10**9), RetryAction.RETRY, timedelta(seconds=900)),
        (AepApiError("unwell", status=503, retryable=True), RetryAction.RETRY, timedelta(minutes=1)),
        (AepUnreachableError("gone"), RetryAction.RETRY, timedelta(minutes=1)),
        (ValueError("somebody else's"), RetryAction.DEFAULT, None),
    ],
)
def test_the_error_decides(error, action, delay):
    decision = AepRetryPolicy().evaluate(error, try_number=1, max_tries=3)

    assert (decision.action, decision.retry_delay) == (action, delay)


def test_it_survives_serialisation():
    policy = AepRetryPolicy(busy=timedelta(seconds=5))

    assert vars(AepRetryPolicy.deserialize(policy.serialize())) == vars(policy)
