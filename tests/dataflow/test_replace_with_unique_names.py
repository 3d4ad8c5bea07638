"""Replacing on a platform that takes no second object of a name: the old connections are renamed for the new ones."""

import pytest

from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.dataflow.replace import REPLACED

from .applied import COLLECTIONS, Death, apply_to, client_of, dying, flows, named, plan_of, writes
from .world import CRM, spec_of

pytestmark = pytest.mark.aep(unique_names=True)

NAME = "CRM accounts"
CHANGED = spec_of(CRM, source={"table": "Contacts"})
MOVED = spec_of(CRM, source={"table": "Contacts"}, dataset={"name": "Another dataset"})
# Two of them are the refused create and the new name of the old source connection.
WRITES = 9


def sent(aep, since):
    """Method and collection of the writes since a request."""
    return [(method, path.split("/")[4]) for method, path in writes(aep, since)]


def connections(aep):
    return [name for step in ("source_connection", "target_connection") for name in named(aep, step)]


def one_live(aep, step):
    (one,) = aep.state()[COLLECTIONS[step]].values()
    return one


def is_at_its_end(aep, spec):
    """Whether there is one of each, as the file says, and nothing is left to do."""
    assert flows(aep) == {NAME: "enabled"}
    assert connections(aep) == ["CRM source", "CRM target"]
    assert one_live(aep, "source_connection")["params"]["tableName"] == "Contacts"
    return plan_of(aep, spec).is_empty


def test_the_old_one_is_renamed_before_the_new_one_is_made(aep):
    apply_to(aep, spec_of(CRM))
    before = len(aep.requests)
    assert apply_to(aep, CHANGED, allow_replace="reload").ok
    sources = [method for method, collection in sent(aep, before) if collection == "sourceConnections"]
    assert sources == ["POST", "PATCH", "POST", "DELETE"]
    assert is_at_its_end(aep, CHANGED)


def test_so_is_a_target_connection(aep):
    apply_to(aep, spec_of(CRM))
    assert apply_to(aep, MOVED, allow_replace="reload").ok
    assert is_at_its_end(aep, MOVED)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_a_replacement_that_is_killed_at_any_write_is_finished_by_the_next(aep, number, after):
    apply_to(aep, spec_of(CRM))
    with pytest.raises(Death):
        apply_to(aep, CHANGED, client=dying(aep, number, after=after), allow_replace="reload")
    report = apply_to(aep, CHANGED, allow_replace="reload")
    assert report.ok, report
    assert is_at_its_end(aep, CHANGED)


def test_a_replacement_has_no_further_writes(aep):
    apply_to(aep, spec_of(CRM))
    assert apply_to(aep, CHANGED, client=dying(aep, WRITES + 1, after=False), allow_replace="reload").ok


@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_what_is_killed_goes_on_with_a_file_that_changed_meanwhile(aep, number):
    """The dataset is another one by now, and the old dataflow holds the target connection of its name."""
    apply_to(aep, spec_of(CRM))
    with pytest.raises(Death):
        apply_to(aep, CHANGED, client=dying(aep, number, after=True), allow_replace="reload")
    report = apply_to(aep, MOVED, allow_replace="reload")
    assert report.ok, report
    assert is_at_its_end(aep, MOVED)


@pytest.mark.parametrize("name", ["CRM source", "Contacts source"])
def test_what_is_left_of_an_earlier_replacement_is_not_in_the_way_of_the_next(aep, name):
    """Of the first one, the old source connection is still to be deleted, under the name that is wanted now."""
    apply_to(aep, spec_of(CRM))
    first = spec_of(CRM, source={"table": "Contacts", "name": name})
    # The first deletion is that of the old dataflow.
    with pytest.raises(Death):
        apply_to(aep, first, client=dying(aep, 1, after=True, method="DELETE"), allow_replace="reload")
    assert flows(aep) == {NAME: "enabled"}
    assert len(named(aep, "source_connection")) == 2
    second = spec_of(CRM, source={"table": "Leads"})
    report = apply_to(aep, second, allow_replace="reload")
    assert report.ok, report
    assert connections(aep) == ["CRM source", "CRM target"]
    assert one_live(aep, "source_connection")["params"]["tableName"] == "Leads"
    assert plan_of(aep, second).is_empty


def test_nor_is_the_one_of_an_old_dataflow_that_is_still_there(aep):
    """Its name is that of the renamed ones already."""
    apply_to(aep, spec_of(CRM))
    with pytest.raises(Death):
        apply_to(aep, CHANGED, client=dying(aep, 1, after=True, method="POST", path="/flows$"), allow_replace="reload")
    assert named(aep, "source_connection") == ["CRM source", f"CRM source{REPLACED}"]
    leads = spec_of(CRM, source={"table": "Leads"})
    assert apply_to(aep, leads, allow_replace="reload").ok
    assert flows(aep) == {NAME: "enabled"}
    assert connections(aep) == ["CRM source", "CRM target"]
    assert plan_of(aep, leads).is_empty


@pytest.mark.parametrize("spec", [CHANGED, MOVED])
def test_if_the_new_dataflow_is_refused_everything_is_called_as_before(aep, spec):
    ids = apply_to(aep, spec_of(CRM)).ids[NAME]
    aep.fault("POST", "/flows", kind="status", status=400)
    report = apply_to(aep, spec, allow_replace="reload")
    assert "The old dataflow is what it was." in report.failures[NAME]
    assert flows(aep) == {NAME: "enabled"}
    assert connections(aep) == ["CRM source", "CRM target"]
    assert one_live(aep, "source_connection")["id"] == ids["source_connection"]
    assert apply_to(aep, spec, allow_replace="reload").ok
    assert is_at_its_end(aep, spec)


