"""airflow-aep doctor --probe, on the command line."""

import io
import json
import re

import pytest
from direct import direct_client
from provisioning import Provisioning

from airflow_provider_aep.cli.main import main
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.emulator.profile import read_profile
from airflow_provider_aep.probe.assumptions import ASSUMPTIONS
from airflow_provider_aep.probe.profile import opposite_profile


@pytest.fixture(autouse=True)
def _no_pauses(aep, mocker):
    """Lists show at once what was made, so there is nothing to wait for."""
    mocker.patch("airflow_provider_aep.cli.doctor.sleep", aep.advance)


@pytest.mark.assumes("rate-limit-headers")
def test_reading_only_makes_nothing_and_prints_a_table(aep, capsys):
    assert main(["doctor", "--probe"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = lines[lines.index("") + 1 :]
    assert rows[0].split() == ["assumption", "found", "assumed"]
    assert len(rows) == 1 + len(ASSUMPTIONS)
    assert re.fullmatch(r"list-lag +unknown +4.0 +it takes --write", next(row for row in rows if "list-lag" in row))
    assert {request.method for request in aep.requests if "ims" not in request.path} == {"GET"}


@pytest.mark.assumes("largest-page")
def test_a_profile_is_a_file_without_names_ids_or_secrets_that_the_emulator_takes(aep, tmp_path, capsys):
    ids = Provisioning(direct_client(aep), name="Contacts of Example Inc").build().ids
    file = tmp_path / "profile.json"
    assert main(["doctor", "--probe", "--write", "--yes", "--out", str(file), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["well"], report["left"]) == (True, [])
    text = file.read_text()
    profile = read_profile(file)
    assert profile == report["profile"]
    assert {type(found) for found in profile["answers"].values()} <= {bool, int, float, list, type(None)}
    for name in (*ids.values(), "Example", aep.org_id, aep.client_id, aep.client_secret, "127.0.0.1"):
        assert str(name) not in text
    with AepEmulator(profile=profile) as other:
        assert other.switches.max_page_size == aep.switches.max_page_size


def test_without_a_terminal_writing_takes_a_yes(aep, capsys):
    assert main(["doctor", "--probe", "--write"]) == 1
    assert "say so with --yes, as there is no terminal to ask" in capsys.readouterr().err
    assert not any(aep.state().values())


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("yes\n", 0), ("\n", 1), ("n\n", 1)])
def test_on_a_terminal_it_asks(aep, monkeypatch, capsys, typed, code):
    terminal = io.StringIO(typed)
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    assert main(["doctor", "--probe", "--write"]) == code
    assert "make a few drafts, a schema and a dataset in sandbox 'dev'" in capsys.readouterr().out
    assert any(request.method == "POST" and "ims" not in request.path for request in aep.requests) == (code == 0)
    assert not any(aep.state().values())


def test_production_is_refused_before_anybody_is_asked(aep, capsys):
    assert main(["doctor", "--probe", "--write", "--yes", "--sandbox", "prod"]) == 1
    assert (
        "Sandbox 'prod' is of type 'production': a probe writes in a development sandbox only"
        in capsys.readouterr().err
    )
    assert not any(aep.state().values())


def test_what_is_left_behind_is_said(aep, capsys):
    body = {"type": "https://ns.adobe.com/aep/errors/XDM-1-400", "title": "In use"}
    aep.fault("DELETE", "*/tenant/schemas/*", kind="status", status=400, body=body, times=None)
    assert main(["doctor", "--probe", "--write", "--yes"]) == 0
    assert "left behind: schema 'airflow-aep-probe', which the next probe will use again" in capsys.readouterr().out


def test_an_installation_with_a_fault_is_not_probed(aep, capsys):
    aep.switches.client_secret = "rotated"
    assert main(["doctor", "--probe", "--json"]) == 2
    assert "profile" not in json.loads(capsys.readouterr().out)


def test_one_service_without_permission_does_not_keep_the_others_from_being_probed(aep, tmp_path, capsys):
    body = {"type": "https://ns.adobe.com/aep/errors/X-2120-403", "title": "Forbidden"}
    aep.fault("GET", "*/mappingSets", kind="status", status=403, body=body, times=None)
    file = tmp_path / "profile.json"
    assert main(["doctor", "--probe", "--out", str(file)]) == 2
    printed = capsys.readouterr().out
    assert "no-permission-data-prep" in printed
    assert read_profile(file)["answers"]["flow-spec-names"] is not aep.switches.renamed_flow_specs


def test_at_80_columns_no_name_is_broken_and_what_is_long_stands_below(aep, capsys, mocker):
    """A sentence is said once, however many assumptions it is about."""
    mocker.patch("airflow_provider_aep.cli.terminal._WIDE", 80)
    body = {"type": "https://ns.adobe.com/aep/errors/X-2120-403", "title": "Forbidden"}
    aep.fault("GET", "*/batches", kind="status", status=403, body=body, times=None)
    aep.switches.rate_limit_headers = ["x-ratelimit-limit", "x-ratelimit-remaining"]
    assert main(["doctor", "--probe"]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert {line.split(" ")[0] for line in lines} >= {one.id for one in ASSUMPTIONS}
    assert max(len(line) for line in lines) <= 80
    assert re.search(r"^rate-limit-headers +2 named +\[\] +note \d$", printed, re.MULTILINE)
    assert "x-ratelimit-limit, x-ratelimit-remaining" in printed
    assert printed.count("Permissions >") == 1


def test_what_was_not_probed_is_said(aep, tmp_path, capsys):
    aep.switches.client_secret = "rotated"
    file = tmp_path / "profile.json"
    assert main(["doctor", "--probe", "--out", str(file)]) == 2
    assert "The platform was not probed: mend first" in capsys.readouterr().out
    assert not file.exists()


def test_sandboxes_that_may_not_be_listed_are_never_written_in(aep, capsys):
    body = {"type": "https://ns.adobe.com/aep/errors/X-2120-403", "title": "Forbidden"}
    aep.fault("GET", "*/sandbox-management*", kind="status", status=403, body=body, times=None)
    assert main(["doctor", "--probe", "--write", "--yes"]) == 2
    assert "The platform was not probed" in capsys.readouterr().out
    assert {request.method for request in aep.requests if "ims" not in request.path} == {"GET"}


@pytest.mark.parametrize("type_", [None, "production", "Development", "staging"])
def test_a_sandbox_of_any_other_type_is_never_written_in(aep, type_, capsys):
    sandbox = {"name": "dev", "state": "active"} | ({"type": type_} if type_ else {})
    body = {"sandboxes": [sandbox]}
    aep.fault("GET", "*/sandbox-management*", kind="status", status=200, body=body, times=None)
    assert main(["doctor", "--probe", "--write", "--yes"]) == 1
    assert "a probe writes in a development sandbox only" in capsys.readouterr().err
    assert {request.method for request in aep.requests if "ims" not in request.path} == {"GET"}


@pytest.mark.parametrize("name", ["nowhere/profile.json", "."])
def test_a_profile_that_cannot_be_written_is_said_before_anything_is_asked(aep, tmp_path, capsys, name):
    assert main(["doctor", "--probe", "--out", str(tmp_path / name)]) == 1
    assert "--out must be a file in a folder that there is" in capsys.readouterr().err
    assert aep.requests == []


def test_a_profile_that_cannot_be_written_after_all_costs_no_answer(aep, tmp_path, capsys, mocker):
    mocker.patch("pathlib.Path.write_text", side_effect=PermissionError(13, "Permission denied"))
    assert main(["doctor", "--probe", "--out", str(tmp_path / "profile.json")]) == 1
    printed = capsys.readouterr()
    assert "flow-spec-names" in printed.out
    assert "cannot be written: Permission denied." in printed.err


def test_somebody_is_asked_beside_the_json(aep, monkeypatch, capsys):
    terminal = io.StringIO("")
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    assert main(["doctor", "--probe", "--write", "--json"]) == 1
    printed = capsys.readouterr()
    assert "What the platform does not let go, such as a schema in use, stays and is named at the end." in printed.err
    assert "there was no yes" in printed.err
    assert printed.out == ""


def test_a_yes_without_a_question_is_refused(aep, capsys):
    assert main(["doctor", "--probe", "--yes"]) == 1
    assert "--yes is for --write" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--write"], ["--yes"], ["--out", "profile.json"]])
def test_options_of_a_probe_without_it_are_refused(aep, capsys, option):
    assert main(["doctor", *option]) == 1
    assert f"{option[0]} is for --probe" in capsys.readouterr().err


def test_the_emulator_takes_a_profile_on_the_command_line(mocker, tmp_path, capsys):
    serve = mocker.patch("airflow_provider_aep.emulator.serve.serve")
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(opposite_profile()))
    assert main(["emulator", "--profile", str(file)]) == 0
    assert serve.call_args.kwargs["profile"] == opposite_profile()
    file.write_text("{}")
    assert main(["emulator", "--profile", str(file)]) == 1
    assert "--profile must name a file that doctor --probe --out wrote: not a profile" in capsys.readouterr().err
