"""Mapping sets are compared by what they mean, in whichever dialect they are written."""

from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.resources.mapping_set import MAPPING_SET

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
