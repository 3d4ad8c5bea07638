"""Schemas: relational ones have no class; what is for life is not offered for an update."""

import pytest
from direct import Naps, direct_client

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.schema import RELATIONAL, Schema
from airflow_provider_aep.reconcile.decide import decide
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.resources.schema import SCHEMA

PROFILE = "https://ns.adobe.com/xdm/context/profile"
EVENT = "https://ns.adobe.com/xdm/context/experienceevent"
DETAILS = "https://ns.adobe.com/xdm/context/profile-person-details"
WORK = "https://ns.adobe.com/xdm/context/profile-work-details"
SCHEMAS = "/data/foundation/schemaregistry/tenant/schemas"

# As the page xdm/api/schemas has it.
ORDERS = {
    "type": "object",
    "title": "Orders",
    "description": "Orders of the shop.",
    "meta:extends": [RELATIONAL],
    "definitions": {"customFields": {"type": "object", "properties": {"orderId": {"type": "string"}}}},
    "allOf": [{"$ref": "#/definitions/customFields", "meta:xdmType": "object"}],
}


@pytest.fixture
def client(aep):
    return direct_client(aep)


@pytest.fixture
def ensure(aep, client):
    def ensure(if_exists="reuse", **arguments):
        ensurer = Ensurer(client.send, Naps(aep.advance), now=lambda: 4e9)
        return ensurer.ensure(SCHEMA, Schema.declare(**arguments), if_exists)

    return ensure


def live(**fields):
    return Schema.model_validate({"$id": "https://ns.adobe.com/acme/schemas/1", "title": "Orders", **fields})


def test_a_relational_schema_that_is_there_is_reused(client, ensure):
    made = client.send(Call("POST", SCHEMAS, Schema, body=ORDERS))
    found = ensure(title="Orders", schema_class=RELATIONAL)
    assert (found.id, found.change) == (made.id, "reused")


def test_a_live_one_is_relational_by_what_it_extends():
    declared = Schema.declare(title="Orders", schema_class=RELATIONAL)
    assert decide(SCHEMA, declared, [live(**ORDERS)], if_exists="reuse", now=0).action == "reuse"
    assert (
        decide(SCHEMA, declared, [live(**ORDERS | {"meta:extends": RELATIONAL})], if_exists="update", now=0).action
        == "reuse"
    )


def test_a_new_relational_schema_is_refused_with_the_way_before_anything_is_written(aep, ensure):
    with pytest.raises(AepConfigError) as refused:
        ensure(title="Orders", schema_class=RELATIONAL)
    for word in ("meta:extends", "customFields", '[{"$ref": "#/definitions/customFields"}]', "descriptors", "reused"):
        assert word in str(refused.value)
    assert [record.path for record in aep.requests if record.method != "GET"] == ["/ims/token/v3"]


def test_a_relational_schema_has_no_field_groups():
    with pytest.raises(AepConfigError, match="field_groups must be left out: the fields of a relational schema"):
        Schema.declare(title="Orders", schema_class=RELATIONAL, field_groups=[DETAILS])


@pytest.mark.parametrize(
    ("schema_class", "fields"),
    [
        (EVENT, {"allOf": [{"$ref": PROFILE}], "meta:extends": [PROFILE]}),
        (RELATIONAL, {"allOf": [{"$ref": PROFILE}], "meta:extends": [PROFILE]}),
        (PROFILE, {"allOf": ORDERS["allOf"], "meta:extends": [RELATIONAL]}),
    ],
)
@pytest.mark.parametrize("description", [None, "another as well"])
def test_an_update_is_not_offered_where_the_class_is_another(schema_class, fields, description):
    declared = Schema.declare(title="Orders", schema_class=schema_class, description=description)
    decision = decide(SCHEMA, declared, [live(**fields)], if_exists="reuse", now=0)
    assert [change.path for change in decision.differences][-1] == "/class"
    assert decision.reasons[0].endswith(
        "Declare what is live or choose another name: the class of a schema is for life."
    )


def test_a_field_group_more_is_added_to_both_lists_and_those_of_others_stay(aep, ensure, client):
    made = ensure(title="Orders", schema_class=PROFILE, field_groups=[WORK])
    updated = ensure("update", title="Orders", schema_class=PROFILE, field_groups=[DETAILS])
    assert updated.change == "updated"
    now = client.send(SCHEMA.get(made.id))
    assert now.parts == [PROFILE, WORK, DETAILS]
    assert {PROFILE, WORK, DETAILS} <= set(now.extends)
    assert len(now.extends) == len(set(now.extends))
    assert ensure(title="Orders", schema_class=PROFILE, field_groups=[WORK]).change == "reused"


@pytest.mark.parametrize("odd", [None, 0, "text", [], {"$ref": None}, {"$ref": []}, {}])
def test_odd_parts_of_a_live_schema_are_passed_over(odd):
    schema = live(allOf=[odd, {"$ref": PROFILE}], type=["object", "null"], **{"meta:extends": [odd, PROFILE]})
    assert schema.parts == [PROFILE]
    assert SCHEMA.diff(Schema.declare(title="Orders", schema_class=PROFILE), schema) == ()


def test_a_field_group_that_a_schema_extends_already_is_added_to_its_parts_only():
    group = "https://ns.adobe.com/xdm/context/profile-personal-details"
    profile = "https://ns.adobe.com/xdm/context/profile"
    declared = Schema.declare(title="Accounts", schema_class=profile, field_groups=[group])
    live = Schema.model_validate(
        {"$id": "https://ns.adobe.com/acme/schemas/a1", "title": "Accounts", "meta:extends": [profile, group]}
        | {"allOf": [{"$ref": profile}]}
    )
    call = SCHEMA.update(declared, live, SCHEMA.diff(declared, live))
    assert call.body == [{"op": "add", "path": "/allOf/-", "value": {"$ref": group}}]
