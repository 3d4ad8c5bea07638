"""api/explore.py: an account is explored by its id, a Data Landing Zone by its connection spec."""

import pytest

from airflow_provider_aep.api.explore import explore_connection, explore_connection_spec, try_sign_in
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.exceptions import AepApiError, AepConfigError
from airflow_provider_aep.models.explore import DATA_LANDING_ZONE, explore_params

from .reading import read

FLOWSERVICE = "/data/foundation/flowservice"
ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"


def explore(connector="salesforce", *asked):
    return explore_connection(ID, explore_params(get_connector(connector), *asked))


def test_explore_the_root_of_a_connection():
    call = explore()
    assert (call.method, call.path) == ("GET", f"{FLOWSERVICE}/connections/{ID}/explore")
    assert call.params == {"objectType": "root"}


def test_explore_a_table():
    call = explore("salesforce", "Accounts & more")
    assert (call.method, call.path) == ("GET", f"{FLOWSERVICE}/connections/{ID}/explore")
    assert call.params == {"objectType": "table", "object": "Accounts & more"}


def test_explore_a_file():
    assert explore("amazon-s3", "/leads.csv").params == {
        "objectType": "file",
        "object": "/leads.csv",
        "fileType": "delimited",
        "preview": "true",
    }


def test_explore_a_data_landing_zone():
    call = explore_connection_spec(DATA_LANDING_ZONE, {"objectType": "root"})
    assert (call.method, call.path) == ("GET", f"{FLOWSERVICE}/connectionSpecs/{DATA_LANDING_ZONE}/explore")


@pytest.mark.parametrize(
    ("ask", "field"), [(explore_connection, "base_connection_id"), (explore_connection_spec, "connection_spec_id")]
)
def test_an_id_is_checked_before_it_gets_into_a_path(ask, field):
    with pytest.raises(AepConfigError, match=rf"{field} is '\.\./flows'"):
        ask("../flows", {"objectType": "root"})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("7", "it is a int"),
        ("{}", "neither a schema nor items nor data"),
        ('{"format": "flat", "schema": {}}', "no JSON Schema"),
        ('[{"label": "x"}]', "none of its entries has a name"),
    ],
)
def test_an_answer_of_another_shape_is_not_asked_for_again(body, reason):
    with pytest.raises(AepApiError, match=f"cannot be read: .*{reason}") as raised:
        read(explore(), body)
    assert not raised.value.retryable


@pytest.mark.parametrize(
    ("body", "signed_in"),
    [
        ('{"result": true}', True),
        ('{"result": false}', False),
        ("true", True),
        ('{"items": [{"result": false}]}', False),
        ("[true]", True),
    ],
)
def test_an_account_is_tried(body, signed_in):
    call = try_sign_in(ID)
    assert (call.method, call.path) == ("GET", f"{FLOWSERVICE}/connections/{ID}/test")
    assert read(call, body) is signed_in
