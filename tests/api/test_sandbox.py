"""api/sandbox.py: the sandboxes of the organisation, asked before one is chosen."""

from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.models.sandbox import Sandbox


def test_list_sandboxes():
    call = list_sandboxes()
    assert (call.method, call.path) == ("GET", "/data/foundation/sandbox-management/")
    assert call.returns == list[Sandbox]
    assert call.sandboxed is False
