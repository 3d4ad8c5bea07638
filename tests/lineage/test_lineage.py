"""lineage.py: what is told of mappings, sources and datasets, and that nothing is needed for it."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provisioning import Provisioning

from airflow_provider_aep.assets import dataset_name
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.lineage import Lineage, attributes_in, is_enabled, operator_lineage
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.runs.dataflow_parts import DataflowParts

ROOT = Path(__file__).parent.parent.parent
ORG = "9C991D2E622D76190A495E39@AdobeOrg"
SCHEMA = "https://ns.adobe.com/tenant/schemas/0123"
BASE = "11111111-2222-4333-8444-555555555555"
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name not in ("and", "or", "not"))


@pytest.mark.parametrize(
    ("expression", "attributes"),
    [
        ('concat(first_name, " ", last_name)', ["first_name", "last_name"]),
        ('iif(equals(owner.email, "x y"), ${odd name}, null)', ["owner.email", "odd name"]),
        ("now()", []),
        ("sum(items[*].price) + 2.5e3 and not flag", ["items[*].price", "flag"]),
        (r"substr(a\.b, 0, 3)", [r"a\.b"]),
        (r"'it\'s quoted' + name + name", ["name"]),
        ("lower (email)", ["email"]),
        ("true", []),
    ],
)
def test_the_attributes_of_a_calculated_field(expression, attributes):
    assert attributes_in(expression) == attributes


def test_where_the_columns_are_known_nothing_else_is_an_attribute():
    assert attributes_in("concat(first_name, other)", ["first_name", "last_name"]) == ["first_name"]


@given(names=st.lists(NAMES, min_size=1, max_size=4, unique=True), text=st.text(alphabet="abc ().,${}'", max_size=9))
def test_every_argument_is_an_attribute_and_no_text_in_quotes_is(names, text):
    arguments = [name for name in names if name not in ("true", "false", "null")]
    assert attributes_in(f'join("{text}", {", ".join(names)})') == arguments


def source(connector="salesforce", **arguments):
    return SourceConnection.declare(name="My source", connector=connector, **arguments)


@pytest.mark.parametrize(
    ("connector", "arguments", "name"),
    [
        (
            "salesforce",
            {
                "base_connection_id": BASE,
                "source_params": {"tableName": "Accounts", "columns": [{"name": "a", "type": "string"}]},
            },
            (f"salesforce://{BASE}", "Accounts"),
        ),
        (
            "amazon-s3",
            {"base_connection_id": BASE, "data_format": "delimited", "source_params": {"path": "/in/leads.csv"}},
            (f"amazon-s3://{BASE}", "/in/leads.csv"),
        ),
        (
            "data-landing-zone",
            {"data_format": "json", "source_params": {"path": "/in"}},
            (f"data-landing-zone://{ORG}/dev", "/in"),
        ),
        ("http-api", {"base_connection_id": BASE}, (f"http-api://{BASE}", "My source")),
    ],
)
def test_a_source_is_named_by_its_account_and_what_is_read_there(connector, arguments, name):
    assert Lineage(ORG, "dev", source=source(connector, **arguments)).source_name() == name


def test_nothing_is_known_of_the_columns_of_an_odd_source():
    odd = SourceConnection.model_validate({"connectionSpec": BASE, "params": {"columns": [{"type": "x"}, 1]}})
    assert Lineage(ORG, "dev", source=odd).columns() == []
    assert Lineage(ORG, "dev").source_name() is None


def mapped(mappings, columns=("first_name", "last_name")):
    """The column lineage of a mapping set, as plain values."""
    pytest.importorskip("openlineage.client")
    params = {"tableName": "Accounts", "columns": [{"name": name, "type": "string"} for name in columns]}
    known = Lineage(
        ORG,
        "dev",
        source=source(base_connection_id=BASE, source_params=params),
        dataset_id="5c8c3c555033b814b69f947f",
        mapping_set=MappingSet.declare(schema_id=SCHEMA, mappings=mappings),
    )
    (output,) = operator_lineage(known).outputs
    assert (output.namespace, output.name) == dataset_name(known.dataset_id, org_id=ORG, sandbox="dev")
    return output.facets


def test_the_column_lineage_equals_the_mapping_set():
    facets = mapped(
        [
            {"source": "first_name", "destination": "person.name.firstName"},
            {
                "type": "EXPRESSION",
                "source": 'concat(first_name, " ", last_name)',
                "destination": "person.name.fullName",
            },
            {"type": "EXPRESSION", "source": "now()", "destination": "modified"},
            {"type": "STATIC", "source": "CRM", "destination": "origin"},
        ]
    )
    lineage = {
        path: (field.transformationType, field.transformationDescription, [used.field for used in field.inputFields])
        for path, field in facets["columnLineage"].fields.items()
    }
    expression = 'concat(first_name, " ", last_name)'
    assert lineage == {
        "person.name.firstName": ("IDENTITY", "", ["first_name"]),
        "person.name.fullName": ("EXPRESSION", expression, ["first_name", "last_name"]),
        "modified": ("EXPRESSION", "now()", []),
        "origin": ("STATIC", "CRM", []),
    }
    steps = {
        (step.type, step.subtype, step.description)
        for field in facets["columnLineage"].fields.values()
        for used in field.inputFields
        for step in used.transformations
    }
    assert steps == {("DIRECT", "IDENTITY", ""), ("DIRECT", "TRANSFORMATION", expression)}
    (person, *_) = facets["schema"].fields
    assert [field.name for field in person.fields[0].fields] == ["firstName", "fullName"]


def test_a_task_that_knows_nothing_leaves_it_to_its_inlets_and_outlets():
    pytest.importorskip("airflow.providers.openlineage")
    empty = operator_lineage(None)
    assert (empty.inputs, empty.outputs) == ([], [])


def test_the_parts_of_a_dataflow_are_read_once_and_at_its_own_version(aep):
    client = AepHook().get_conn()
    chain = Provisioning(client).build()
    parts = DataflowParts(client.send, chain.flow)
    before = len(aep.requests)
    for _ in range(2):
        assert parts.source.id == chain.source_connection
        assert parts.target.params.data_set_id == chain.dataset
        assert parts.mapping_set.id == chain.mapping_set
    asked = [str(request.path) for request in aep.requests[before:]]
    assert len(asked) == 4
    assert parts.flow.transformation("Mapping")["mappingVersion"] == "0"


def test_a_dataflow_that_names_nothing_has_no_parts():
    from airflow_provider_aep.models.flow import Flow

    parts = DataflowParts(lambda call: Flow.model_validate({"id": BASE, "flowSpec": BASE}), BASE)
    assert (parts.source, parts.target, parts.mapping_set) == (None, None, None)


def test_tasks_need_no_openlineage_and_load_none():
    script = """
import sys
from airflow_provider_aep.operators import flow_service
from airflow_provider_aep.sensors import flow_run
loaded = sorted(name for name in sys.modules if name.split(".")[0] == "openlineage")
sys.modules["airflow.providers.openlineage.conf"] = None  # as if it were not installed
from airflow_provider_aep.lineage import is_enabled
print(is_enabled(), loaded)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.splitlines()[-1] == "False []"


def test_lineage_is_asked_for_only_where_somebody_wants_it():
    assert is_enabled() is False
