"""The steps in real DAGs: ids by XCom in every way an author may write it, mapped tasks, templates, native or not."""

import json
from datetime import timedelta

import pytest
from airflow.sdk import DAG, chain, task

from airflow_provider_aep.hooks import connection as hook_module
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateFlowOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
    AepExploreConnectionOperator,
    AepGetFlowSpecOperator,
)
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator
from airflow_provider_aep.sensors.flow_run import AepFlowRunSensor

PROFILE = "https://ns.adobe.com/xdm/context/profile"


@pytest.fixture(autouse=True)
def _stage(monkeypatch, mocker):
    """A source's credentials; and clients that do not wait for lists."""
    make_client = hook_module.make_client

    def make(*args, **kwargs):
        client = make_client(*args, **kwargs)
        client.sleep = lambda seconds: None
        return client

    mocker.patch.object(hook_module, "make_client", make)
    monkeypatch.setenv(
        "AIRFLOW_CONN_CRM",
        json.dumps({"conn_type": "generic", "login": "u", "password": "pass-1", "extra": {"securityToken": "tok-1"}}),
    )


def templated_dag(dag_id, native):
    """Every value a template, ids pulled by `xcom_pull`, numbers and booleans out of params."""
    with DAG(
        dag_id,
        schedule=None,
        render_template_as_native_obj=native,
        params={"source": "salesforce", "table": "Accounts", "interval": 15, "year": "2024", "backfill": True},
        user_defined_macros={"start": lambda: "2090-01-31T06:00:00+00:00"},
    ) as dag:
        xcom = "{{{{ ti.xcom_pull(task_ids='{}') }}}}".format
        steps = [
            AepCreateBaseConnectionOperator(
                task_id="base",
                name="{{ params.source }} of {{ dag.dag_id }}",
                connector="{{ params.source }}",
                auth_spec_name="Basic {{ 'Authentication' }}",
                auth_params={"environmentUrl": "https://{{ params.source }}.example"},
                credentials_conn_id="{{ 'crm' }}",
            ),
            AepExploreConnectionOperator(
                task_id="columns", base_connection_id=xcom("base"), object_path="{{ params.table }}"
            ),
            AepCreateSourceConnectionOperator(
                task_id="source",
                name="{{ params.table }} of {{ dag.dag_id }}",
                connector="{{ params.source }}",
                base_connection_id=xcom("base"),
                source_params={
                    "tableName": "{{ params.table }}",
                    "columns": [{"name": "{{ 'email' }}", "type": "string", "xdm": {"type": "{{ 'string' }}"}}],
                },
            ),
            AepCreateSchemaOperator(
                task_id="schema", title="{{ params.table }} of {{ dag.dag_id }}", schema_class="{{ '" + PROFILE + "' }}"
            ),
            AepCreateDatasetOperator(
                task_id="dataset",
                name="{{ params.table }} of {{ dag.dag_id }}",
                schema_id=xcom("schema"),
                tags={"team": ["{{ params.source }}"]},
            ),
            AepCreateTargetConnectionOperator(
                task_id="target",
                name="lake of {{ dag.dag_id }}",
                dataset_id=xcom("dataset"),
                schema_id=xcom("schema"),
                schema_version="{{ 1 }}",
            ),
            AepCreateMappingSetOperator(
                task_id="mapping",
                schema_id=xcom("schema"),
                mappings=[{"source": "{{ 'email' }}", "destination": "personalEmail.{{ 'address' }}"}],
            ),
            AepGetFlowSpecOperator(task_id="spec", connector="{{ params.source }}"),
            AepCreateFlowOperator(
                task_id="flow",
                name="{{ params.table }} of {{ dag.dag_id }}",
                flow_spec_id=xcom("spec"),
                source_connection_id=xcom("source"),
                target_connection_id=xcom("target"),
                mapping_set_id=xcom("mapping"),
                mapping_set_version="{{ ti.xcom_pull(task_ids='mapping', key='version') }}",
                delta_column={"name": "{{ 'LastModifiedDate' }}", "timezone": "UTC"},
                schedule_params={
                    "frequency": "minute",
                    "interval": "{{ params.interval }}",
                    "start_time": "{{ start() }}",
                    "backfill": "{{ params.backfill }}",
                },
                options={"errorDiagnosticsEnabled": True},
            ),
        ]
        chain(*steps)
    return dag