@pytest.mark.parametrize("number", [1, 2])
def test_that_is_killed_on_its_way_and_the_next_one_begins_anew(aep, number):
    apply_to(aep, spec_of(CRM))
    aep.fault("POST", "/flows", kind="status", status=400)
    with pytest.raises(Death):
        apply_to(aep, CHANGED, client=dying(aep, WRITES + number, after=True), allow_replace="reload")
    assert flows(aep) == {NAME: "enabled"}
    assert apply_to(aep, CHANGED, allow_replace="reload").ok
    assert is_at_its_end(aep, CHANGED)


def test_names_that_cannot_be_given_back_are_said(aep):
    apply_to(aep, spec_of(CRM))
    aep.fault("POST", "/flows", kind="status", status=400)
    aep.fault("DELETE", "/sourceConnections/*", kind="status", status=400)
    report = apply_to(aep, CHANGED, allow_replace="reload")
    assert "The old dataflow is what it was, but for the names of its connections: DELETE" in report.failures[NAME]
    assert connections(aep) == ["CRM source", f"CRM source{REPLACED}", "CRM target"]
    assert apply_to(aep, CHANGED, allow_replace="reload").ok
    assert is_at_its_end(aep, CHANGED)


def test_what_the_rules_of_the_platform_object_to_leaves_everything_as_it_was(aep):
    apply_to(aep, spec_of(CRM))
    aep.fault("GET", "/flowSpecs/*", kind="status", status=400, times=None)
    assert not apply_to(aep, CHANGED, allow_replace="reload").ok
    assert flows(aep) == {NAME: "enabled"}
    assert connections(aep) == ["CRM source", "CRM target"]


def test_a_new_connection_that_is_refused_leaves_the_old_one_its_name(aep):
    apply_to(aep, spec_of(CRM))
    before = len(aep.requests)
    refuses = aep.fault
    client = client_of(aep)
    request = client._session.request

    def until_renamed(method, url, **options):
        if method == "PATCH":
            refuses("POST", "/sourceConnections", kind="status", status=403)
        return request(method, url, **options)

    client._session.request = until_renamed
    assert not apply_to(aep, CHANGED, client=client, allow_replace="reload").ok
    assert [method for method, _ in sent(aep, before)] == ["POST", "PATCH", "POST", "PATCH"]
    assert connections(aep) == ["CRM source", "CRM target"]


def test_one_that_another_dataflow_uses_keeps_its_name(aep):
    ids = apply_to(aep, spec_of(CRM)).ids[NAME]
    live = aep.state()["flows"][ids["flow"]]
    body = {key: live[key] for key in ("flowSpec", "sourceConnectionIds", "targetConnectionIds", "transformations")}
    body |= {"name": "Somebody else's", "scheduleParams": live["scheduleParams"]}
    theirs = client_of(aep).send(any_call("POST", "/data/foundation/flowservice/flows", body=body))["id"]
    report = apply_to(aep, CHANGED, allow_replace="reload")
    assert report.failures[NAME] == (
        "The platform takes no second source connection of the name 'CRM source', which "
        f"{ids['source_connection']} has, and that one cannot be renamed, because dataflow {theirs} uses it, too: "
        "choose another source.name."
    )
    assert flows(aep) == {NAME: "enabled", "Somebody else's": "enabled"}
    assert connections(aep) == ["CRM source", "CRM target"]
    renamed = spec_of(CRM, source={"table": "Contacts", "name": "Contacts source"})
    assert apply_to(aep, renamed, allow_replace="reload").ok
    assert connections(aep) == ["CRM source", "Contacts source", "CRM target"]


def test_what_an_interrupted_apply_made_for_a_file_that_has_changed_gives_way(aep):
    apply_to(aep, spec_of(CRM))
    with pytest.raises(Death):
        apply_to(aep, CHANGED, client=dying(aep, 3, after=True), allow_replace="reload")
    leads = spec_of(CRM, source={"table": "Leads"})
    assert apply_to(aep, leads, allow_replace="reload").ok
    assert flows(aep) == {NAME: "enabled"}
    assert connections(aep) == ["CRM source", "CRM target"]
    assert one_live(aep, "source_connection")["params"]["tableName"] == "Leads"


def test_one_of_somebody_else_is_not_renamed(aep):
    """The new source connection is to be called as one is that has nothing to do with the dataflow."""
    apply_to(aep, spec_of(CRM))
    (theirs,) = aep.state()["sourceConnections"].values()
    body = {key: theirs[key] for key in ("baseConnectionId", "connectionSpec", "data", "params")}
    client_of(aep).send(
        any_call("POST", "/data/foundation/flowservice/sourceConnections", body=body | {"name": "Ours"})
    )
    report = apply_to(aep, spec_of(CRM, source={"table": "Leads", "name": "Ours"}), allow_replace="reload")
    assert "An entity named Ours already exists" in report.failures[NAME]
    assert flows(aep) == {NAME: "enabled"}
    assert connections(aep) == ["CRM source", "Ours", "CRM target"]
