"""Deleting dataflows: in which order, what stays and why, and a second time everything is gone."""

import pytest

from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.dataflow.destroy import destroy
from airflow_provider_aep.dataflow.replace import REPLACED
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError

from .applied import Death, apply_to, client_of, dying, named, writes
from .world import CRM, KINESIS, spec_of

OTHER = spec_of(CRM, name="Leads", source={"name": "Leads"}, target={"name": "Leads"})


def destroy_on(aep, *specs, client=None, **options):
    return destroy(client or client_of(aep), specs, **options)


def done(report):
    """Step -> what became of it."""
    return {outcome.step: outcome.done for outcome in report.outcomes}


def test_the_dataflow_goes_first_and_what_others_may_share_stays(aep):
    apply_to(aep, spec_of(CRM))
    before = len(aep.requests)
    report = destroy_on(aep, spec_of(CRM))
    assert done(report) == {
        "flow": "deleted",
        "target_connection": "deleted",
        "source_connection": "deleted",
        "dataset": "left",
        "base_connection": "left",
    }
    assert [path.split("/")[-2] for _, path in writes(aep, before)] == [
        "flows",
        "targetConnections",
        "sourceConnections",
    ]
    assert named(aep, "dataset") == ["CRM dataset"]
    assert "because it holds the data; include 'dataset' to delete it and all of its data" in str(report)


def test_a_second_time_all_is_gone(aep):
    apply_to(aep, spec_of(CRM))
    destroy_on(aep, spec_of(CRM), include=["base_connection", "dataset"])
    before = len(aep.requests)
    report = destroy_on(aep, spec_of(CRM), include=["base_connection", "dataset"])
    assert report.ok, report
    assert set(done(report).values()) == {"gone"}
    assert writes(aep, before) == []


def test_what_another_dataflow_uses_stays_and_is_said(aep):
    apply_to(aep, spec_of(CRM), OTHER)
    report = destroy_on(aep, spec_of(CRM), include=["base_connection", "dataset"])
    assert report.ok
    dataset, account = report.of("left")
    (target,) = aep.state()["targetConnections"]
    assert dataset.said == f"because target connection {target} uses it"
    assert account.said.startswith("because something else uses it: ")
    # The last one frees them.
    report = destroy_on(aep, OTHER, include=["base_connection", "dataset"])
    assert set(done(report).values()) == {"deleted"}


@pytest.mark.aep(brief_flow_service_lists=True)
def test_a_dataset_stays_although_the_list_of_its_users_does_not_show_it(aep):
    apply_to(aep, spec_of(CRM), OTHER)
    assert "dataset" in [outcome.step for outcome in destroy_on(aep, spec_of(CRM), include=["dataset"]).of("left")]
    assert named(aep, "dataset") == ["CRM dataset"]


def test_several_that_share_go_together(aep):
    apply_to(aep, spec_of(CRM), OTHER, spec_of(KINESIS))
    report = destroy_on(aep, spec_of(CRM), OTHER, include=["base_connection", "dataset"])
    assert [outcome.step for outcome in report.of("deleted")] == [
        *["flow"] * 2,
        *["target_connection"] * 2,
        *["source_connection"] * 2,
        "dataset",
        "base_connection",
    ]
    assert named(aep, "flow") == ["Web events"]
    assert named(aep, "base_connection") == ["Kinesis"]


def test_a_dry_run_deletes_nothing(aep):
    apply_to(aep, spec_of(CRM))
    before = len(aep.requests)
    report = destroy_on(aep, spec_of(CRM), dry_run=True)
    assert len(report.of("would be deleted")) == 3
    assert writes(aep, before) == []


def test_a_dry_run_says_what_would_stay(aep):
    apply_to(aep, spec_of(CRM), OTHER)
    report = destroy_on(aep, spec_of(CRM), include=["base_connection", "dataset"], dry_run=True)
    assert [outcome.step for outcome in report.of("left")] == ["dataset", "base_connection"]
    assert all(outcome.said.startswith("because ") for outcome in report.of("left"))
    report = destroy_on(aep, spec_of(CRM), OTHER, include=["base_connection", "dataset"], dry_run=True)
    assert not report.of("left")


