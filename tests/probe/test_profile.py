"""A profile that is taken of an emulator says what its habits are, whatever they are."""

import pytest
from ailing import fill
from direct import direct_client
from many import add_batches, add_runs

from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.emulator.profile import switches_of
from airflow_provider_aep.probe.profile import (
    assumed_profile,
    opposite_profile,
    probe_by_reading,
    probe_by_writing,
    profile_of,
)


def furnish(aep):
    """Make what the probes find everything out with."""
    flow_ids = list(fill(aep).values())
    for _ in range(25):
        aep.advance(1)
        add_runs(aep, *flow_ids)
    aep.advance(6 * 3600)
    platform = aep._platform
    sandbox = platform.sandboxes[aep.sandbox]
    add_batches(aep, *sandbox["dataSets"])
    for mapping_set in sandbox["mappingSets"].values():
        sandbox["mappingSetVersions"][mapping_set["id"]] = {"0": dict(mapping_set), "1": mapping_set}
        mapping_set["version"] = 1
    for dataset in sandbox["dataSets"].values():
        since = ["enabledAt:2021-01-20 10:49:51"] if aep.switches.tag_enabled_at else []
        dataset["tags"]["unifiedProfile"] = ["enabled:true", *since]


def made_in(aep):
    """The ids of what there is, without what schedules make."""
    return {name: set(objects) for name, objects in aep.state().items() if name not in ("runs", "batches")}


def probe(aep):
    client = direct_client(aep, sleep=aep.advance)
    results = probe_by_reading(client)
    results, left = probe_by_writing(client, results, pause=aep.advance)
    assert left == []
    return results


def taken_of(profile):
    """What probes find out about an emulator with these habits."""
    with AepEmulator(speed=0, seed=5) as aep:
        habits = switches_of(profile)
        # These two show in what is made, the others would be in the way of making it.
        aep.switches.window_gap, aep.switches.tag_enabled_at = habits["window_gap"], habits["tag_enabled_at"]
        furnish(aep)
        before = made_in(aep)
        for name, value in habits.items():
            setattr(aep.switches, name, value)
        results = probe(aep)
        assert made_in(aep) == before, "it left something behind"
        assert aep.unknown_routes == []
    return results


@pytest.mark.parametrize("profile", [assumed_profile(), opposite_profile()], ids=["assumed", "opposite"])
def test_a_profile_of_an_emulator_equals_its_habits(profile):
    results = taken_of(profile)
    found = {one.assumption.id: (one.found, one.why_not) for one in results}
    assert found == {id_: (value, "") for id_, value in profile["answers"].items()}
    assert profile_of(results) == profile
