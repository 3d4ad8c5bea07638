"""sandbox_lists.py: what is asked for when many dataflows are looked at."""

import pytest

from airflow_provider_aep.api import sandbox_lists
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.flow_run import FlowRun

ID, OTHER_ID = "9a603322-7fdd-4a9c-a1ee-1e1f0e8c1a11", "9a603322-7fdd-4a9c-a1ee-1e1f0e8c1a12"
NEWEST_FIRST = {"limit": "100", "orderby": "-createdAt"}


def test_only_source_dataflows_are_asked_for():
    call = sandbox_lists.list_source_flows()
    assert str(call) == "GET /data/foundation/flowservice/flows"
    assert call.params == NEWEST_FIRST | {"property": ["inheritedAttributes.properties.isSourceFlow==true"]}


def test_runs_of_a_sandbox_are_read_until_they_are_older():
    call = sandbox_lists.list_all_runs(created_since=2_000_000_000_000)
    assert call.params == NEWEST_FIRST
    assert call.enough([FlowRun(id=ID, created_at=1_900_000_000_000)])
    assert not call.enough([FlowRun(id=ID, created_at=2_000_000_000_001)])


def test_many_accounts_are_one_request():
    call = sandbox_lists.get_base_connections([ID, OTHER_ID])
    assert str(call) == "GET /data/foundation/flowservice/connections"
    assert call.params["property"] == [f"id=={ID},{OTHER_ID}"]
    with pytest.raises(AepConfigError, match="base_connection_id"):
        sandbox_lists.get_base_connections(["../flows"])
