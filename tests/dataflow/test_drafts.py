"""``state: draft``: a new dataflow is made as a draft, on connections that work, and published by ``state: enabled``.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/draft
"""

import pytest

from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.dataflow.render import render
from airflow_provider_aep.exceptions import AepConfigError

from .applied import Death, apply_to, dying, flows, plan_of
from .world import CRM, KINESIS, spec_of, texts

CRM_TO_AEP = FLOW_SPEC_IDS["CRMToAEP"]
NAME = "CRM accounts"
DRAFT = spec_of(CRM, state="draft")


def states(aep, *collections):
    return {one["state"] for collection in collections for one in aep.state()[collection].values()}


@pytest.mark.parametrize("document", [CRM, KINESIS])
def test_a_new_one_is_made_as_a_draft(aep, document):
    spec = spec_of(document, state="draft")
    planned = plan_of(aep, spec)
    assert texts(planned.dataflows[0], "flow") == {
        "draft": "is made as a draft: nothing runs until the file says state: enabled"
    }
    assert planned.dataflows[0].state is None
    report = apply_to(aep, spec)
    assert (report.ok, report.counts()) == (True, {"created": 7}), report
    assert flows(aep) == {spec.name: "draft"}
    assert states(aep, "connections", "sourceConnections", "targetConnections") == {"enabled"}
    (made,) = [record for record in aep.requests if record.method == "POST" and record.path.endswith("/flows")]
    assert made.query == {"mode": ["draft"]}
    assert plan_of(aep, spec).is_empty


def test_a_draft_does_not_run(aep):
    apply_to(aep, DRAFT)
    aep.advance(7_200)
    assert aep.state()["runs"] == {}


@pytest.mark.parametrize("hours", [0, 3])
def test_it_is_published_and_begins_in_the_future(aep, hours):
    """The platform publishes no dataflow whose start time has passed (1360-400)."""
    apply_to(aep, DRAFT)
    aep.advance(3600 * hours)
    enabled = spec_of(CRM, state="enabled")
    assert "  ~ is published, after what it stands on" in render(plan_of(aep, enabled))
    now = aep.now()
    report = apply_to(aep, enabled)
    assert report.ok, report
    assert flows(aep) == {NAME: "enabled"}
    (flow,) = aep.state()["flows"].values()
    assert 0 < int(flow["scheduleParams"]["startTime"]) - now <= 301
    assert plan_of(aep, enabled).is_empty


def test_a_start_time_that_lies_ahead_is_the_declared_one(aep):
    apply_to(aep, DRAFT)
    aep.advance(3600)
    start = int(aep.now()) + 86_400
    assert apply_to(aep, spec_of(CRM, state="enabled", schedule={"start_time": start})).ok
    (flow,) = aep.state()["flows"].values()
    assert int(flow["scheduleParams"]["startTime"]) == start


def test_a_passed_start_time_of_a_draft_is_not_said_to_stay(aep):
    soon = {"start_time": int(aep.now()) + 600}
    apply_to(aep, spec_of(CRM, state="draft", schedule=soon))
    aep.advance(3600)
    assert "keeps its own start time" not in render(plan_of(aep, spec_of(CRM, state="enabled", schedule=soon)))


def test_a_stream_is_published(aep):
    apply_to(aep, spec_of(KINESIS, state="draft"))
    assert apply_to(aep, spec_of(KINESIS, state="enabled")).ok
    assert flows(aep) == {"Web events": "enabled"}


@pytest.mark.parametrize("state", ["draft", None])
def test_a_draft_is_replaced_by_a_draft(aep, state):
    apply_to(aep, DRAFT)
    report = apply_to(aep, spec_of(CRM, state=state, source={"table": "Contacts"}), allow_replace="reload")
    assert report.ok, report
    assert flows(aep) == {NAME: "draft"}


def test_the_replacement_of_a_draft_that_is_interrupted_ends_with_a_draft(aep):
    apply_to(aep, DRAFT)
    changed = spec_of(CRM, source={"table": "Contacts"})
    with pytest.raises(Death):
        apply_to(aep, changed, client=dying(aep, 1, after=True, method="PATCH", path="/flows/"), allow_replace="reload")
    assert flows(aep) == {f"{NAME} ~replaced": "draft"}
    assert apply_to(aep, changed).ok
    assert flows(aep) == {NAME: "draft"}


@pytest.mark.assumes("flow-spec-names")
def test_where_the_platform_has_no_drafts_the_plan_says_so(aep):
    known = aep._platform.specs.flow_specs
    known[CRM_TO_AEP] = {**known[CRM_TO_AEP], "attributes": {"isSourceFlow": True, "isDraftModeSupported": False}}
    with pytest.raises(AepConfigError, match=r"state must not be draft: flow spec CRMToAEP has no drafts"):
        plan_of(aep, DRAFT)
    assert not plan_of(aep, spec_of(CRM)).is_empty
