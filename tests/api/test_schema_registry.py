"""api/schema_registry.py: schemas of the tenant, with the media types that the registry insists on."""

import pytest

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.schema_registry import (
    create_schema,
    get_schema,
    get_schema_fields,
    list_schemas,
    next_page,
    update_schema,
)
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.schema import Schema

from .reading import read

SCHEMAS = "/data/foundation/schemaregistry/tenant/schemas"
ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"
QUOTED = "https%3A%2F%2Fns.adobe.com%2Facme%2Fschemas%2F417a33e981a221bd10495920574f0a2d"
XED = "application/vnd.adobe.xed+json"


def test_create_a_schema():
    schema = Schema.declare(title="Accounts", schema_class="https://ns.adobe.com/xdm/context/profile")
    assert create_schema(schema) == Call(
        "POST",
        SCHEMAS,
        Schema,
        body={
            "type": "object",
            "title": "Accounts",
            "description": "Accounts",
            "allOf": [{"$ref": "https://ns.adobe.com/xdm/context/profile"}],
        },
    )


def test_get_a_schema_in_a_major_version():
    assert get_schema(ID) == Call("GET", f"{SCHEMAS}/{QUOTED}", Schema, accept=f"{XED}; version=1")


def test_update_a_schema():
    patch = [{"op": "add", "path": "/allOf/-", "value": {"$ref": "https://ns.adobe.com/xdm/mixins/x"}}]
    assert update_schema(ID, patch) == Call("PATCH", f"{SCHEMAS}/{QUOTED}", Schema, body=patch)


def test_list_schemas_of_a_title():
    call = list_schemas("Salesforce Accounts")
    assert (call.method, call.path, call.returns, call.accept) == ("GET", SCHEMAS, list[Schema], XED)
    # limit and start both require orderby.
    assert call.params == {"orderby": "title", "property": "title==Salesforce Accounts"}


@pytest.mark.parametrize("title", ["Accounts (EU)", 'the "new" one', "a==b", "Äcc,ounts"])
def test_a_title_that_would_need_quoting_is_not_filtered_by(title):
    assert list_schemas(title).params == {"orderby": "title"}


@pytest.mark.parametrize(
    ("response", "following"),
    [
        ({"_page": {"next": "Accounts", "count": 300}}, {"orderby": "title", "start": "Accounts"}),
        ({"_page": {"next": 1604960074752}}, {"orderby": "title", "start": "1604960074752"}),
        ({"_page": {"next": None}}, None),
        ({"_page": {}}, None),
        ({"_page": []}, None),
        ({}, None),
        ([], None),
    ],
)
def test_the_next_page_starts_where_the_last_one_says(response, following):
    assert next_page({"orderby": "title"}, response) == following


def test_a_schema_is_asked_for_by_its_id_and_not_its_alternate_one():
    with pytest.raises(AepConfigError) as refused:
        get_schema("_acme.schemas.417a33e981a221bd10495920574f0a2d")
    assert str(refused.value) == (
        f"schema_id is the meta:altId '_acme.schemas.417a33e981a221bd10495920574f0a2d'; use the $id, {ID}."
    )


def test_the_fields_of_a_schema():
    call = get_schema_fields(ID)
    assert call.accept == "application/vnd.adobe.xed-full+json; version=1"
    assert read(call, '{"title": "t", "properties": {"person": {"type": "object"}}}') == {"person": {"type": "object"}}
    assert read(call, '{"title": "t"}') == {}
