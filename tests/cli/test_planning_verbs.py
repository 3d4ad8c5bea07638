"""airflow-aep plan and drift, against the emulator."""

import json

import pytest
from dataflow.world import CRM, World, spec_of

from airflow_provider_aep.cli.main import main


@pytest.fixture
def world(aep):
    return World(aep)


@pytest.fixture
def file(tmp_path):
    """Writes a spec file. Returns its path."""

    def write(**changes):
        path = tmp_path / "crm.json"
        path.write_text(json.dumps({**CRM, **changes}))
        return str(path)

    return write


def run(capsys, *line):
    code = main(line)
    return code, *capsys.readouterr()


def test_a_plan_of_something_new_ends_with_two(world, file, capsys):
    code, out, err = run(capsys, "plan", file())
    assert (code, err) == (2, "")
    assert out.splitlines()[0].startswith(f"dev of {world.aep.org_id} · 1 dataflow · 7 resources · ")
    assert "requests, " in out.splitlines()[0]
    assert out.splitlines()[-1].startswith("Plan: 7 to create, 0 unchanged.  Fingerprint ")


def test_a_plan_of_nothing_ends_with_zero(world, file, capsys):
    world.make(spec_of())
    code, out, _ = run(capsys, "plan", file())
    assert code == 0
    assert out.splitlines()[-1] == "No changes: 1 dataflow as declared."


def test_an_error_ends_with_one(world, file, capsys):
    code, out, err = run(capsys, "plan", file(schema="Nothing"))
    assert (code, out) == (1, "")
    assert err.startswith("airflow-aep: CRM accounts: there is no schema 'Nothing', to which the file refers")


def test_files_with_errors_are_not_planned(world, file, capsys):
    code, _, err = run(capsys, "plan", file(schedule={"frequency": "never"}))
    assert code == 1
    assert "D502" in err
    assert world.aep.requests == []


def test_json_is_the_same_on_standard_output_and_in_a_file(world, file, capsys, tmp_path):
    code, out, _ = run(capsys, "plan", file(), "--json", "--out", str(tmp_path / "plan.json"))
    assert code == 2
    assert json.loads(out) == json.loads((tmp_path / "plan.json").read_text())
    assert json.loads(out)["resources"][0]["source"]["file"].endswith("crm.json")


def test_dataflows_that_no_file_names(world, file, capsys):
    world.make(spec_of(name="Another", source={"name": "Another"}, target={"name": "Another"}))
    _, out, _ = run(capsys, "plan", file(), "--unmanaged")
    assert "1 source dataflow that no file names:" in out


def test_drift(world, file, capsys):
    world.make(spec_of(options={"errorDiagnosticsEnabled": True}))
    assert run(capsys, "drift", file())[0] == 0
    code, out, _ = run(capsys, "drift", file(), "--full", "--test-connections")
    assert code == 0
    assert "      options.errorDiagnosticsEnabled True" in out
    code, out, _ = run(capsys, "drift", file(schedule={"frequency": "day", "interval": 1}), "--json")
    assert code == 2
    assert json.loads(out)["summary"]["update"] == 1