@pytest.mark.parametrize("native", [False, True], ids=["text", "native"])
def test_every_value_may_be_a_template(aep, run_dag, native):
    """F23: rendered to text or to Python's own values, the platform gets the same, and finds it again."""
    dag_id = f"templated_{native}"
    first = run_dag(templated_dag(dag_id, native))
    assert first.run.state == "success", first.states
    second = run_dag(templated_dag(dag_id, native))
    assert second.run.state == "success", second.states

    state = aep.state()
    for task_id, collection in {
        "base": "connections",
        "source": "sourceConnections",
        "dataset": "dataSets",
        "target": "targetConnections",
        "mapping": "mappingSets",
        "flow": "flows",
    }.items():
        (live,) = state[collection].values()
        assert first.xcom(task_id) == second.xcom(task_id) == live["id"]
        assert (first.xcom(task_id, "change"), second.xcom(task_id, "change")) == ("created", "reused")
    (flow,) = state["flows"].values()
    assert flow["name"] == f"Accounts of {dag_id}"
    assert int(flow["scheduleParams"]["startTime"]) == 3789525600
    assert str(flow["scheduleParams"]["interval"]) == "15"
    assert str(flow["scheduleParams"]["backfill"]).lower() == "true"
    (base,) = state["connections"].values()
    assert base["auth"]["params"]["environmentUrl"] == "https://salesforce.example"


def test_ids_may_come_from_xcom_args_nested_anywhere(aep, run_dag):
    """`.output` as an argument, in a dict, in a list in a dict; and what a TaskFlow function returned."""
    with DAG("xcom_args", schedule=None) as dag:

        @task
        def table():
            return "Accounts"

        @task
        def mappings():
            return [{"source": "email", "destination": "personalEmail.address"}]

        @task
        def first(columns):
            return columns[0]

        base = AepCreateBaseConnectionOperator(
            task_id="base",
            name="CRM",
            connector="salesforce",
            auth_spec_name="Basic Authentication",
            credentials_conn_id="crm",
        )
        name = table()
        columns = AepExploreConnectionOperator(task_id="columns", base_connection_id=base.output, object_path=name)
        source = AepCreateSourceConnectionOperator(
            task_id="source",
            name="one column",
            connector="salesforce",
            base_connection_id=base.output,
            source_params={"tableName": name, "columns": [first(columns.output)]},
        )
        schema = AepCreateSchemaOperator(task_id="schema", title=name, schema_class=PROFILE)
        dataset = AepCreateDatasetOperator(task_id="dataset", name=name, schema_id=schema.output)
        target = AepCreateTargetConnectionOperator(
            task_id="target",
            name="lake",
            dataset_id=dataset.output,
            schema_id=schema.output,
            schema_version=schema.output["version"],
        )
        mapping = AepCreateMappingSetOperator(task_id="mapping", schema_id=schema.output, mappings=mappings())
        spec = AepGetFlowSpecOperator(task_id="spec", connector="salesforce")
        AepCreateFlowOperator(
            task_id="flow",
            name=name,
            flow_spec_id=spec.output,
            source_connection_id=source.output,
            target_connection_id=target.output,
            mapping_set_id=mapping.output,
            mapping_set_version=mapping.output["version"],
            delta_column={"name": "LastModifiedDate"},
            schedule_params={"frequency": "hour", "interval": 1},
        )
    result = run_dag(dag)
    assert result.run.state == "success", result.states
    (live,) = aep.state()["sourceConnections"].values()
    assert live["params"]["tableName"] == "Accounts"
    assert live["params"]["columns"] == [result.xcom("columns")[0]]
    (flow,) = aep.state()["flows"].values()
    assert flow["id"] == result.xcom("flow")
    assert result.xcom("flow", "_link_AepDataflowLink") == result.xcom("flow", "aep_flow_url")


