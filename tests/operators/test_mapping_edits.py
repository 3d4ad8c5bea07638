"""A2: an edited mapping reaches its dataflow; in real DAGs of the mapping step and the dataflow step."""

import pytest
from airflow.sdk import DAG
from provisioning import Provisioning

from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_service import AepCreateFlowOperator, AepUpdateFlowOperator

CRM = "14518937-270c-4525-bdec-c2ba7cce3860"
BEFORE = [{"source": "email", "destination": "personalEmail.address"}]
AFTER = [*BEFORE, {"source": "first_name", "destination": "person.name.firstName"}]


@pytest.fixture
def chain(airflow_db, aep):
    return Provisioning(AepHook().get_conn(), name="Stand").build()


def steps(chain, mappings, *, name="Accounts", if_exists="reuse", version="unsaid", **flow):
    """A DAG of two steps: the mapping set, and the dataflow that uses it.

    :param version: ``passed`` hands the version of the mapping set on, as the reference recommends.
    """
    with DAG("mapping_edit", schedule=None) as dag:
        mapping = AepCreateMappingSetOperator(
            task_id="mapping", name=name, schema_id=chain.schema, mappings=mappings, if_exists="update"
        )
        if version == "passed":
            flow["mapping_set_version"] = mapping.output["version"]
        AepCreateFlowOperator(
            task_id="flow",
            name="Accounts",
            flow_spec_id=CRM,
            source_connection_id=chain.source_connection,
            target_connection_id=chain.target_connection,
            mapping_set_id=mapping.output,
            delta_column={"name": "LastModifiedDate"},
            schedule_params={"frequency": "hour", "interval": 1},
            if_exists=if_exists,
            **flow,
        )
    return dag


def mapping_of(aep, result):
    parts = aep.state()["flows"][result.xcom("flow")]["transformations"]
    (params,) = [part["params"] for part in parts if part["name"] == "Mapping"]
    return params["mappingId"], str(params["mappingVersion"])


def patches(aep):
    return [record for record in aep.requests if record.method == "PATCH"]


@pytest.mark.parametrize("version", ["unsaid", "passed"])
def test_a2_an_edited_named_mapping_set_reaches_the_dataflow_by_update(aep, chain, run_dag, version):
    first = run_dag(steps(chain, BEFORE, version=version))
    assert mapping_of(aep, first) == (first.xcom("mapping"), "0")

    edited = run_dag(steps(chain, AFTER, if_exists="update", version=version))

    assert (edited.xcom("mapping"), edited.xcom("mapping", "version")) == (first.xcom("mapping"), 1)
    assert (edited.xcom("flow"), edited.xcom("flow", "change")) == (first.xcom("flow"), "updated")
    assert mapping_of(aep, edited) == (first.xcom("mapping"), "1")

    again = run_dag(steps(chain, AFTER, if_exists="update", version=version))
    assert again.xcom("flow", "change") == "reused"
    assert len(patches(aep)) == 1


def test_a2_reuse_leaves_the_dataflow_where_it_is_and_names_both_versions(aep, chain, run_dag, caplog):
    first = run_dag(steps(chain, BEFORE))
    edited = run_dag(steps(chain, AFTER))
    assert edited.xcom("flow", "change") == "reused"
    assert mapping_of(aep, edited) == (first.xcom("mapping"), "0")
    assert (
        f"Dataflow 'Accounts' ({first.xcom('flow')}) does not use the latest: "
        "/transformations/Mapping/mappingVersion: live '0', latest '1'. It is left so; "
        'if_exists="update" changes it.'
    ) in caplog.text


def test_a2_a_version_that_is_declared_is_compared_as_such(aep, chain, run_dag):
    run_dag(steps(chain, BEFORE))
    refused = run_dag(steps(chain, AFTER, version="passed"))
    assert refused.states == {"mapping": "success", "flow": "failed"}
    kept = run_dag(steps(chain, AFTER, mapping_set_version=0, if_exists="update"))
    assert kept.xcom("flow", "change") == "reused"


def test_a2_a_new_dataflow_gets_the_latest_version(aep, chain, run_dag):
    for mappings in (BEFORE, AFTER):
        with DAG("mapping_only", schedule=None) as dag:
            AepCreateMappingSetOperator(
                task_id="mapping", name="Accounts", schema_id=chain.schema, mappings=mappings, if_exists="update"
            )
        run_dag(dag)
    made = run_dag(steps(chain, AFTER))
    assert made.xcom("flow", "change") == "created"
    assert mapping_of(aep, made) == (made.xcom("mapping"), "1")


def test_a2_a_nameless_mapping_set_is_another_one_for_each_content(aep, chain, run_dag):
    first = run_dag(steps(chain, BEFORE, name=None))
    edited = run_dag(steps(chain, AFTER, name=None, if_exists="update"))
    assert edited.xcom("mapping") != first.xcom("mapping")
    assert (edited.xcom("flow"), mapping_of(aep, edited)) == (first.xcom("flow"), (edited.xcom("mapping"), "0"))


def test_a2_a_change_of_the_mapping_set_alone_takes_its_latest_version(aep, chain, run_dag):
    """`AepUpdateFlowOperator`: the version of the mapping set before is not that of the new one."""
    first = run_dag(steps(chain, BEFORE, name="Other"))
    with DAG("change", schedule=None) as dag:
        mapping = [
            AepCreateMappingSetOperator(
                task_id=f"mapping_{number}",
                name="Accounts",
                schema_id=chain.schema,
                mappings=mappings,
                if_exists="update",
            )
            for number, mappings in enumerate((BEFORE, AFTER))
        ]
        mapping[0] >> mapping[1]
        AepUpdateFlowOperator(task_id="flow", flow_id=first.xcom("flow"), changes={"mapping_set_id": mapping[1].output})
    changed = run_dag(dag)
    assert mapping_of(aep, changed) == (changed.xcom("mapping_1"), "1")