def test_a_dataset_stays_if_another_dataflow_fills_it_through_the_same_target_connection(aep):
    ids = apply_to(aep, spec_of(CRM)).ids["CRM accounts"]
    live = dict(aep.state()["flows"][ids["flow"]])
    body = {key: live[key] for key in ("flowSpec", "sourceConnectionIds", "targetConnectionIds", "transformations")}
    body |= {"name": "Somebody else's", "scheduleParams": live["scheduleParams"]}
    client_of(aep).send(any_call("POST", "/data/foundation/flowservice/flows", body=body))
    report = destroy_on(aep, spec_of(CRM), include=["dataset"])
    assert [outcome.step for outcome in report.of("left")][:3] == ["target_connection", "source_connection", "dataset"]
    assert named(aep, "dataset") == ["CRM dataset"]


def test_one_that_was_being_replaced_goes_with_it(aep):
    apply_to(aep, spec_of(CRM))
    with pytest.raises(Death):
        apply_to(
            aep,
            spec_of(CRM, source={"table": "Contacts"}),
            allow_replace="reload",
            client=dying(aep, 1, after=True, method="POST", path="/flows$"),
        )
    assert named(aep, "flow") == ["CRM accounts", f"CRM accounts{REPLACED}"]
    assert destroy_on(aep, spec_of(CRM, source={"table": "Contacts"})).ok
    assert named(aep, "flow") == named(aep, "source_connection") == named(aep, "target_connection") == []


def test_what_is_protected_stays(aep):
    apply_to(aep, spec_of(CRM))
    with pytest.raises(AepConfigError) as refused:
        destroy_on(aep, spec_of(CRM, protect=True), OTHER)
    assert str(refused.value) == (
        "Nothing is deleted: 'CRM accounts' is protected. Take protect: true out of the file first."
    )


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("after", [False, True])
def test_a_destroy_that_is_killed_is_finished_by_the_next(aep, number, after):
    apply_to(aep, spec_of(CRM))
    with pytest.raises(Death):
        destroy_on(aep, spec_of(CRM), include=["base_connection", "dataset"], client=dying(aep, number, after=after))
    assert destroy_on(aep, spec_of(CRM), include=["base_connection", "dataset"]).ok
    for step in ("flow", "target_connection", "source_connection", "dataset", "base_connection"):
        assert named(aep, step) == []


@pytest.mark.parametrize("include", ["dataset", ["schema"]])
def test_only_what_can_be_deleted_may_be_included(aep, include):
    with pytest.raises(AepConfigError, match="it is a list of any of dataset, base_connection"):
        destroy_on(aep, spec_of(CRM), include=include)


def test_a_refusal_of_the_platform_fails_one_dataflow_only(aep):
    apply_to(aep, spec_of(CRM), spec_of(KINESIS))
    aep.fault("DELETE", "/flows/*", kind="status", status=400, times=1)
    report = destroy_on(aep, spec_of(CRM), spec_of(KINESIS))
    assert list(report.failures) == ["CRM accounts"]
    assert named(aep, "flow") == ["CRM accounts"]
    assert destroy_on(aep, spec_of(CRM), spec_of(KINESIS)).ok


def test_the_old_one_of_an_interrupted_replacement_is_deleted_with_consent_only(aep):
    apply_to(aep, spec_of(CRM))
    changed = spec_of(CRM, source={"table": "Contacts"})
    with pytest.raises(Death):
        apply_to(aep, changed, client=dying(aep, 2, after=True), allow_replace="reload")
    before = len(aep.requests)
    with pytest.raises(AepConflictError, match="--allow-destroy"):
        apply_to(aep, spec_of(CRM, state="absent"))
    with pytest.raises(AepConflictError, match="protect is true"):
        apply_to(aep, spec_of(CRM, state="absent", protect=True), allow_destroy=True)
    assert writes(aep, before) == []
    report = apply_to(aep, spec_of(CRM, state="absent"), allow_destroy=True)
    assert [outcome.step for outcome in report.of("deleted")] == ["source_connection", "target_connection", "flow"]
    assert named(aep, "flow") == []
