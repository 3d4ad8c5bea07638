"""Twenty dataflows, each provisioned, run and awaited. They share an account, a schema and a mapping set."""

from datetime import timedelta

from airflow.sdk import DAG, TaskGroup

from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_run import AepRunFlowOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateFlowOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
)
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator

NUMBER = 20
COLUMNS = [{"name": name, "type": "string", "xdm": {"type": "string"}} for name in ("first_name", "last_name", "email")]
YEAR_2100 = 4_102_444_800

with DAG(
    dag_id="distributed",
    schedule=None,
    default_args={"retries": 5, "retry_delay": timedelta(seconds=1)},
    max_active_tasks=100,
) as dag:
    base_connection = AepCreateBaseConnectionOperator(
        task_id="base_connection",
        name="Salesforce",
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        credentials_conn_id="salesforce_crm",
    )
    schema = AepCreateSchemaOperator(
        task_id="schema", title="CRM", schema_class="https://ns.adobe.com/xdm/context/profile"
    )
    mapping_set = AepCreateMappingSetOperator(
        task_id="mapping_set",
        schema_id=schema.output,
        mappings=[{"source": "email", "destination": "personalEmail.address"}],
    )
    for number in range(1, NUMBER + 1):
        with TaskGroup(f"table_{number}"):
            source_connection = AepCreateSourceConnectionOperator(
                task_id="source_connection",
                name=f"Table {number}",
                connector="salesforce",
                base_connection_id=base_connection.output,
                source_params={"tableName": f"Table_{number}", "columns": COLUMNS},
            )
            dataset = AepCreateDatasetOperator(task_id="dataset", name=f"Table {number}", schema_id=schema.output)
            target_connection = AepCreateTargetConnectionOperator(
                task_id="target_connection",
                name=f"Table {number}",
                dataset_id=dataset.output,
                schema_id=schema.output,
            )
            flow = AepCreateFlowOperator(
                task_id="flow",
                name=f"Table {number}",
                flow_spec_id="14518937-270c-4525-bdec-c2ba7cce3860",
                source_connection_id=source_connection.output,
                target_connection_id=target_connection.output,
                mapping_set_id=mapping_set.output,
                # AEP itself starts no run before that.
                schedule_params={"frequency": "once", "start_time": YEAR_2100},
            )
            AepRunFlowOperator(
                task_id="run",
                flow_id=flow.output,
                delta_column={"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"},
                window_start=1_900_000_000,
                window_end=1_900_003_600,
                deferrable=True,
                poll_interval=2,
                timeout=100 * 60 * 60,
            )
