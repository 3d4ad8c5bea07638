"""A text in a template field is what its author wrote, also where the DAG renders natively (airflow#35577)."""

import copy
import itertools
import json
from datetime import UTC, datetime

import pytest
from airflow.sdk import DAG, task
from hypothesis import given
from hypothesis import strategies as st
from operators.execution import no_old_secrets, one_api_server  # noqa: F401
from operators.test_operator_contract import own_arguments, required, task_classes

from airflow_provider_aep.emulator.state.identifiers import Identifiers
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
)
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor

PROFILE = "https://ns.adobe.com/xdm/context/profile"
# Each is a Python value, and none of them the text that an author wrote.
READ_AS_PYTHON = ["20231023", "2023_10", "1e5", "0x10", "1.50", "7 # seven", "True", "None", "'US'", "[1]", "{'a': 1}"]
every_task = pytest.mark.parametrize("task_class", task_classes(), ids=lambda task_class: task_class.__name__)


def native_dag(dag_id="native", **params):
    return DAG(dag_id, schedule=None, params=params, render_template_as_native_obj=True)


def one(aep, collection):
    """The one resource of the emulator's sandbox in that collection."""
    (live,) = aep.state()[collection].values()
    return live


# In real DAG runs


def test_a_title_and_a_name_of_digits(aep, run_dag):
    with native_dag() as dag:
        schema = AepCreateSchemaOperator(task_id="schema", title="20231023", schema_class=PROFILE, description="1e5")
        AepCreateDatasetOperator(
            task_id="dataset", name="2023_10", schema_id=schema.output, tags={"team": ["007", "7"]}
        )

    first, second = run_dag(dag), run_dag(dag)

    assert (first.run.state, second.run.state) == ("success", "success")
    assert second.xcom("dataset", "change") == "reused"
    live = one(aep, "schemas")
    assert (live["title"], live["description"]) == ("20231023", "1e5")
    dataset = one(aep, "dataSets")
    assert dataset["name"] == "2023_10"
    assert dataset["tags"]["team"] == ["007", "7"]


@pytest.fixture(params=["60{:022d}", "60{:020d}e4"], ids=["digits only", "one e among digits"])
def dataset_ids(request, mocker):
    """The emulator gives ids that Python reads as numbers; Adobe's have 24 hexadecimal digits of any sort."""
    numbers = itertools.count(1)
    hexadecimal = Identifiers.hex
    mocker.patch.object(
        Identifiers,
        "hex",
        lambda self, digits: request.param.format(next(numbers)) if digits == 24 else hexadecimal(self, digits),
    )


@pytest.mark.usefixtures("dataset_ids")
def test_an_id_that_reads_as_a_number(aep, run_dag):
    """Written in the DAG file, and pulled by a template."""
    with native_dag("pulled") as dag:
        schema = AepCreateSchemaOperator(task_id="schema", title="Orders", schema_class=PROFILE)
        dataset = AepCreateDatasetOperator(task_id="dataset", name="Orders", schema_id=schema.output)
        target = AepCreateTargetConnectionOperator(
            task_id="target",
            name="lake",
            dataset_id="{{ ti.xcom_pull(task_ids='dataset') }}",
            schema_id="{{ ti.xcom_pull(task_ids='schema') }}",
        )
        dataset >> target
    pulled = run_dag(dag)
    dataset_id = one(aep, "dataSets")["id"]
    with native_dag("written") as dag:
        AepCreateTargetConnectionOperator(
            task_id="target", name="lake", dataset_id=dataset_id, schema_id=pulled.xcom("schema")
        )
        AepDatasetBatchSensor(task_id="batch", dataset_id=dataset_id, timeout=0, soft_fail=True)
    written = run_dag(dag)

    assert isinstance(json.loads(dataset_id), int | float)
    assert (pulled.run.state, written.run.state) == ("success", "success"), (pulled.states, written.states)
    assert one(aep, "targetConnections")["params"]["dataSetId"] == dataset_id
    assert written.xcom("target", "change") == "reused"
    looks = [request for request in aep.requests if request.path.endswith("/batches")]
    assert {request.query["dataSet"][0] for request in looks} == {dataset_id}


