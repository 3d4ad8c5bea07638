"""The flow spec of a dataflow: what Adobe publishes, or what the platform lists for the source."""

import pytest

from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepConfigError

from .world import CRM, spec_of

OWN, OTHER = "11111111-2222-4333-8444-555555555555", "66666666-2222-4333-8444-555555555555"
CRM_SPEC = FLOW_SPEC_IDS["CRMToAEP"]


def asked(world):
    return sum(record.path.endswith("/flowSpecs") for record in world.aep.requests)


def flow_spec_of(planned):
    return planned.resource("flow").declared.flow_spec.id


@pytest.mark.parametrize("named", [None, "CRMToAEP", CRM_SPEC])
def test_by_its_name_its_id_or_the_connector(world, named):
    assert flow_spec_of(world.plan_of(spec_of(flow_spec=named))) == CRM_SPEC


def test_that_of_a_live_dataflow_is_not_asked_for_if_it_is_the_published_one(world):
    world.make(spec_of())
    world.plan(spec_of())
    assert asked(world) == 0
    world.plan(spec_of(name="New"), spec_of(name="Newer"))
    assert asked(world) == 1


def test_a_source_of_ones_own_is_listed(world):
    own = {"id": OWN, "name": "own", "version": "1.0", "type": "connection", "providerId": OWN}
    world.aep.register_spec(own)
    flow_spec = world.aep.register_spec({**own, "id": OTHER, "type": "flow", "sourceConnectionSpecIds": [OWN]})
    spec = spec_of(CRM, connector=OWN, source={"params": {"any": 1}}, delta_column=None)
    assert flow_spec_of(world.plan_of(spec)) == flow_spec == OTHER


def test_a_name_that_the_platform_does_not_have(world):
    with pytest.raises(AepConfigError) as raised:
        world.plan(spec_of(flow_spec="CRMToNowhere"))
    assert str(raised.value) == (
        "CRM accounts: flow_spec must say which flow spec is meant, by its id: named 'CRMToNowhere' for 'salesforce' "
        "there is none."
    )


def test_an_id_that_the_platform_does_not_list(world):
    with pytest.raises(AepConfigError, match="which the platform does not list"):
        world.plan(spec_of(flow_spec=OWN))


@pytest.mark.assumes("flow-spec-names")
def test_one_that_is_not_for_the_source(world):
    """Of the live one the platform would say so when it is replaced (1413-400)."""
    with pytest.raises(AepConfigError, match="CloudStorageToAEP does not list connection spec"):
        world.plan(spec_of(flow_spec=FLOW_SPEC_IDS["CloudStorageToAEP"]))
