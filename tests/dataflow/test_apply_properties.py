"""What holds for any spec: an apply leaves nothing to do, a second one only reads, and what was not declared stays."""

import copy
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.emulator import AepEmulator

from .applied import COLLECTIONS, apply_to, client_of, plan_of, writes
from .world import COLUMNS, CRM, KINESIS, spec_of

SOME = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.one_of(st.none(), st.text("abcü ~'\"/", min_size=1, max_size=12).map(str.strip).filter(bool))
DESTINATIONS = ("person.name.firstName", "person.name.lastName", "personalEmail.address", "homeAddress.city")
SOURCES = st.one_of(
    st.sampled_from([column["name"] for column in COLUMNS]),
    st.sampled_from(["lower(email)", "concat(first_name, last_name)"]).map(lambda text: {"expression": text}),
    st.just({"static": "web"}),
)


@st.composite
def crm_specs(draw):
    """Specs of one table source, each part of which may be said in several ways or not at all."""
    once = draw(st.booleans())
    schedules = [{"frequency": "hour", "interval": 1}, {"frequency": "minute", "interval": "15"}]
    schedule = {"frequency": "once"} if once else dict(draw(st.sampled_from(schedules)))
    if not once and draw(st.booleans()):
        schedule["backfill"] = draw(st.booleans())
    parts = {
        "schedule": schedule,
        "mappings": draw(st.dictionaries(st.sampled_from(DESTINATIONS), SOURCES, min_size=1)),
        "options": draw(st.one_of(st.none(), st.just({"errorDiagnosticsEnabled": True, "partialIngestionPercent": 5}))),
        "description": draw(TEXTS),
        "state": draw(st.sampled_from([None, "enabled", "disabled"])),
        "dataset": draw(st.sampled_from([{}, {"name": "D", "enable_profile": True, "tags": {"team": ["crm"]}}])),
        "target": {"description": draw(TEXTS)},
        "source": {"table": "Accounts", "columns": draw(st.sampled_from([None, COLUMNS])), "description": draw(TEXTS)},
    }
    document = {**copy.deepcopy(CRM), **parts}
    if once:
        del document["delta_column"]
    return spec_of({key: value for key, value in document.items() if value is not None})


SPECS = st.one_of(crm_specs(), st.just(spec_of(KINESIS)))


@SOME
@given(SPECS)
def test_after_an_apply_nothing_is_to_be_done(spec):
    """Section 12.2."""
    with AepEmulator() as aep:
        report = apply_to(aep, spec)
        assert report.ok, report
        assert plan_of(aep, spec).is_empty
        before = len(aep.requests)
        assert apply_to(aep, spec).counts() == {"reused": len(report.outcomes) - len(report.of("updated"))}
        assert writes(aep, before) == []


# What somebody else keeps in a resource, and no file of these tests declares.
FOREIGN = {
    "base_connection": ("connections", {"op": "add", "path": "/labels", "value": ["core/C1"]}),
    "source_connection": ("sourceConnections", {"op": "add", "path": "/labels", "value": ["core/C2"]}),
    "target_connection": ("targetConnections", {"op": "add", "path": "/labels", "value": ["core/C3"]}),
    "flow": ("flows", {"op": "add", "path": "/labels", "value": ["core/C4"]}),
}
CHANGING = {"etag", "version", "updatedAt", "updatedBy", "updatedClient", "lastOperation", "name"}


@SOME
@given(crm_specs(), crm_specs())
def test_what_was_not_declared_stays_as_it_was(first, second):
    """Section 12.4: labels that somebody gave, through an apply of another spec of the same dataflow."""
    with AepEmulator() as aep:
        ids = apply_to(aep, first).ids["CRM accounts"]
        client = client_of(aep)
        for step, (collection, operation) in FOREIGN.items():
            etag = aep.state()[collection][ids[step]]["etag"]
            path = f"/data/foundation/flowservice/{collection}/{ids[step]}"
            client.send(any_call("PATCH", path, body=[operation], headers={"If-Match": etag}))
        before = aep.state()
        report = apply_to(aep, second, allow_replace="reload" if second.schedule.backfill is not False else "continue")
        for step, (collection, _) in FOREIGN.items():
            if report.ids["CRM accounts"].get(step) == ids[step]:
                kept = aep.state()[collection][ids[step]]
                assert kept["labels"] == before[collection][ids[step]]["labels"]


@pytest.mark.parametrize("document", [CRM, KINESIS])
def test_all_that_is_not_declared_is_equal_before_and_after_an_update(aep, document):
    """Section 12.4, all seven: every field but those that the change names and those that the platform keeps."""
    apply_to(aep, spec_of(document))
    before = copy.deepcopy(SimpleNamespace(**aep.state()))
    apply_to(aep, spec_of(document, description="Another one"))
    for step, collection in COLLECTIONS.items():
        for id_, one in getattr(before, collection).items():
            changing = {*CHANGING, *(["description"] if step == "flow" else [])}
            now = aep.state()[collection][id_]
            assert {key: now[key] for key in now if key not in changing} == {
                key: one[key] for key in one if key not in changing
            }