@pytest.mark.parametrize("expression", ["1", "'US'", "1e5", "None", "[1, 2]"])
@pytest.mark.parametrize("keys", ["ours", "Adobe's"])
def test_an_expression_that_reads_as_a_python_value(aep, run_dag, expression, keys):
    mapping = {"source": expression, "destination": "person.name.firstName"}
    mapping |= {"type": "EXPRESSION"} if keys == "ours" else {"sourceType": "EXPRESSION"}
    with native_dag() as dag:
        schema = AepCreateSchemaOperator(task_id="schema", title="Orders", schema_class=PROFILE)
        AepCreateMappingSetOperator(task_id="mapping", schema_id=schema.output, mappings=[mapping])

    assert run_dag(dag).run.state == "success"
    (live,) = one(aep, "mappingSets")["mappings"]
    assert live["source"] == expression


def test_parameters_of_a_source(aep, run_dag, monkeypatch):
    credentials = {"conn_type": "generic", "login": "u", "password": "12345", "extra": {"securityToken": "67890"}}
    monkeypatch.setenv("AIRFLOW_CONN_CRM", json.dumps(credentials))
    with native_dag() as dag:
        base = AepCreateBaseConnectionOperator(
            task_id="base",
            name="1",
            connector="salesforce",
            auth_spec_name="Basic Authentication",
            auth_params={"environmentUrl": "2023"},
            credentials_conn_id="crm",
        )
        AepCreateSourceConnectionOperator(
            task_id="source",
            name="1_000",
            connector="salesforce",
            base_connection_id=base.output,
            source_params={"tableName": "2023", "columns": [{"name": "1", "type": "string"}]},
        )

    assert run_dag(dag).run.state == "success"
    params = one(aep, "sourceConnections")["params"]
    assert (params["tableName"], params["columns"][0]["name"]) == ("2023", "1")
    auth = one(aep, "connections")["auth"]["params"]
    assert auth["environmentUrl"] == "2023"


def test_mapped_tasks(aep, run_dag):
    names = ["20231023", "1e5", "2023_10"]
    with native_dag() as dag:

        @task
        def pulled():
            return ["0x10", "{{ 1 }}"]

        schema = AepCreateSchemaOperator(task_id="schema", title="Orders", schema_class=PROFILE)
        common = {"schema_id": schema.output, "tags": {"team": ["7"]}}
        AepCreateDatasetOperator.partial(task_id="written", **common).expand(name=names)
        AepCreateDatasetOperator.partial(task_id="pulled_names", **common).expand(name=pulled())

    assert run_dag(dag).run.state == "success"
    datasets = aep.state()["dataSets"].values()
    assert {dataset["name"] for dataset in datasets} == {*names, "0x10", "{{ 1 }}"}
    assert [dataset["tags"]["team"] for dataset in datasets] == [["7"]] * 5


@pytest.mark.parametrize("native", [False, True], ids=["text", "native"])
@pytest.mark.parametrize("day", ["20231023", "2023_10", "1e5", 20231023])
def test_a_name_out_of_a_param_is_the_same_in_both_renderings(aep, run_dag, day, native):
    with DAG("param", schedule=None, params={"day": day}, render_template_as_native_obj=native) as dag:
        AepCreateSchemaOperator(task_id="schema", title="{{ params.day }}", schema_class=PROFILE)

    assert run_dag(dag).run.state == "success"
    assert one(aep, "schemas")["title"] == str(day)


# Every field of every task


def rendered(task_class, fields, native, params=(), **dag_arguments):
    """The values of the template fields after rendering."""
    with DAG("dag", schedule=None, render_template_as_native_obj=native, **dag_arguments) as dag:
        others = {name: "x" for name in required(task_class) if name not in fields}
        one = task_class(task_id="task", **fields, **others)
    one.render_template_fields({"params": dict(params), "dag": dag}, jinja_env=dag.get_template_env())
    return {name: getattr(one, name) for name in fields}


@every_task
@pytest.mark.parametrize("native", [False, True], ids=["text", "native"])
def test_no_template_field_changes_a_text_without_jinja(task_class, native):
    for text in [*READ_AS_PYTHON, " 1 ", "a\n", "a\r\nb", "} % # {"]:
        for value in (text, [text], {"k": {text: (text, [text])}}):
            fields = dict.fromkeys(task_class.template_fields, value)
            assert rendered(task_class, fields, native) == fields


@every_task
@pytest.mark.parametrize("value", ["20231023", "2023_10", "1e5", "0x10", 20231023, 1.5], ids=repr)
def test_a_number_that_jinja_yields_is_text_where_the_argument_is_one(task_class, value):
    texts = {
        name
        for name, parameter in own_arguments(task_class).items()
        if parameter.annotation in ("str", "str | None") and name in task_class.template_fields
    }
    assert {"aep_conn_id", "sandbox"} <= texts
    assert {name for name in task_class.template_fields if name.endswith("_id") or name in {"name", "title"}} <= texts
    fields = dict.fromkeys(texts, "{{ params.value }}")
    assert rendered(task_class, fields, True, {"value": value}) == dict.fromkeys(texts, str(value))


