"""airflow-aep flows, runs and health, against the emulator."""

import json
import os
import subprocess
import sys

import pytest
from ailing import fill
from direct import asked

from airflow_provider_aep.cli.main import main

pytestmark = pytest.mark.aep(speed=0)


@pytest.fixture
def ids(aep):
    return fill(aep)


@pytest.fixture
def run(capsys):
    """Runs a command line. Returns the exit code, standard output and standard error."""

    def run(*line):
        code = main(line)
        return code, *capsys.readouterr()

    return run


def run_json(run, *line):
    code, out, err = run(*line, "--json")
    assert err == ""
    return code, json.loads(out)


# flows


def test_the_dataflows_of_a_sandbox_are_one_request(aep, ids, run):
    before = len(asked(aep, "GET"))
    code, flows = run_json(run, "flows")
    assert code == 0
    assert {flow["name"]: flow["id"] for flow in flows} == ids
    assert len(asked(aep, "GET")) - before == 1
    first = flows[0]
    assert (first["name"], first["connector"], first["state"]) == ("EU accounts", "salesforce", "enabled")
    assert first["schedule"] == "every hour"
    assert first["last_run"]["status"] == "success"


def test_the_table_says_the_same(ids, run):
    code, out, err = run("flows", "EU *", "--state", "disabled")
    assert (code, err) == (0, "")
    title, row = out.splitlines()
    assert title.split() == ["name", "connector", "state", "schedule", "last", "run", "began", "(UTC)", "id"]
    assert row.startswith("EU leads  salesforce  disabled  every hour  success   ")
    assert row.endswith(ids["EU leads"])


def test_a_dataflow_that_never_ran_has_no_last_run(aep, ids, run):
    del aep._platform.sandboxes[aep.sandbox]["flows"][ids["EU leads"]]["lastRunDetails"]
    _, (flow,) = run_json(run, "flows", "EU leads")
    assert flow["last_run"] is None
    assert run("flows", "EU leads")[0] == 0


def test_a_dataflow_that_does_not_tell_its_source_and_schedule_is_listed_as_well(aep, ids, run):
    flow = aep._platform.sandboxes[aep.sandbox]["flows"][ids["EU leads"]]
    flow["inheritedAttributes"] = {"properties": {"isSourceFlow": True}}
    del flow["scheduleParams"]
    _, (flow,) = run_json(run, "flows", "EU leads")
    assert flow["connector"] is flow["base_connection_id"] is flow["schedule"] is None


def test_another_sandbox_is_empty(ids, run):
    assert run_json(run, "flows", "--sandbox", "prod") == (0, [])


def test_a_name_that_nothing_has_is_an_error(ids, run):
    assert run("flows", "Salesforce account") == (
        1,
        "",
        "airflow-aep: No source dataflow of this sandbox is called 'Salesforce account'; "
        "the nearest are 'Salesforce accounts', 'Salesforce contacts'.\n",
    )


# runs


def test_the_runs_of_a_sandbox_are_two_requests(aep, ids, run):
    before = len(asked(aep, "GET"))
    code, runs = run_json(run, "runs")
    assert code == 0
    assert {each["flow_name"] for each in runs} == set(ids)
    assert len(asked(aep, "GET")) - before == 2


def test_the_runs_of_one_dataflow(ids, run):
    _, runs = run_json(run, "runs", ids["EU contacts"])
    assert {each["flow_name"] for each in runs} == {"EU contacts"}
    assert (runs[0]["records"]["input"], runs[0]["records"]["output"], runs[0]["records"]["failed"]) == (500, 497, 3)


def test_failed_runs_are_those_that_a_sensor_would_fail_on(ids, run):
    _, runs = run_json(run, "runs", "--failed")
    assert {each["flow_name"] for each in runs} == {"Salesforce accounts", "Salesforce contacts", "EU contacts"}
    code, out, _ = run("runs", "EU *", "--failed")
    assert code == 0
    assert out.splitlines()[1].split()[:3] == ["EU", "contacts", "success"]