@pytest.mark.aep(auto_advance=300)
def test_tasks_can_be_mapped(aep, run_dag):
    """expand over a list, expand_kwargs over dicts, over another mapped task's ids; one bad one fails alone."""
    with DAG("mapped", schedule=None, default_args={"retries": 1, "retry_delay": timedelta(0)}) as dag:

        @task
        def dataset_arguments():
            return [{"name": f"dataset {n}", "enable_profile": False} for n in range(3)]

        @task
        def source_wishes(base_ids):
            columns = [{"name": "email", "type": "string"}]
            return [
                {
                    "name": f"source {n}",
                    "base_connection_id": id_,
                    "source_params": {"tableName": "Accounts", "columns": columns},
                }
                for n, id_ in enumerate(base_ids)
            ]

        bases = AepCreateBaseConnectionOperator.partial(
            task_id="bases",
            connector="salesforce",
            auth_spec_name="Basic Authentication",
            credentials_conn_id="crm",
        ).expand(name=["CRM east", "CRM west", ""])
        AepCreateSourceConnectionOperator.partial(task_id="sources", connector="salesforce").expand_kwargs(
            source_wishes.override(trigger_rule="all_done")(bases.output)
        )
        schema = AepCreateSchemaOperator(task_id="schema", title="Mapped", schema_class=PROFILE)
        datasets = AepCreateDatasetOperator.partial(task_id="datasets", schema_id=schema.output).expand_kwargs(
            dataset_arguments()
        )
        AepCreateTargetConnectionOperator.partial(
            task_id="targets", schema_id=schema.output, if_exists="create", name="lake {{ ti.map_index }}"
        ).expand(dataset_id=datasets.output)
        AepFlowRunSensor.partial(task_id="waits", timeout=5, poll_interval=0).expand(
            run_id=["11111111-2222-4333-8444-55555555555X", "nonsense"]
        )
    result = run_dag(dag)
    assert result.states["bases"] == ["success", "success", "failed"]
    assert result.states["sources"] == ["success", "success"]
    assert result.states["datasets"] == result.states["targets"] == ["success"] * 3
    assert result.states["waits"] == ["failed", "failed"]
    state = aep.state()
    assert sorted(state["connections"]) == sorted(filter(None, result.xcom("bases")))
    assert {each["baseConnectionId"] for each in state["sourceConnections"].values()} == set(state["connections"])
    assert sorted(state["dataSets"]) == sorted(result.xcom("datasets"))
    assert sorted(each["params"]["dataSetId"] for each in state["targetConnections"].values()) == sorted(
        state["dataSets"]
    )
    tries = {(ti.task_id, ti.map_index): ti.try_number for ti in result.run.get_task_instances()}
    assert tries["bases", 2] == 1, "an empty name will not mend itself"


def test_every_argument_may_come_from_another_task(aep, run_dag):
    """A switch, too: an XComArg that nobody resolved would be true, whatever it says."""
    with DAG("switches", schedule=None) as dag:

        @task
        def no():
            return False

        @task
        def reuse():
            return "reuse"

        schema = AepCreateSchemaOperator(task_id="schema", title="Switches", schema_class=PROFILE, if_exists=reuse())
        AepCreateDatasetOperator(
            task_id="dataset", name="d", schema_id=schema.output, enable_profile=no(), enable_identity="{{ 1 > 2 }}"
        )
    assert dag.get_task("dataset").upstream_task_ids == {"schema", "no"}
    assert run_dag(dag).states["dataset"] == "success"
    (dataset,) = aep.state()["dataSets"].values()
    assert "unifiedProfile" not in dataset["tags"]
    assert "unifiedIdentity" not in dataset["tags"]


def test_b7_secrets_are_sent_again_only_when_they_changed_or_somebody_wrote(aep, run_dag, monkeypatch):
    """The platform does not show them, so the task remembers a keyed digest of what it sent."""
    with DAG("rotation", schedule=None) as dag:
        AepCreateBaseConnectionOperator(
            task_id="base",
            name="CRM",
            connector="salesforce",
            auth_spec_name="Basic Authentication",
            credentials_conn_id="crm",
            if_exists="update",
        )

    def change():
        aep.advance(60)
        return run_dag(dag).xcom("base", "change")

    def edit():
        (live,) = aep._platform.sandboxes["dev"]["connections"].values()
        live.update(etag='"edited"', version='"edited"')

    assert [change() for _ in range(3)] == ["created", "reused", "reused"]

    rotated = {"conn_type": "generic", "login": "u", "password": "pass-2", "extra": {"securityToken": "tok-1"}}
    monkeypatch.setenv("AIRFLOW_CONN_CRM", json.dumps(rotated))
    assert [change() for _ in range(2)] == ["updated", "reused"]

    edit()
    assert [change() for _ in range(2)] == ["updated", "reused"]
    sent = [record.body for record in aep.requests if record.method == "PATCH"]
    assert [body[0]["value"]["password"] for body in sent] == ["pass-2"] * 2
