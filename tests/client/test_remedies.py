"""client/remedies.py: what usually mends an error, by Adobe's code."""

import json

import pytest

from airflow_provider_aep.client.errors import error_from_response
from airflow_provider_aep.client.remedies import RUN_CODES, remedy, run_remedy

ONCE = 'Only a dataflow with schedule_params={"frequency": "once"} can be run on demand.'
PASSES = "The organisation makes too many calls at the moment; this passes."


@pytest.mark.parametrize(
    ("code", "status", "advice"),
    [
        ("403003", 403, "The client id is not one of this environment's: check login of the Airflow connection."),
        ("FLOW-1386-400", 400, ONCE),
        ("1386-400", 400, ONCE),
        ("1370-400", 400, "Give the dataflow a mapping_set_id."),
        ("1327-400", 400, "Choose a data_format of the source connection that the message lists."),
        ("XDM-1528-400", 400, "A schema for Profile needs a primary identity."),
        # Two catalogues share numbers: the whole code is the key.
        ("FLOW-1404-412", 412, "Somebody else changed the resource in the meantime."),
        ("FLOW-1404-400", 400, ""),
        ("", 429, PASSES),
        ("429050", 429, PASSES),
        ("FLOW-9999-400", 400, ""),
        ("invalid_request", 400, ""),
        ("", 400, ""),
        ("", 500, ""),
    ],
)
def test_a_code_wins_over_its_status(code, status, advice):
    assert remedy(code, status) == advice


@pytest.mark.parametrize(
    ("title", "advice"),
    [
        ("Bad Request", "A live dataflow cannot become one that runs once: create a new one."),
        ("Header is missing", ""),
        ("", ""),
    ],
)
def test_the_title_tells_two_meanings_of_one_code_apart(title, advice):
    """1403-400 is a frequency in the sources' catalogue, and a missing If-Match in Flow Service's."""
    assert remedy("FLOW-1403-400", 400, title) == advice
    body = {"type": "https://ns.adobe.com/aep/errors/FLOW-1403-400", "title": title, "status": 400}
    assert ("runs once" in str(error_from_response("PATCH /flows/1", 400, {}, json.dumps(body)))) == bool(advice)


@pytest.mark.parametrize(
    "code", ["1318-400", "1330-400", "1336-400", "1358-400", "1371-400", "1375-400", "1376-400", "1399-400"]
)
def test_what_exploring_and_flows_are_refused_for_has_a_remedy(code):
    assert remedy(code, 400)


def test_a_credential_may_lack_a_product_profile():
    assert "ims_org_id" in remedy("403025", 403)
    assert "product profile" in remedy("403025", 403)


@pytest.mark.parametrize("number", [*range(1381, 1389)])
def test_every_error_of_a_run_has_a_remedy(number):
    assert remedy(f"FLOW-{number}-400", 400)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("CONNECTOR-1001-500", RUN_CODES["CONNECTOR-1001"]),
        ("INGEST-1555-400", RUN_CODES["INGEST-1555"]),
        ("133", "No files were uploaded for the batch: the source had none in this window."),
        ("2200", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_error_of_a_run_has_a_remedy_where_one_is_known(code, advice):
    assert run_remedy(code) == advice


@pytest.mark.parametrize(
    "code",
    [
        *("CONNECTOR-1001-500", "CONNECTOR-2001-500", "CONNECTOR-3001-500", "INGEST-1211-400", "INGEST-1212-400"),
        *("INGEST-1401-400", "INGEST-1555-400", "MAPPER-3700-400", "133", "106", "118"),
    ],
)
def test_every_published_code_of_a_run_has_a_remedy(code):
    assert run_remedy(code)


def test_rows_in_the_log_are_pointed_to_where_there_are_some():
    assert run_remedy("CONNECTOR-2001-500").endswith(", and see the rejected rows in the task log.")
    assert run_remedy("CONNECTOR-2001-500", rows_logged=False) == (
        "Rows did not fit: compare the mapping set with the schema."
    )
