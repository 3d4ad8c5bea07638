"""A batch dataflow: Salesforce accounts, every hour, into an Experience Platform dataset.

Needs two Airflow connections: `aep_default` (see the provider's documentation) and `salesforce_crm`, whose
login and password are the Salesforce user's and whose extra is `{"securityToken": "..."}`.

AEP schedules the dataflow itself, so this DAG has no schedule: run it to build the dataflow and see its next
run arrive, and run it again after an edit. Running it twice builds nothing twice.
"""

from airflow.sdk import DAG

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

with DAG(
    dag_id="example_crm_dataflow",
    schedule=None,
    # A retry is safe: each step finds what an earlier try made.
    default_args={"retries": 2},
    doc_md=__doc__,
    tags=["example", "aep", "batch"],
) as dag:
    # [start source]
    base_connection = AepCreateBaseConnectionOperator(
        task_id="base_connection",
        name="Salesforce",
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        # The secrets come from an Airflow connection; they are in no DAG file, log line or XCom.
        credentials_conn_id="salesforce_crm",
    )

    # Asking Salesforce for the columns saves writing them here, and fails early if the table is not there.
    columns = AepExploreConnectionOperator(
        task_id="columns",
        base_connection_id=base_connection.output,
        object_path="Accounts",
    )

    source_connection = AepCreateSourceConnectionOperator(
        task_id="source_connection",
        name="Salesforce accounts",
        connector="salesforce",
        base_connection_id=base_connection.output,
        source_params={"tableName": "Accounts", "columns": columns.output},
    )
    # [end source]

    # [start target]
    schema = AepCreateSchemaOperator(
        task_id="schema",
        title="CRM accounts",
        schema_class="https://ns.adobe.com/xdm/context/profile",
        field_groups=[
            "https://ns.adobe.com/xdm/context/profile-person-details",
            "https://ns.adobe.com/xdm/context/profile-personal-details",
        ],
    )

    dataset = AepCreateDatasetOperator(
        task_id="dataset",
        name="CRM accounts",
        schema_id=schema.output,
    )

    target_connection = AepCreateTargetConnectionOperator(
        task_id="target_connection",
        name="CRM accounts in the data lake",
        dataset_id=dataset.output,
        schema_id=schema.output,
    )
    # [end target]

    # [start dataflow]
    mapping_set = AepCreateMappingSetOperator(
        task_id="mapping_set",
        schema_id=schema.output,
        mappings=[
            {"source": "first_name", "destination": "person.name.firstName"},
            {"source": "last_name", "destination": "person.name.lastName"},
            {"source": "email", "destination": "personalEmail.address"},
        ],
    )

    flow_spec = AepGetFlowSpecOperator(task_id="flow_spec", connector="salesforce")

    flow = AepCreateFlowOperator(
        task_id="flow",
        name="Salesforce accounts to AEP",
        flow_spec_id=flow_spec.output,
        source_connection_id=source_connection.output,
        target_connection_id=target_connection.output,
        mapping_set_id=mapping_set.output,
        # A run fetches the rows whose delta column has moved since the run before it.
        delta_column={"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"},
        # Without start_time the first run begins five minutes after the dataflow was made.
        schedule_params={"frequency": "hour", "interval": 1},
    )
    # [end dataflow]

    # [start wait]
    # Deferred, the wait costs no worker. A run that dropped records fails the task unless `policy` allows it.
    AepFlowRunSensor(
        task_id="first_run",
        flow_id=flow.output,
        deferrable=True,
        timeout=2 * 60 * 60,
    )
    # [end wait]
