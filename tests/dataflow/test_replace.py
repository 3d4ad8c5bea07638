"""Replacing a dataflow that the platform cannot change: with consent only, and whatever goes wrong there is one."""

import re

import pytest

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.dataflow.render import render
from airflow_provider_aep.dataflow.replace import LAST_RUN, REPLACED
from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.resources.flow import FLOW

from .applied import Death, apply_to, client_of, dying, flows, named, plan_of, writes
from .world import CRM, KINESIS, spec_of

NAME = "CRM accounts"
S3 = {
    "name": "Orders",
    "connector": "amazon-s3",
    "base_connection": {"auth_spec_name": "Access Key", "credentials_conn_id": "kinesis"},
    "source": {"data_format": "delimited", "path": "/exports/orders"},
    "schema": CRM["schema"],
    "mappings": {"person.name.firstName": "first_name"},
    "schedule": {"frequency": "day", "interval": 1},
}

# What is there, and what the file says next: each of them needs a new dataflow.
REASONS = {
    "table": (CRM, {"source": {"table": "Contacts"}}),
    "path": (S3, {"source": {"path": "/exports/orders_v2"}}),
    "format": (S3, {"source": {"data_format": "json"}}),
    "stream": (KINESIS, {"source": {"params": {"stream": "web-events-2"}}}),
    "base connection": (CRM, {"base_connection": {"name": "Another account"}}),
    "dataset": (CRM, {"dataset": {"name": "Another dataset"}}),
    "target": (CRM, {"target": {"data_format": "parquet"}}),
}


def backfill_of(aep):
    (flow,) = aep.state()["flows"].values()
    return flow.get("scheduleParams", {}).get("backfill")


@pytest.mark.parametrize("reason", REASONS)
def test_without_consent_nothing_is_written(aep, reason):
    document, change = REASONS[reason]
    apply_to(aep, spec_of(document))
    before = len(aep.requests)
    with pytest.raises(AepConflictError, match=r"it would have to be replaced .* Say what becomes of the data"):
        apply_to(aep, spec_of(document, **change))
    assert writes(aep, before) == []


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("consent", ["reload", "continue"])
def test_with_consent_a_new_one_takes_its_place(aep, reason, consent):
    """Section 12.13, of this part."""
    document, change = REASONS[reason]
    old = apply_to(aep, spec_of(document)).ids[document["name"]]
    changed = spec_of(document, **change)
    report = apply_to(aep, changed, allow_replace=consent)
    assert report.ok, report
    assert flows(aep) == {document["name"]: "enabled"}
    assert report.ids[document["name"]]["flow"] not in (None, old["flow"])
    for step in ("source_connection", "target_connection"):
        assert len(named(aep, step)) == 1
    if document is not KINESIS:
        assert backfill_of(aep) is (consent == "reload")
    assert plan_of(aep, changed).is_empty


def test_reload_and_continue_must_agree_with_what_the_file_declares(aep):
    apply_to(aep, spec_of(CRM, schedule={"backfill": True}))
    changed = spec_of(CRM, source={"table": "Contacts"}, schedule={"backfill": True})
    with pytest.raises(AepConflictError) as refused:
        apply_to(aep, changed, allow_replace="continue")
    assert str(refused.value) == (
        "Nothing was written:\n"
        f'  {NAME}: The dataflow {NAME!r} declares schedule.backfill True, and allow_replace="continue" means the '
        'contrary: declare schedule.backfill False, or replace it with allow_replace="reload".'
    )
    assert apply_to(aep, changed, allow_replace="reload").ok
    assert plan_of(aep, changed).is_empty


def test_a_dataflow_that_runs_once_reads_everything(aep):
    once = {"schedule": {"frequency": "once", "interval": None}, "delta_column": None}
    apply_to(aep, spec_of(CRM))
    with pytest.raises(AepConflictError, match=r'runs once, and reads everything .* allow_replace="reload"'):
        apply_to(aep, spec_of(CRM, **once), allow_replace="continue")
    assert apply_to(aep, spec_of(CRM, **once), allow_replace="reload").ok
    assert backfill_of(aep) is None


