"""airflow-aep apply and destroy, against the emulator."""

import io
import json

import pytest
from dataflow.applied import writes
from dataflow.world import CRM

from airflow_provider_aep.cli.main import main

NEW = {"source": {"name": "CRM source", "table": "Contacts"}}


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    secrets = {"login": "crm@example.com", "password": "canary-password", "extra": {"securityToken": "canary-token"}}
    monkeypatch.setenv("AIRFLOW_CONN_SALESFORCE_CRM", json.dumps({"conn_type": "generic", **secrets}))


@pytest.fixture
def file(tmp_path):
    """Writes a spec file. Returns its path."""

    def write(**changes):
        path = tmp_path / "crm.json"
        path.write_text(json.dumps({**CRM, **changes}))
        return str(path)

    return write


class Terminal(io.StringIO):
    """Somebody who types an answer."""

    def isatty(self):
        return True


def run(capsys, *line):
    code = main(line)
    return code, *capsys.readouterr()


def test_a_plan_is_shown_and_done(aep, file, capsys):
    code, out, err = run(capsys, "apply", file(), "--yes")
    assert (code, err) == (0, "")
    assert "Plan: 7 to create, 0 unchanged." in out
    assert out.splitlines()[-1] == "Done: 7 created."
    assert "canary" not in out
    code, out, _ = run(capsys, "apply", file(), "--yes")
    assert code == 0
    assert out.splitlines()[-1] == "No changes: 1 dataflow as declared."


def test_without_a_terminal_somebody_must_have_said_yes(aep, file, capsys):
    code, _, err = run(capsys, "apply", file())
    assert code == 1
    assert err == "airflow-aep: Nothing was done: without a terminal there is nobody to ask, so say --yes.\n"
    assert writes(aep) == []


@pytest.mark.parametrize(("typed", "code", "flows"), [("yes\n", 0, 1), ("y\n", 1, 0), ("", 1, 0)])
def test_at_a_terminal_somebody_is_asked(aep, file, capsys, monkeypatch, typed, code, flows):
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    ended, _, err = run(capsys, "apply", file())
    assert ended == code
    assert "Apply this plan? Only yes does: " in err
    assert len(aep.state()["flows"]) == flows


def test_as_json_it_is_the_report_alone(aep, file, capsys):
    code, out, _ = run(capsys, "apply", file(), "--yes", "--json")
    report = json.loads(out)
    assert (code, report["ok"], report["summary"]) == (0, True, {"created": 7})
    assert report["ids"]["CRM accounts"]["flow"] in aep.state()["flows"]


def test_replacing_is_refused_and_done_with_consent(aep, file, capsys):
    run(capsys, "apply", file(), "--yes")
    code, _, err = run(capsys, "apply", file(**NEW), "--yes")
    assert code == 1
    assert "Say what becomes of the data, with allow_replace (--allow-replace)" in err
    code, out, _ = run(capsys, "apply", file(**NEW), "--yes", "--allow-replace", "continue")
    assert code == 0
    assert out.splitlines()[-1] == "Done: 2 replaced, 5 reused."
    assert "without --allow-replace" not in out


def test_an_old_dataflow_that_is_not_deleted_counts_as_failed(aep, file, capsys):
    run(capsys, "apply", file(), "--yes")
    aep.fault("DELETE", "/flows/*", kind="status", status=400)
    code, out, _ = run(capsys, "apply", file(**NEW), "--yes", "--allow-replace", "continue")
    assert (code, out.splitlines()[-1]) == (1, "Done: 2 replaced, 5 reused, 1 failed.")
    assert "the deletion is not finished" in out


def test_another_plan_than_expected_is_refused(aep, file, capsys):
    code, _, err = run(capsys, "apply", file(), "--yes", "--expect", "0badcafe")
    assert code == 1
    assert "is not the one that was approved" in err
    assert writes(aep) == []


def test_what_fails_ends_with_one_and_the_report_names_it(aep, file, capsys):
    aep.fault("POST", "/targetConnections", kind="status", status=400)
    code, out, _ = run(capsys, "apply", file(), "--yes", "--on-failure", "rollback")
    assert code == 1
    assert "CRM accounts failed: POST " in out
    assert "CRM accounts: mapping set " in out
    assert "left: because the platform cannot delete it" in out
    assert aep.state()["connections"] == aep.state()["dataSets"] == {}


def test_a_dataflow_is_deleted_and_what_is_shared_is_left(aep, file, capsys):
    run(capsys, "apply", file(), "--yes")
    code, out, err = run(capsys, "destroy", file(), "--dry-run")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "Done: 3 would be deleted, 2 left."
    code, _, err = run(capsys, "destroy", file())
    assert (code, len(aep.state()["flows"])) == (1, 1)
    assert "say --yes" in err
    code, out, _ = run(capsys, "destroy", file(), "--yes", "--with", "base-connection")
    assert code == 0
    assert out.splitlines()[-1] == "Done: 4 deleted, 1 left."
    code, out, _ = run(capsys, "destroy", file(), "--json")
    assert json.loads(out)["summary"] == {"gone": 4, "left": 1}


@pytest.mark.parametrize("given", ["schema", "dataset,schema"])
def test_destroying_something_else_is_refused(aep, file, capsys, given):
    with pytest.raises(SystemExit, match="64"):
        main(["destroy", file(), "--yes", "--with", given])
    assert capsys.readouterr().err == (
        "airflow-aep destroy: argument --with: 'schema' is none of dataset and base-connection. "
        "See airflow-aep destroy --help.\n"
    )
    assert aep.requests == []


def test_what_else_goes_may_be_several(aep, file, capsys):
    run(capsys, "apply", file(), "--yes")
    code, out, _ = run(capsys, "destroy", file(), "--yes", "--with", "base-connection, dataset")
    assert (code, out.splitlines()[-1]) == (0, "Done: 5 deleted.")
