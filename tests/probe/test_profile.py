"""A profile that is taken of an emulator says what its habits are, whatever they are."""

import pytest
from ailing import fill
from direct import direct_client
from many import add_batches, add_runs

from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.emulator.profile import SWITCHES, read_profile, switches_of
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.probe.assumptions import ASSUMPTIONS
from airflow_provider_aep.probe.drafts import PREFIX
from airflow_provider_aep.probe.profile import (
    Result,
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


def probe(aep, client=None):
    """All probes. Time passes by moving the emulator's clock."""
    client = client or direct_client(aep, sleep=aep.advance)
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


def test_each_assumption_has_a_probe_and_a_switch_that_does_otherwise():
    assert list(SWITCHES) == [one.id for one in ASSUMPTIONS]
    for one in ASSUMPTIONS:
        assert one.probe or one.writing_probe
        assert one.assumed != one.opposite
        assert switches_of({"answers": {one.id: one.assumed}}) != switches_of({"answers": {one.id: one.opposite}})


def test_the_emulator_does_by_itself_what_is_assumed():
    """But for one: it shows at once what was made, so that tests need not wait."""
    assumed = switches_of(assumed_profile()) | {"list_lag": 0.0}
    assert AepEmulator(**assumed).switches == AepEmulator().switches


def test_an_emulator_takes_a_profile_and_what_is_said_besides():
    switches = AepEmulator(profile=opposite_profile(), max_page_size=50).switches
    assert (switches.refuse_flow_id_lists, switches.list_lag, switches.max_page_size) == (True, 0.5, 50)


def test_what_was_not_found_out_stays_as_it_is():
    profile = {"answers": {"largest-page": None, "run-id-lists": None, "of-a-later-version": True}}
    assert AepEmulator(profile=profile).switches == AepEmulator().switches


@pytest.mark.parametrize("profile", [[], {}, {"answers": []}, {"answers": {"largest-page": []}}])
def test_what_is_no_profile_is_refused(profile):
    with pytest.raises(ValueError, match="not a profile"):
        switches_of(profile)


@pytest.mark.parametrize("id_", SWITCHES)
@pytest.mark.parametrize("found", ["yes", -1, -0.5, {}, [1], ["a b"], float("nan")], ids=str)
def test_an_answer_of_another_type_is_refused_by_its_name(id_, found):
    with pytest.raises(ValueError, match=f"not a profile: the answer to '{id_}' is .*; it is .*, or null"):
        switches_of({"answers": {id_: found}})


def test_a_profile_of_another_format_is_refused():
    with pytest.raises(ValueError, match="not a profile of format 1, but of 2: another version made it"):
        switches_of({"profile": 2, "answers": {}})


@pytest.mark.parametrize("text", ["", "{", "\xff", "[" * 10_000], ids=["nothing", "half", "no text", "deep"])
def test_a_file_that_is_no_json_is_refused(tmp_path, text):
    file = tmp_path / "profile.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="not a profile: it is no JSON"):
        read_profile(file)


@pytest.mark.assumes(*SWITCHES)
def test_an_empty_sandbox_tells_little_and_nothing_untrue(aep):
    results = probe_by_reading(direct_client(aep))
    for one in results:
        assert one.found in (None, one.assumption.assumed)
        assert (one.found is None) == bool(one.why_not)
    assert not any(aep.state().values()), "it made nothing"


def test_a_probe_that_is_not_permitted_does_not_end_the_others(aep):
    aep.fault("GET", "*/mappingSets", kind="status", status=403, times=None)
    aep.fault("GET", "*/runs", kind="status", status=200, body={"items": [[]]}, times=None)
    found = {one.assumption.id: one for one in probe_by_reading(direct_client(aep))}
    assert "was answered 403" in found["mapping-set-lists-whole"].why_not
    assert found["flow-spec-names"].found is not aep.switches.renamed_flow_specs


@pytest.mark.parametrize("sandbox", ["prod", "nowhere"])
def test_nothing_is_written_but_in_a_development_sandbox(aep, sandbox):
    client = direct_client(aep, sandbox=sandbox)
    with pytest.raises(AepConfigError, match="a probe writes in a development sandbox only"):
        probe_by_writing(client, [], pause=aep.advance)
    assert not any(aep.state().values())


class Killed(BaseException):
    """As by SIGKILL: nothing of the process runs any more."""


def killed_after(client, writes):
    """Let the process die when it has sent so many requests that change something."""
    send, left = client.send, [writes]

    def until_dead(call, **options):
        if left[0] < 0:
            raise Killed
        left[0] -= call.method != "GET"
        result = send(call, **options)
        if left[0] < 0:
            raise Killed
        return result

    client.send = until_dead
    return client


@pytest.mark.parametrize("profile", [{"answers": {}}, opposite_profile()], ids=["default", "opposite"])
def test_a_probe_that_is_killed_anywhere_leaves_nothing_once_it_has_run_again(profile):
    unknown = [Result(assumption) for assumption in ASSUMPTIONS]
    with AepEmulator(profile=profile) as aep:

        def write(client):
            results, left = probe_by_writing(client, unknown, pause=aep.advance)
            assert left == []
            return [result.found for result in results]

        alone = write(direct_client(aep))
        writes = sum(request.method in ("POST", "PATCH", "DELETE") for request in aep.requests) - aep.token_requests
        assert writes > 20
        for number in range(writes):
            with pytest.raises(Killed):
                write(killed_after(direct_client(aep), number))
            aep.advance(1)
        assert write(direct_client(aep)) == alone
        assert not any(aep.state().values())


def test_what_the_platform_does_not_let_go_is_said_and_used_again(aep):
    aep.fault("DELETE", "*/tenant/schemas/*", kind="status", status=400, body={"title": "In use"}, times=2)
    _, left = probe_by_writing(
        direct_client(aep, sleep=aep.advance), probe_by_reading(direct_client(aep)), pause=aep.advance
    )
    assert len(left) == 1
    assert left[0].startswith(f"schema '{PREFIX}', which the next probe will use again: ")
    assert [schema["title"] for schema in aep.state()["schemas"].values()] == [PREFIX]
    probe(aep)
    assert not any(aep.state().values())


NO_DRAFTS = {"type": "https://ns.adobe.com/aep/errors/FLOW-1458-400", "title": "No drafts"}


def test_a_platform_without_drafts_is_no_harm(aep):
    aep.fault("POST", "*/connections", kind="status", status=400, body=NO_DRAFTS, times=None)
    found = {one.assumption.id: one for one in probe(aep)}
    assert found["list-lag"].why_not == "The platform takes no draft of a base connection."
    assert found["dataset-tags-merged"].found is not aep.switches.replace_dataset_tags
    assert not any(aep.state().values())


def test_lists_that_never_show_what_was_made(aep):
    aep.switches.list_lag, aep.switches.reads_lag = 1e6, True
    found = {one.assumption.id: one for one in probe_by_reading(direct_client(aep))}
    client = direct_client(aep, sleep=aep.advance)
    results, _ = probe_by_writing(client, found.values(), pause=aep.advance)
    found = {one.assumption.id: one for one in results}
    assert found["list-lag"].found == 60.0
    assert "was answered 404" in found["etag-changes"].why_not
    aep.switches.list_lag = 0.0
    probe(aep)
    assert not any(aep.state().values())
