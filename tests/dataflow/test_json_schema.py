"""The JSON Schema of files: what editors and other tools are told."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from airflow_provider_aep.dataflow.files import load
from airflow_provider_aep.dataflow.json_schema import DOCUMENTS, PARTS, SCHEMA_FILE, descriptions, json_schema

from .bad_specs import ACCOUNT, BAD, KINESIS, S3, SALESFORCE

EXAMPLES = sorted((Path(__file__).parent / "specs").glob("*.yaml"))
# The rules that a schema can know; of these only lint knows that a key stands twice, and what an id looks like.
OF_THE_FORM = ("D002", "D003", "D004", "D013", "D101")
PASS_THROUGH = {"params", "options", "auth_params", "columns", "tags", "transformations", "sample", "mappings"}


@pytest.fixture(scope="module")
def validator():
    return Draft202012Validator(json_schema())


def test_the_published_file_is_the_generated_schema():
    assert SCHEMA_FILE.read_text() == json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def test_it_is_a_schema():
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("text", [*(file.read_text() for file in EXAMPLES), ACCOUNT, KINESIS, S3, SALESFORCE])
def test_a_good_spec(text, validator):
    validator.validate(yaml.safe_load(text))


@pytest.mark.parametrize("bad", [bad for bad in BAD if bad.code in OF_THE_FORM and not bad.is_about_values], ids=str)
def test_a_spec_with_a_wrong_key_or_type(bad, validator):
    assert not validator.is_valid(yaml.safe_load(bad.text))


@pytest.mark.parametrize(
    ("overlay", "valid"),
    [
        ({}, True),
        (None, True),
        ({"schedule": None}, True),
        ({"schedule": {"interval": None, "frequency": "once"}}, True),
        ({"mappings": {"a.b": None, "c": {"expression": "x"}, "d": "e"}}, True),
        ({"source": {"params": {"anything": {"at": None}}}, "protect": True}, True),
        ({"connector": "sftp", "base_connection": {"credentials_conn_id": "x"}}, True),
        ({"schedule": {"every": 5}}, False),
        ({"kind": "Dataflow"}, False),
        ({"sandboxes": {}}, False),
        ({"protect": "maybe"}, False),
    ],
)
def test_an_overlay_requires_nothing_and_takes_away(overlay, valid, validator):
    spec = {"name": "Orders", "connector": "s3", "schema": "Orders", "sandboxes": {"dev": overlay}}
    assert validator.is_valid(spec) is valid
    if valid:
        load([spec], sandbox="dev")


def test_objects_are_closed_except_what_passes_through():
    open_ones = set()

    def walk(schema, key):
        if isinstance(schema, dict):
            if schema.get("additionalProperties") is True:
                open_ones.add(key)
            for name, inner in schema.items():
                walk(inner, name if name in PASS_THROUGH else key)
        elif isinstance(schema, list):
            for inner in schema:
                walk(inner, key)

    walk(json_schema(), None)
    assert open_ones == PASS_THROUGH - {"tags"}


@pytest.mark.parametrize("model", [*DOCUMENTS.values(), *PARTS.values()])
def test_every_key_is_described(model):
    keys = {info.alias or name for name, info in model.model_fields.items()} - {"file", "line"}
    assert set(descriptions(model)) - {"sandboxes"} == keys


def test_a_connector_is_a_name_or_an_id(validator):
    spec = {"name": "Orders", "schema": "Orders"}
    assert validator.is_valid({**spec, "connector": "9a603322-19d2-4de9-89c6-c98bd54eb184"})
    assert not validator.is_valid({**spec, "connector": "amazon-s4"})