# What Airflow makes of Jinja


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ params.number }}", 15),
        ("{{ params.text }}", "015_0"),
        ("{{ params.text | int }}", 150),
        ("{{ params.number | string }}", "15"),
        ("{{ params.number }}{{ params.number }}", "1515"),
        ("{# a comment #}1e5", "1e5"),
        ("{% raw %}1{% endraw %}", "1"),
        ("{{ params.pairs }}", [{"source": "1"}]),
        ("{{ params.json }}", {"interval": 15}),
        ("{{ params.yes }}", True),
        ("{{ 'True' }}", True),
        ("{{ none }}", None),
        ("'{{ params.number }}'", "15"),
        ("{{ params.when }}", datetime(2030, 1, 31, tzinfo=UTC)),
    ],
)
def test_jinja_yields_what_airflow_makes_of_it_but_no_number_of_a_text(template, value):
    params = {
        "number": 15,
        "text": "015_0" if "int" not in template else "150",
        "pairs": [{"source": "1"}],
        "json": '{"interval": 15}',
        "yes": True,
        "when": datetime(2030, 1, 31, tzinfo=UTC),
    }
    fields = {"mappings": {"nested": [template]}, "schema_id": "x"}
    found = rendered(AepCreateMappingSetOperator, fields, True, params)["mappings"]["nested"]
    assert found == [value]
    assert type(found[0]) is type(value)


def test_the_markers_are_those_of_the_dag():
    kwargs = {"variable_start_string": "<<", "variable_end_string": ">>", "line_statement_prefix": "%%"}
    fields = {"name": "{{ 1 }}", "schema_id": "<< params.text >>", "tags": ["1", "%% if true\n7\n%% endif"]}
    found = rendered(AepCreateDatasetOperator, fields, True, {"text": "x"}, jinja_environment_kwargs=kwargs)
    assert found == {"name": "{{ 1 }}", "schema_id": "x", "tags": ["1", "7\n"]}


def test_an_object_within_a_field_keeps_its_texts():
    class Columns:
        template_fields = ("names", "table")
        names = ("1", "{{ params.name }}")
        table = "2023"

    fields = {"source_params": {"columns": Columns()}, "name": "x", "connector": "x"}
    found = rendered(AepCreateSourceConnectionOperator, fields, True, {"name": "1e5"})["source_params"]["columns"]
    assert (found.names, found.table) == (("1", "1e5"), "2023")


def test_a_subclass_may_read_its_texts_from_files(tmp_path):
    class FromFile(AepCreateMappingSetOperator):
        template_ext = (".expression",)

    (tmp_path / "a.expression").write_text("{{ params.name }}")
    found = rendered(
        FromFile,
        {"mappings": [{"source": "a.expression"}], "schema_id": "x"},
        True,
        {"name": "email"},
        template_searchpath=[str(tmp_path)],
    )
    assert found["mappings"] == [{"source": "email"}]


# Any texts at all

texts = (st.text(max_size=20) | st.sampled_from(READ_AS_PYTHON) | st.from_regex(r"[0-9_.eExj+\-# ]{1,24}")).filter(
    lambda text: not any(marker in text for marker in ("{{", "{%", "{#"))
)
scalars = texts | st.integers() | st.booleans() | st.none()
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(texts, inner, max_size=4)
        | st.sets(texts, max_size=4)
    ),
    max_leaves=12,
)


@given(value=nested, native=st.booleans())
def test_any_nested_texts_without_jinja_come_out_as_they_went_in(value, native):
    fields = {"mappings": value, "name": value, "schema_id": "x"}
    assert rendered(AepCreateMappingSetOperator, copy.deepcopy(fields), native) == fields


@given(text=st.text(max_size=20) | st.from_regex(r"[0-9_.eExj+\- ]{1,24}"))
def test_a_text_out_of_a_param_is_never_read_as_a_number(text):
    fields = {"mappings": ["{{ params.text }}"], "schema_id": "x"}
    (found,) = rendered(AepCreateMappingSetOperator, fields, True, {"text": text})["mappings"]
    assert found == text or isinstance(found, bool | str | bytes | list | dict | set | tuple | type(None) | type(...))
