"""runs/list_support.py: whether lists of several ids can be relied on."""

import asyncio
import logging

import pytest

from airflow_provider_aep.exceptions import AepApiError, AepUnreachableError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.list_support import ListSupport
from airflow_provider_aep.runs.lookup import FIRST_RUN
from airflow_provider_aep.runs.pacing import Pacer

FIRST, LAST = "9a603322-7fdd-4a9c-a1ee-1e1f0e8c1a11", "9a603322-7fdd-4a9c-a1ee-1e1f0e8c1a12"


def run_of(flow_id):
    return FlowRun(id=flow_id, flow_id=flow_id, created_at=1_596_656_058_198)


def check(response):
    """What is known of lists after a list of two dataflows was asked for and `response` came."""

    async def send(call):
        if isinstance(response, Exception):
            raise response
        return response

    support = ListSupport(FIRST_RUN)
    asyncio.run(support.check(Pacer(send), FIRST, LAST, [run_of(LAST)]))
    return support


@pytest.mark.parametrize(
    ("response", "proven", "refused"),
    [
        ([run_of(FIRST), run_of(LAST)], True, False),
        ([run_of(FIRST)], False, True),
        (AepApiError("no lists", status=400), False, True),
        (AepApiError("unwell", status=503, retryable=True), False, False),
        (AepUnreachableError("no answer"), False, False),
    ],
)
def test_a_list_of_two_shows_whether_lists_can_be_relied_on(response, proven, refused):
    support = check(response)
    assert (support.proven, support.refused) == (proven, refused)


def test_that_lists_are_given_up_is_said_once(caplog):
    support = ListSupport(FIRST_RUN)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            support.failed(AepApiError("no lists", status=400))
    assert [record.getMessage() for record in caplog.records] == [
        "The platform refuses lists of runs of dataflows: no lists; asking for each one alone from now on."
    ]
