"""Mapping sets are compared by what they mean, in whichever dialect they are written."""

import pytest
from direct import asked, direct_client
from provisioning import Provisioning

from airflow_provider_aep.api import data_prep
from airflow_provider_aep.exceptions import AepNotFoundError
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.resources.mapping_set import MAPPING_SET, latest_version

SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"
EMAIL = {"source": "email", "destination": "personalEmail.address"}


def mapping_set(*mappings, **changes):
    return MappingSet.declare(**{"schema_id": SCHEMA_ID, "mappings": mappings or [EMAIL]} | changes)


def test_another_version_of_the_schema_is_a_difference_only_where_it_is_shown():
    live = mapping_set()
    assert MAPPING_SET.diff(mapping_set(xdm_version="2.0"), live) == (Change("/xdmVersion", 2, 1),)
    live.xdm_version = None
    assert MAPPING_SET.diff(mapping_set(xdm_version="2.0"), live) == ()


def test_the_two_dialects_are_one():
    newer = {"sourceType": "ATTRIBUTE", "source": "email", "destination": "personalEmail.address"}
    assert MAPPING_SET.diff(mapping_set(EMAIL), mapping_set(newer)) == ()


def test_each_target_field_that_differs_is_named():
    name = {"source": "name", "destination": "person.name.fullName"}
    mail = {"source": "mail", "destination": "personalEmail.address"}
    assert MAPPING_SET.diff(mapping_set(EMAIL), mapping_set(mail, name)) == (
        Change("/mappings/person.name.fullName", None, ("ATTRIBUTE", "name")),
        Change("/mappings/personalEmail.address", ("ATTRIBUTE", "email"), ("ATTRIBUTE", "mail")),
    )


# The latest version


@pytest.mark.parametrize("first", [False, True], ids=["the latest is shown", "version 0 is shown"])
@pytest.mark.parametrize(("name", "edits"), [("Accounts", 0), ("Accounts", 2), (None, 2)])
def test_a2_the_latest_version_is_found(aep, first, name, edits):
    """Adobe's specification has 0 as the default of `version`; the sample of the list shows 1."""
    aep.switches.first_mapping_set_version = first
    client = direct_client(aep)
    declared = mapping_set(name=name, schema_id=Provisioning(client).build().schema)
    declared.name = name
    made = client.send(data_prep.create_mapping_set(declared))
    for _ in range(edits):
        client.send(data_prep.update_mapping_set(made.id, declared))
    before = len(asked(aep, "GET"))

    assert latest_version(client.send, made.id) == edits

    assert len(asked(aep, "GET")) - before == (1 if edits and not first else 2)


def test_a2_a_mapping_set_without_a_name_is_looked_for_until_its_page(aep, mocker):
    aep.switches.first_mapping_set_version = True
    mocker.patch.object(data_prep, "_PAGE", 1)
    client = direct_client(aep)
    schema = Provisioning(client).build().schema
    made = []
    for number in range(3):
        declared = mapping_set({"source": f"mail{number}", "destination": "personalEmail.address"}, schema_id=schema)
        declared.name = None
        made.append(client.send(data_prep.create_mapping_set(declared)).id)
    before = len(asked(aep, "GET", "/mappingSets"))
    assert latest_version(client.send, made[0]) == 0
    assert len(asked(aep, "GET", "/mappingSets")) - before == 2, "the one of the chain, and this one"


def test_a_mapping_set_that_does_not_exist_has_no_version(aep):
    with pytest.raises(AepNotFoundError):
        latest_version(direct_client(aep).send, "0" * 31 + "9")


# An update replaces the mapping set as a whole


def test_b6_what_is_live_beside_the_mappings_stays():
    """Others write a description, tags or an input schema; PUT would remove them."""
    declared = mapping_set(EMAIL)
    live = MappingSet.model_validate(
        {
            "id": "a" * 32,
            "version": 3,
            "inputSchema": {"id": "b" * 32, "version": 0},
            "allowNullValues": True,
            "tags": [{"name": "team", "values": ["crm"]}],
            "strictMapping": False,
            "status": "PUBLISHED",
            "mappings": [
                {
                    "id": "c" * 32,
                    "matchScore": 0.5,
                    "functionVersion": 1,
                    "sourceType": "text/x.schema-path",
                    "source": "mail",
                    "destination": "personalEmail.address",
                    "name": "Mail",
                    "description": "of the person",
                }
            ],
        }
    )
    body = MAPPING_SET.update(declared, live, MAPPING_SET.diff(declared, live)).body
    (mapping,) = declared.to_wire()["mappings"]
    assert body == {
        **declared.to_wire(),
        "inputSchema": {"id": "b" * 32, "version": 0},
        "allowNullValues": True,
        "tags": [{"name": "team", "values": ["crm"]}],
        "mappings": [{**mapping, "name": "Mail", "description": "of the person"}],
    }
