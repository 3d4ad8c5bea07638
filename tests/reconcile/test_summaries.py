"""A list may show a summary only; what is compared is read by its id then."""

import pytest

from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.resources.schema import SCHEMA

from .cases import WITH_ETAG, Sender, cases


class Summaries:
    """Sends calls, and takes from every list what is not a name or an id."""

    def __init__(self, client):
        self.client = client
        self.asked = []

    def __call__(self, call):
        self.asked.append(call)
        response = self.client.send(call)
        if not isinstance(response, list):
            return response
        return [one.model_copy(update={"mappings": [], "all_of": []}) for one in response]


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
    declared = base_connection()
    live = BaseConnection(connection_spec=declared.connection_spec, auth=shown, state="enabled")
    assert BASE_CONNECTION.diff(declared, live) == ()


def test_what_a_base_connection_shows_is_compared():
    declared = base_connection()
    shown = {"specName": "OAuth2", "params": {"environmentUrl": "https://other.example.com"}}
    live = BaseConnection(connection_spec=declared.connection_spec, auth=shown)
    assert {change.path for change in BASE_CONNECTION.diff(declared, live)} == {
        "/auth/specName",
        "/auth/params/environmentUrl",
    }


class WithoutEtag:
    """Sends calls; lists show no etag and no version, and perhaps nothing else does."""

    def __init__(self, world, everywhere=False):
        self._send, self._everywhere = world.client.send, everywhere

    def __call__(self, call):
        response = self._send(call)
        if isinstance(response, list):
            return [self._bare(one) for one in response]
        return self._bare(response) if self._everywhere and call.method == "GET" else response

    def _bare(self, live):
        return live.model_copy(update={"etag": None, "version": None})


@cases(*WITH_ETAG)
def test_the_etag_that_a_list_does_not_show_is_read(world, case):
    made = case.ensure(world)
    updated = case.ensure(world, "update", send=WithoutEtag(world), **case.change)
    assert (updated.id, updated.change) == (made.id, "updated")
    assert case.asked(world, "PATCH")[0].headers["if-match"] == made.etag
    assert case.ensure(world, send=WithoutEtag(world), **case.change).etag == updated.etag


@cases(*WITH_ETAG)
def test_without_an_etag_nothing_is_changed(world, case):
    made = case.ensure(world)
    sentence = (
        f"The {case.type_.noun} 'CRM' with id {made.id} is shown without etag and version, "
        "and AEP takes no change without. Change it"
    )
    with pytest.raises(AepApiError, match=sentence) as refused:
        case.ensure(world, "update", send=WithoutEtag(world, everywhere=True), **case.change)
    assert not refused.value.retryable
    assert case.asked(world, "PATCH") == []


@cases(*WITH_ETAG)
def test_one_that_is_listed_but_gone_is_not_there(world, case):
    made = case.ensure(world)
    send = WithoutEtag(world)
    listed = send(case.type_.list_all())
    world.ensurer.remove(case.type_, made.id)
    stale = Sender(world, "GET", response=lambda found: listed if isinstance(found, list) else found)

    again = case.ensure(world, send=stale)

    assert again.change == "created"
    assert list(case.live(world)) == [again.id]