def test_a_disabled_one_is_replaced_by_a_disabled_one(aep):
    apply_to(aep, spec_of(CRM, state="disabled"))
    assert apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload").ok
    assert flows(aep) == {NAME: "disabled"}


def test_a_disabled_one_that_is_declared_so_is_replaced_by_a_disabled_one(aep):
    apply_to(aep, spec_of(CRM, state="disabled"))
    changed = spec_of(CRM, state="disabled", source={"table": "Contacts"})
    assert apply_to(aep, changed, allow_replace="reload").ok
    assert flows(aep) == {NAME: "disabled"}
    assert plan_of(aep, changed).is_empty


def test_what_the_platform_refuses_leaves_the_old_one_as_it_was(aep):
    old = apply_to(aep, spec_of(CRM)).ids[NAME]["flow"]
    aep.fault("POST", "/flows", kind="status", status=400)
    report = apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload")
    assert "The old dataflow is what it was." in report.failures[NAME]
    assert list(aep.state()["flows"]) == [old]
    assert flows(aep) == {NAME: "enabled"}
    # The new source connection is not forgotten: the next apply goes on with it.
    assert apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload").ok
    assert named(aep, "source_connection") == ["CRM source"]


@pytest.mark.assumes("names-repeat")
def test_what_the_rules_of_the_platform_object_to_is_known_before_the_old_one_is_touched(aep):
    apply_to(aep, spec_of(CRM))
    aep.fault("GET", "/flowSpecs/*", kind="status", status=400, times=None)
    before = len(aep.requests)
    report = apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload")
    assert not report.ok
    assert [path.rsplit("/", 1)[-1] for _, path in writes(aep, before)] == ["sourceConnections"]
    assert flows(aep) == {NAME: "enabled"}


def test_if_nobody_knows_whether_it_was_made_the_next_apply_goes_on(aep):
    apply_to(aep, spec_of(CRM))
    aep.fault("POST", "/flows", kind="status", status=503, times=None)
    report = apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="continue")
    assert f'The old one is left disabled, as "{NAME}{REPLACED}": apply again.' in report.failures[NAME]
    assert report.retryable
    assert flows(aep) == {f"{NAME}{REPLACED}": "disabled"}
    aep.clear_faults()
    # The consent was given when it began: the name of the old one says so.
    assert apply_to(aep, spec_of(CRM, source={"table": "Contacts"})).ok
    assert flows(aep) == {NAME: "enabled"}


@pytest.mark.parametrize("consent", ["reload", "continue"])
def test_what_goes_on_without_consent_does_what_was_chosen_for_the_data(aep, consent):
    changed = spec_of(CRM, source={"table": "Contacts"})
    apply_to(aep, spec_of(CRM, description="every hour"))
    with pytest.raises(Death):
        apply_to(aep, changed, client=dying(aep, 1, after=True, path="/action$"), allow_replace=consent)
    (old,) = aep.state()["flows"].values()
    assert old["description"] == f"every hour (being replaced: {consent})"
    meant = {"reload": "reads everything again (reload)", "continue": "reads only what appears from its start on"}
    assert meant[consent] in render(plan_of(aep, changed))
    # It says what that does to the data, as the first plan did, and asks for no consent.
    said = {
        "reload": "! reload:    reads everything again; ",
        "continue": "without backfill; what changed since its last",
    }
    assert said[consent] in render(plan_of(aep, changed))
    assert "--allow-replace" not in render(plan_of(aep, changed))
    assert apply_to(aep, changed).ok
    assert backfill_of(aep) is (consent == "reload")


