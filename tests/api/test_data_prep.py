"""api/data_prep.py: mapping sets, under /conversion."""

import json

import pytest

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.data_prep import (
    create_mapping_set,
    get_mapping_set,
    list_mapping_sets,
    next_page,
    preview_mapping_set,
    update_mapping_set,
    validate_mapping_set,
)
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.mapping_set import MappingSet

from .reading import read

MAPPING_SETS = "/data/foundation/conversion/mappingSets"
ID = "500a9b747fcf4908a21917d49bd61780"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"
DECLARED = MappingSet.declare(
    name="Accounts", schema_id=SCHEMA_ID, mappings=[{"source": "email", "destination": "personalEmail.address"}]
)
BODY = {
    "version": 0,
    "name": "Accounts",
    "xdmSchema": SCHEMA_ID,
    "xdmVersion": "1.0",
    "mappings": [
        {
            "sourceAttribute": "email",
            "destinationXdmPath": "personalEmail.address",
            "identity": False,
            "version": 0,
        }
    ],
}

# As Adobe's samples of the dry runs have it.
NEWER = {
    "version": 0,
    "name": "Accounts",
    "outputSchema": {
        "schemaRef": {"id": SCHEMA_ID, "contentType": "application/vnd.adobe.xed-full+json;version=1"},
    },
    "mappings": [{"sourceType": "ATTRIBUTE", "source": "email", "destination": "personalEmail.address"}],
}


def test_create_a_mapping_set():
    assert create_mapping_set(DECLARED) == Call("POST", MAPPING_SETS, MappingSet, body=BODY)


def test_replace_a_mapping_set():
    assert update_mapping_set(ID, DECLARED) == Call("PUT", f"{MAPPING_SETS}/{ID}", MappingSet, body=BODY)


def test_get_a_mapping_set():
    assert get_mapping_set(ID) == Call("GET", f"{MAPPING_SETS}/{ID}", MappingSet)


def test_list_mapping_sets_of_a_name():
    call = list_mapping_sets("Accounts")
    assert (call.method, call.path, call.returns) == ("GET", MAPPING_SETS, list[MappingSet])
    # limit and start are both required.
    assert call.params == {"name": "Accounts", "limit": "100", "start": "0"}


def test_a_full_page_may_not_be_the_last():
    assert next_page({"start": "100"}, {"data": [{}] * 100}) == {"start": "200"}
    assert next_page({"start": "100"}, {"data": [{}] * 99}) is None


def test_the_id_of_a_mapping_set_has_no_dashes():
    with pytest.raises(AepConfigError) as refused:
        get_mapping_set("500a9b74-7fcf-4908-a219-17d49bd61780")
    assert str(refused.value) == (
        "mapping_set_id is '500a9b74-7fcf-4908-a219-17d49bd61780', which is not 32 hexadecimal digits without dashes."
    )


def test_get_a_mapping_set_at_a_version():
    assert get_mapping_set(ID, 0) == Call("GET", f"{MAPPING_SETS}/{ID}", MappingSet, params={"version": "0"})


@pytest.mark.parametrize(
    ("statuses", "problems"),
    [
        ([{"status": "SUCCESS", "errors": None}], []),
        ([{"status": "FAILED", "errors": None}], ["refused without a reason"]),
        (
            [{"status": "FAILED", "errors": [{"source": "a", "destination": "b.c", "exception": "no such field"}]}],
            ["a -> b.c: no such field"],
        ),
    ],
)
def test_validation_says_what_failed(statuses, problems):
    call = validate_mapping_set(DECLARED)
    assert (call.method, call.path, call.body) == ("POST", f"{MAPPING_SETS}/validate", NEWER)
    assert read(call, json.dumps({"validationResponse": statuses})) == problems


@pytest.mark.parametrize(
    ("response", "problems"),
    [
        ({"data": {"a": 1}, "errors": None}, []),
        ([{"data": {}, "errors": None}, {"data": {}, "errors": ["no number"]}], ["no number"]),
        ([{"errors": [{"source": "a", "destination": "b", "errorMessage": "empty"}]}], ["a -> b: empty"]),
    ],
)
def test_a_preview_says_what_goes_wrong_with_rows(response, problems):
    call = preview_mapping_set(DECLARED, [{"email": "x"}])
    assert (call.method, call.path) == ("POST", f"{MAPPING_SETS}/preview")
    assert call.body == {"data": [{"email": "x"}], "mappingSet": NEWER}
    assert read(call, json.dumps(response)) == problems
