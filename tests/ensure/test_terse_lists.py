"""A list may show a summary only; what is compared is read by its id then."""

import pytest

from airflow_provider_aep.ensure import Ensurer
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.kinds import BASE_CONNECTION, MAPPING_SET, SCHEMA
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema


class Summaries:
    """Sends calls, and takes from every list what is not a name or an id."""

    def __init__(self, client):
        self.client = client
        self.asked = []

    def __call__(self, call):
        self.asked.append(call)
        answer = self.client.send(call)
        if not isinstance(answer, list):
            return answer
        return [one.model_copy(update={"mappings": [], "all_of": []}) for one in answer]


def test_a_summary_is_no_difference(aep):
    send = Summaries(AepHook().get_conn())
    ensurer = Ensurer(send, aep.advance)
    schema = Schema.declare(title="Accounts", schema_class="https://ns.adobe.com/xdm/context/profile")
    schema_id = ensurer.ensure(SCHEMA, schema).id
    mappings = [{"source": "email", "destination": "personalEmail.address"}]
    mapping_set = MappingSet.declare(schema_id=schema_id, mappings=mappings)
    mapping_set_id = ensurer.ensure(MAPPING_SET, mapping_set).id

    again = ensurer.ensure(SCHEMA, schema), ensurer.ensure(MAPPING_SET, mapping_set)

    assert [(each.id, each.change) for each in again] == [(schema_id, "reused"), (mapping_set_id, "reused")]


def base_connection():
    return BaseConnection.declare(
        name="CRM",
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        auth_params={"environmentUrl": "https://crm.example.com"},
        credentials={"username": "crm@example.com", "password": "canary", "securityToken": "canary"},
    )


@pytest.mark.parametrize(
    "shown",
    [None, {}, {"specName": "Basic Authentication"}, {"params": {"environmentUrl": "https://crm.example.com"}}],
    ids=["no auth", "nothing in it", "the name only", "the parameters only"],
)
def test_a_base_connection_that_does_not_show_how_it_signs_in_is_no_difference(shown):
    """Adobe's specification promises no more than the connection spec."""
    wish = base_connection()
    live = BaseConnection(connection_spec=wish.connection_spec, auth=shown, state="enabled")
    assert BASE_CONNECTION.compare(wish, live) == {}


def test_what_a_base_connection_shows_is_compared():
    wish = base_connection()
    shown = {"specName": "OAuth2", "params": {"environmentUrl": "https://other.example.com"}}
    live = BaseConnection(connection_spec=wish.connection_spec, auth=shown)
    assert set(BASE_CONNECTION.compare(wish, live)) == {"/auth/specName", "/auth/params/environmentUrl"}