def test_what_goes_on_says_which_window_is_not_read(aep):
    """The end of the last window of the old one, and the start of the new one."""
    changed = spec_of(CRM, source={"table": "Contacts"})
    apply_to(aep, spec_of(CRM))
    aep.advance(7_200)
    (first,) = [each.text for each in plan_of(aep, changed).dataflows[0].resource("flow").consequences][-1:]
    with pytest.raises(Death):
        apply_to(aep, changed, client=dying(aep, 1, after=True, path="/action$"), allow_replace="continue")
    (again,) = [each.text for each in plan_of(aep, changed).dataflows[0].resource("flow").consequences]
    gap = re.compile(r"; what changed from (\d{4}-\d\d-\d\d \d\d:\d\d UTC) to then is not read$")
    assert gap.search(first)[1] == gap.search(again)[1]


def test_a_stream_that_goes_on_says_what_becomes_of_its_events(aep):
    changed = spec_of(KINESIS, source={"params": {"stream": "web-events-2"}})
    apply_to(aep, spec_of(KINESIS))
    with pytest.raises(Death):
        apply_to(aep, changed, client=dying(aep, 1, after=True, path="/action$"), allow_replace="reload")
    (told,) = [each.text for each in plan_of(aep, changed).dataflows[0].resource("flow").consequences]
    assert told.startswith("between deleting and creating, events stay in the stream; reset: latest skips them")


def test_what_goes_on_needs_consent_if_nothing_says_what_was_chosen(aep):
    changed = spec_of(CRM, source={"table": "Contacts"})
    old = apply_to(aep, spec_of(CRM)).ids[NAME]["flow"]
    client = client_of(aep)
    live = client.send(flow_service.get_flow(old))
    client.send(FLOW.update(live, live, (Change("/name", f"{NAME}{REPLACED}", NAME),)))
    asked = render(plan_of(aep, changed)).splitlines()
    assert "      choose with --allow-replace reload|continue" in asked
    assert asked[-1].endswith("Apply refuses this without --allow-replace.")
    before = len(aep.requests)
    with pytest.raises(AepConflictError, match=r"was interrupted, and 'CRM accounts ~replaced' does not say how"):
        apply_to(aep, changed)
    assert writes(aep, before) == []
    assert apply_to(aep, changed, allow_replace="continue").ok
    assert backfill_of(aep) is False


def test_the_old_one_has_its_description_again_if_the_new_one_is_refused(aep):
    apply_to(aep, spec_of(CRM, description="every hour"))
    aep.fault("POST", "/flows", kind="status", status=400)
    assert not apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload").ok
    assert [flow["description"] for flow in aep.state()["flows"].values()] == ["every hour"]


def test_an_old_one_without_a_description_has_none_again(aep):
    apply_to(aep, spec_of(CRM))
    (before,) = aep.state()["flows"].values()
    aep.fault("POST", "/flows", kind="status", status=400)
    assert not apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload").ok
    assert [flow.get("description") for flow in aep.state()["flows"].values()] == [before.get("description")]


def test_an_old_one_that_cannot_be_disabled_is_named(aep):
    apply_to(aep, spec_of(CRM))
    aep.fault("POST", "/flows/*", kind="status", status=400)
    report = apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload")
    assert f'The old one may be called "{NAME}{REPLACED}" and disabled by now: apply again.' in report.failures[NAME]


def test_what_is_left_of_the_old_one_is_named(aep):
    old = apply_to(aep, spec_of(CRM)).ids[NAME]
    aep.fault("DELETE", "/flows/*", kind="status", status=400)
    report = apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload")
    said = report.failures[NAME]
    assert f"The new dataflow is there; of the old one, {old['flow']}, the deletion is not finished." in said
    assert old["source_connection"] in said
    assert old["target_connection"] not in said
    assert str(report).splitlines()[-1] == "Done: 2 replaced, 5 reused, 1 failed."
    (failed,) = report.of("failed")
    assert (failed.name, failed.id) == (f"{NAME}{REPLACED}", old["flow"])
    assert report.ids[NAME]["flow"] not in (None, old["flow"])
    assert apply_to(aep, spec_of(CRM, source={"table": "Contacts"})).ok
    assert flows(aep) == {NAME: "enabled"}


