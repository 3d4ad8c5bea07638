"""models/flow_spec.py: the platform's own rules for one family of dataflows."""

import pytest

from airflow_provider_aep.models.flow_spec import FlowSpec

ID = "d69717ba-71b4-4313-b654-49f9cf126d7a"
MAPPING = {"name": "Mapping", "spec": {"type": "object"}}


@pytest.mark.parametrize(
    "response",
    [
        {"transformationSpecs": [MAPPING]},
        {"transformationSpec": [MAPPING]},
        {"transformationSpecs": MAPPING},
        {"transformationSpec": MAPPING},
    ],
)
def test_transformations_are_found_under_both_keys(response):
    (found,) = FlowSpec.model_validate({"id": ID, **response}).transformation_specs
    assert (found.name, found.spec) == ("Mapping", {"type": "object"})


def test_a_flow_spec_may_say_nothing_else():
    spec = FlowSpec.model_validate({"id": ID, "transformationSpecs": None, "attributes": None, "scheduleSpec": None})
    assert spec == FlowSpec(id=ID)


@pytest.mark.parametrize(
    ("attributes", "supported"),
    [
        ({"uiAttributes": {"apiFeatures": {"flowRunsSupported": False}}}, False),
        ({"uiAttributes": {"apiFeatures": {"flowRunsSupported": True}}}, True),
        ({"uiAttributes": {"apiFeatures": {"updateSupported": False}}}, True),
        ({"uiAttributes": {"apiFeatures": None}}, True),
        ({"uiAttributes": None}, True),
        ({"isSourceFlow": True, "frequency": "batch"}, True),
        (None, True),
    ],
)
def test_only_a_flow_spec_that_says_so_has_no_runs(attributes, supported):
    assert FlowSpec.model_validate({"id": ID, "attributes": attributes}).flow_runs_supported is supported


@pytest.mark.parametrize(
    ("attributes", "supported"),
    [({"isDraftModeSupported": False}, False), ({"isDraftModeSupported": True}, True), ({}, True), (None, True)],
)
def test_only_a_flow_spec_that_says_so_has_no_drafts(attributes, supported):
    assert FlowSpec.model_validate({"id": ID, "attributes": attributes}).drafts_supported is supported
