"""api/data_prep.py: mapping sets, under /conversion."""

import pytest

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.data_prep import (
    create_mapping_set,
    get_mapping_set,
    list_mapping_sets,
    next_page,
    update_mapping_set,
)
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.mapping_set import MappingSet

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