def test_what_is_left_of_the_old_one_is_named_although_the_answer_of_the_new_one_was_lost(aep):
    apply_to(aep, spec_of(CRM))
    aep.fault("POST", "/flows", kind="drop_after")
    aep.fault("DELETE", "/flows/*", kind="status", status=400)
    report = apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload")
    assert str(report).splitlines()[-1] == "Done: 2 replaced, 5 reused, 1 failed."


def test_a_dataflow_that_runs_once_offers_one_way_only(aep):
    apply_to(aep, spec_of(CRM))
    once = spec_of(CRM, schedule={"frequency": "once", "interval": None}, delta_column=None)
    with pytest.raises(AepConflictError, match=r'\(--allow-replace\): "reload" reads everything again\.$'):
        apply_to(aep, once)


def test_its_last_run_is_waited_for(aep):
    ids = apply_to(aep, spec_of(CRM)).ids[NAME]
    aep.advance(302)
    client = client_of(aep)
    assert [run["flowId"] for run in aep.state()["runs"].values()] == [ids["flow"]]
    assert apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload", client=client).ok
    (run,) = [run for run in aep.state()["runs"].values() if run["flowId"] == ids["flow"]]
    assert run["metrics"]["statusSummary"]["status"] == "success"


@pytest.mark.aep(ignore_orderby=True, max_page_size=7)
def test_its_last_run_is_waited_for_wherever_the_list_has_it(aep):
    ids = apply_to(aep, spec_of(CRM)).ids[NAME]
    aep.advance(302 + 14 * 3_600)
    assert len(aep.state()["runs"]) == 15
    assert apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload").ok
    runs = [run for run in aep.state()["runs"].values() if run["flowId"] == ids["flow"]]
    assert {run["metrics"]["statusSummary"]["status"] for run in runs} == {"success"}


def test_a_run_without_end_is_not_waited_for_for_ever(aep):
    ids = apply_to(aep, spec_of(CRM)).ids[NAME]
    aep.script_run("success", flow_id=ids["flow"], duration=10_000)
    aep.advance(302)
    report = apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload")
    assert f"has gone on for {sum(LAST_RUN):.0f} s. It is disabled" in report.failures[NAME]
    assert flows(aep) == {f"{NAME}{REPLACED}": "disabled"}
    aep.advance(10_000)
    assert apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload").ok
    assert flows(aep) == {NAME: "enabled"}


@pytest.mark.assumes("names-repeat")
def test_connections_that_another_dataflow_uses_stay(aep):
    old = apply_to(aep, spec_of(CRM)).ids[NAME]
    aep_flow = dict(aep.state()["flows"][old["flow"]])
    body = {key: aep_flow[key] for key in ("flowSpec", "sourceConnectionIds", "targetConnectionIds", "transformations")}
    body |= {"name": "Somebody else's", "scheduleParams": aep_flow["scheduleParams"]}
    client_of(aep).send(any_call("POST", "/data/foundation/flowservice/flows", body=body))
    report = apply_to(aep, spec_of(CRM, source={"table": "Contacts"}), allow_replace="reload")
    assert report.ok, report
    assert len(named(aep, "source_connection")) == 2
    assert len(named(aep, "target_connection")) == 1


def test_where_a_dataset_takes_one_dataflow_only_the_old_one_goes_first(aep, mocker):
    """A relational schema (change data capture): the deletion comes before the create, and a refusal says so."""
    apply_to(aep, spec_of(CRM))
    mocker.patch.object(Schema, "is_relational", property(lambda schema: True))
    changed = spec_of(CRM, source={"table": "Contacts"}, schema="CRM schema")
    before = len(aep.requests)
    aep.fault("POST", "/flows", kind="status", status=400)
    report = apply_to(aep, changed, allow_replace="reload")
    assert "The old dataflow 'CRM accounts' had to be deleted before, so there is none now." in report.failures[NAME]
    sent = [(method, path.split("/")[4]) for method, path in writes(aep, before)]
    assert [method for method, collection in sent if collection == "flows"] == ["PATCH", "POST", "DELETE", "POST"]
    assert flows(aep) == {}
    assert apply_to(aep, changed).ok
    assert flows(aep) == {NAME: "enabled"}
