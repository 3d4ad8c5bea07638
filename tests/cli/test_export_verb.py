"""`airflow-aep export`: files that plan nothing, and what is in the way of them."""

import json

import pytest
import yaml
from direct import direct_client
from provisioning import Provisioning

from airflow_provider_aep.cli.main import main


@pytest.fixture
def flow(aep):
    return Provisioning(direct_client(aep)).build().flow


def test_a_dataflow_is_printed(flow, capsys):
    assert main(["export", "CRM flow"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# yaml-language-server: $schema=")
    document = yaml.safe_load(printed)
    assert (document["name"], document["dataset"]) == ("CRM flow", {"name": "CRM dataset"})
    assert main(["export", flow, "--ids", "--json"]) == 0
    (document,) = json.loads(capsys.readouterr().out)
    assert document["id"] == flow


@pytest.mark.assumes("newest-first")
def test_all_dataflows_are_written_into_a_folder(aep, flow, capsys, tmp_path):
    Provisioning(direct_client(aep), name="Other").build()
    folder = tmp_path / "new" / "folder"
    assert main(["export", "--all", "--out", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [str(folder / f"{name}-flow.yaml") for name in ("other", "crm")]
    assert {path.name for path in folder.iterdir()} == {"crm-flow.yaml", "other-flow.yaml"}


def test_several_are_so_many_documents(aep, flow, capsys):
    Provisioning(direct_client(aep), name="Other").build()
    assert main(["export", "CRM flow", "Other flow"]) == 0
    documents = [*yaml.safe_load_all(capsys.readouterr().out)]
    assert [document["name"] for document in documents] == ["CRM flow", "Other flow"]


def test_what_is_there_already_is_left_alone(flow, capsys, tmp_path):
    file = tmp_path / "crm-flow.yaml"
    file.write_text("edited: true")
    assert main(["export", "--all", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"airflow-aep: Nothing is written, because it is there already: {file}. Move or delete it.\n"
    )
    assert file.read_text() == "edited: true"


def test_one_that_cannot_be_exported_is_named_and_the_others_are_written(aep, flow, capsys, tmp_path):
    from airflow_provider_aep.api.request import any_call

    body = {"name": "half", "flowSpec": {"id": "9753525b-82c7-4dce-8a9b-5ccfce2b9876", "version": "1.0"}}
    path = "/data/foundation/flowservice/flows"
    direct_client(aep).send(any_call("POST", path, body=body, params={"mode": "draft"}))
    assert main(["export", "--all", "--out", str(tmp_path)]) == 1
    assert "The dataflow 'half'" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["crm-flow.yaml"]


@pytest.mark.parametrize("arguments", [[], ["CRM flow", "--all"]])
def test_names_or_all(arguments, capsys):
    assert main(["export", *arguments]) == 1
    assert capsys.readouterr().err == (
        "airflow-aep: export takes the names or ids of dataflows, or --all instead of them.\n"
    )


def test_a_name_that_no_dataflow_has(aep, capsys):
    assert main(["export", "Nobody"]) == 1
    assert capsys.readouterr().err == "airflow-aep: There is no dataflow 'Nobody'.\n"
