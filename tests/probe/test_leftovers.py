"""A probe removes what probes have made, and nothing else, whatever lists show."""

import pytest
from direct import asked, direct_client
from provisioning import Provisioning

from airflow_provider_aep.api import catalog, flow_service, schema_registry
from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.probe.assumptions import ASSUMPTIONS
from airflow_provider_aep.probe.leftovers import MARK, PREFIX
from airflow_provider_aep.probe.profile import Result, probe_by_writing

UNKNOWN = [Result(assumption) for assumption in ASSUMPTIONS]
S3 = get_connector("amazon-s3").connection_spec_id


def write(aep):
    """All probes that write; a dict of what they found, and what they say was left behind."""
    results, left = probe_by_writing(direct_client(aep, sleep=aep.advance), UNKNOWN, pause=aep.advance)
    return {one.assumption.id: one for one in results}, left


def made_by_others(client):
    """Things whose names begin as a probe's do, or are the very same."""
    for name in (PREFIX, f"{PREFIX} 1", f"{PREFIX}-results", f"{PREFIX} 12"):
        body = {"name": name, "connectionSpec": {"id": S3, "version": "1.0"}}
        client.send(any_call("POST", f"{flow_service.BASE}/connections", params={"mode": "draft"}, body=body))
    other = Schema.declare(title=f"{PREFIX} results", schema_class="https://ns.adobe.com/xdm/context/profile")
    schema = client.send(schema_registry.create_schema(other)).id
    for name in (PREFIX, f"{PREFIX} results", "Contacts"):
        client.send(catalog.create_dataset(Dataset.declare(name=name, schema_id=schema, description="Nightly")))


def test_what_others_have_made_stays_though_its_name_is_a_probes(aep):
    client = direct_client(aep)
    made_by_others(client)
    before = aep.state()
    _, left = write(aep)
    assert (aep.state(), left) == (before, [])


def test_a_list_of_datasets_that_ignores_its_filter_costs_nobody_a_dataset(aep):
    Provisioning(direct_client(aep), name="Contacts").build()
    before = aep.state()
    aep.fault("GET", "*/catalog/dataSets", kind="status", status=200, body=before["dataSets"], times=None)
    write(aep)
    assert before["dataSets"].items() <= aep.state()["dataSets"].items()


def test_a_schema_of_others_with_the_title_of_a_probes_is_neither_used_nor_removed(aep):
    client = direct_client(aep)
    declared = Schema.declare(title=PREFIX, schema_class="https://ns.adobe.com/xdm/context/profile")
    client.send(schema_registry.create_schema(declared))
    before = aep.state()
    found, left = write(aep)
    assert "Titles are unique" in found["dataset-tags-merged"].why_not
    assert (aep.state(), left) == (before, [])


def test_what_lists_do_not_show_for_long_is_removed_by_its_id(aep):
    aep.switches.list_lag = 1e6
    write(aep)
    aep.switches.list_lag = 0.0
    assert not any(aep.state().values())


def test_what_a_killed_probe_left_is_found_though_lists_show_no_description(aep):
    client = direct_client(aep)
    body = {"name": f"{PREFIX} 3", "description": MARK, "connectionSpec": {"id": S3, "version": "1.0"}}
    client.send(any_call("POST", f"{flow_service.BASE}/connections", params={"mode": "draft"}, body=body))
    (shown,) = client.send(any_call("GET", f"{flow_service.BASE}/connections"))["items"]
    brief = {"items": [shown | {"description": None}, shown | {"id": "0" * 8 + shown["id"][8:], "description": None}]}
    aep.fault("GET", "*/connections", kind="status", status=200, body=brief, times=1)
    write(aep)
    assert not any(aep.state().values())


def test_a_service_without_permission_does_not_keep_the_others_from_being_probed(aep):
    body = {"type": "https://ns.adobe.com/aep/errors/CAT-2120-403", "title": "Forbidden"}
    aep.fault("*", "*/catalog/*", kind="status", status=403, body=body, times=None)
    found, left = write(aep)
    assert found["names-repeat"].found is not aep.switches.unique_names
    assert "was answered 403" in found["dataset-tags-merged"].why_not
    assert left == [], "it was refused, so there is nothing"
    assert not any(aep.state().values())


def test_what_may_be_left_behind_where_nothing_can_be_listed_is_said(aep):
    aep.fault("POST", "*/dataSets", kind="drop_after", times=1)
    aep.fault("GET", "*/dataSets", kind="status", status=403, times=None)
    _, left = write(aep)
    assert [sentence.partition(":")[0] for sentence in left] == [
        f"perhaps datasets called '{PREFIX}', which cannot be listed"
    ]
    assert len(aep.state()["dataSets"]) == 1


def test_what_could_not_be_removed_is_named_and_costs_no_answer(aep):
    aep.fault("DELETE", "*/connections/*", kind="drop_before", times=None)
    found, left = write(aep)
    assert found["names-kept"].found is not aep.switches.trim_names
    assert len(left) == len(aep.state()["connections"]) > 5
    assert all(sentence.startswith("connection ") and "got no answer" in sentence for sentence in left)


def test_drafts_that_cannot_be_made_are_asked_for_once(aep):
    body = {"type": "https://ns.adobe.com/aep/errors/FLOW-2120-403", "title": "Forbidden"}
    aep.fault("POST", "*/connections", kind="status", status=403, body=body, times=None)
    found, left = write(aep)
    assert {found[id_].why_not for id_ in ("list-lag", "read-at-once", "etag-changes")} == {found["list-lag"].why_not}
    assert len(asked(aep, "POST", "/connections")) == 2  # and once for a name with blanks
    assert left == []


@pytest.mark.parametrize("profile", [{"answers": {}}, {"answers": {"flow-service-lists-whole": False}}], ids=str)
def test_everything_that_is_made_says_what_it_is(aep, profile):
    write(aep)
    made = [record for record in aep.requests if record.method == "POST" and "/ims/" not in record.path]
    assert len(made) > 5
    for record in made:
        assert record.body["description"].startswith(MARK)
