"""airflow-aep lint and airflow-aep schema."""

import json
from pathlib import Path

import pytest

from airflow_provider_aep.cli.main import main
from airflow_provider_aep.dataflow.json_schema import SCHEMA_FILE

GOOD = "name: Orders\nconnector: http-api\nbase_connection: Web\nschema: Orders\n"
BAD = GOOD + "schedule: {frequency: once}\n"
CLEAN = "no errors, no warnings.\n"
DOUBTFUL = GOOD + "options: {other: 1}\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda name, text: Path(name).write_text(text)


@pytest.mark.parametrize(
    ("text", "flags", "code", "printed"),
    [
        (GOOD, [], 0, CLEAN),
        (
            BAD,
            [],
            1,
            "a.yaml:5:11 D506 schedule must be left out: a streaming dataflow has no schedule.\n"
            "1 error, no warnings.\n",
        ),
        (
            DOUBTFUL,
            [],
            0,
            "a.yaml:5:11 D508 warning: options.other is not among the options that are published: "
            "errorDiagnosticsEnabled, partialIngestionPercent.\nno errors, 1 warning.\n",
        ),
        (f"{GOOD}---\n{BAD.replace('name: Orders', 'name: Bad')}", ["--only", "X", "--only", "Ord*"], 0, CLEAN),
    ],
)
def test_what_is_wrong_is_printed(text, flags, code, printed, write, capsys):
    write("a.yaml", text)
    assert main(["lint", ".", *flags]) == code
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("verb", [["lint"], ["plan"], ["apply", "--yes"], ["drift"], ["destroy", "--yes"]])
def test_files_that_declare_nothing_end_with_one(verb, aep, write, capsys):
    write("a.yaml", "# to be written\n")
    assert main([*verb, "."]) == 1
    assert "a.yaml:1:1 D004 declares nothing: describe a dataflow in it, or delete the file." in "".join(
        capsys.readouterr()
    )
    assert aep.requests == []


def test_strict_counts_warnings(write):
    write("a.yaml", DOUBTFUL)
    assert main(["lint", ".", "--strict"]) == 1


def test_lint_as_json(write, capsys):
    write("a.yaml", BAD)
    assert main(["lint", "a.yaml", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": "a.yaml",
            "line": 5,
            "column": 11,
            "code": "D506",
            "message": "schedule must be left out: a streaming dataflow has no schedule.",
            "is_warning": False,
        }
    ]


def test_lint_of_one_sandbox(write, capsys):
    write("a.yaml", GOOD + "sandboxes: {dev: {}, prod: {schedule: {frequency: once}}}\n")
    assert main(["lint", ".", "--sandbox", "dev"]) == 0
    assert main(["lint", ".", "--sandbox", "prod"]) == 1
    assert main(["lint", "."]) == 1
    assert main(["lint", ".", "--sandbox", "stage"]) == 1
    assert "D013 sandboxes are dev, prod, and 'stage' is none of them." in capsys.readouterr().out


def test_a_name_that_no_dataflow_has(capsys, write):
    write("a.yaml", GOOD)
    assert main(["lint", ".", "--only", "Odrers", "--only", "X*"]) == 1
    sentence = "No dataflow has a name like 'Odrers' or 'X*' (the nearest name is Orders)."
    assert capsys.readouterr().err == f"airflow-aep: {sentence}\n"


def test_a_path_that_leads_nowhere(capsys, write):
    assert main(["lint", "nowhere"]) == 1
    assert capsys.readouterr().err == "airflow-aep: There is no file or folder 'nowhere'.\n"


def test_the_schema_is_the_published_one(capsys):
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == SCHEMA_FILE.read_text()