def test_runs_are_listed_since_a_moment(aep, ids, run):
    aep.advance(7_200)
    recent = run_json(run, "runs", "EU accounts", "--since", "90m")[1]
    all_of_them = run_json(run, "runs", "EU accounts", "--since", "2020-01-01T00:00:00Z")[1]
    assert 0 < len(recent) < len(all_of_them)


def test_a_moment_that_cannot_be_read_ends_with_64(run, capsys):
    with pytest.raises(SystemExit, match="64"):
        run("runs", "--since", "yesterday")
    assert "'yesterday' is no moment" in capsys.readouterr().err


# health


def test_health_ends_with_2_if_something_fails(ids, run):
    code, health = run_json(run, "health")
    assert code == 2
    assert (health["checked"], health["failing"], health["disabled"]) == (5, 3, 1)
    assert [(one["name"], one["fails_as_a_whole"]) for one in health["accounts"]] == [
        ("Salesforce", True),
        ("Salesforce EU", False),
    ]
    assert health["sandbox"] == "dev"


def test_health_ends_with_0_if_all_is_well(ids, run):
    code, out, err = run("health", "EU accounts")
    assert (code, err) == (0, "")
    assert out == "dev of 9C991D2E622D76190A495E39@AdobeOrg, 1 dataflow: all well\n"


def test_a_disabled_dataflow_is_told_and_no_alarm(ids, run):
    code, out, _ = run("health", "EU leads")
    assert code == 0
    assert "  disabled  EU leads: " in out


def test_silence_is_measured_as_told(aep, ids, run):
    aep._platform.sandboxes[aep.sandbox]["timetables"].clear()
    aep.advance(3_600)
    assert run("health", "EU accounts", "--silent-for", "2h")[0] == 0
    code, out, _ = run("health", "EU accounts", "--silent-for", "90m")
    assert code == 2
    assert "  silent    EU accounts: no run has begun since" in out


@pytest.mark.assumes("largest-page", "flow-id-lists", "connection-id-lists", "flow-service-lists-whole")
def test_the_whole_of_it_is_five_requests(aep, ids, run):
    before = len(asked(aep, "GET"))
    run("health")
    assert len(asked(aep, "GET")) - before <= 5


@pytest.mark.parametrize("verb", ["flows", "runs", "health"])
def test_a_platform_that_refuses_is_one_sentence_and_1(aep, run, verb):
    aep.fault("GET", "*/flows", kind="status", status=403, times=None)
    code, out, err = run(verb)
    assert (code, out) == (1, "")
    assert err.startswith("airflow-aep: GET /data/foundation/flowservice/flows")
    assert "Traceback" not in err


@pytest.mark.parametrize("verb", ["flows", "runs", "health"])
def test_without_credentials_it_says_what_to_set(run, verb, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_AEP_DEFAULT", raising=False)
    code, out, err = run(verb)
    assert (code, out) == (1, "")
    assert err.startswith("airflow-aep: The environment holds no credentials: set AIRFLOW_CONN_AEP_DEFAULT")


def test_a_wrong_secret_is_not_shown(aep, run, monkeypatch):
    connection = json.loads(aep.connection_json()) | {"password": "canary-of-a-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", json.dumps(connection))
    code, out, err = run("health")
    assert code == 1
    assert "canary" not in out + err


def test_as_a_process_of_its_own_it_needs_no_airflow(aep, ids):
    """Exit code and output as a CI sees them."""
    script = (
        "import sys; sys.modules['airflow'] = None; from airflow_provider_aep.cli.main import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", script, "health", "Salesforce*", "--connection", "AEP_CI", "--json"]
    environment = os.environ | {"AIRFLOW_CONN_AEP_CI": aep.connection_uri()}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (2, "")
    assert json.loads(done.stdout)["failing"] == 2
