"""A streaming dataflow: raw JSON events from Amazon Kinesis into an Experience Platform dataset.

Needs two Airflow connections: `aep_default` (see the provider's documentation) and `kinesis_stream`, whose
extra is `{"accessKeyId": "...", "secretKey": "..."}`.

The dataflow runs without end from the moment it is made, so this DAG has no schedule: run it to build the
dataflow and see data land, and run it again after an edit. Running it twice builds nothing twice.
"""

from airflow.sdk import DAG

from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateFlowOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
    AepGetFlowSpecOperator,
)
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor

with DAG(
    dag_id="example_streaming_dataflow",
    schedule=None,
    # A retry is safe: each step finds what an earlier try made.
    default_args={"retries": 2},
    doc_md=__doc__,
    tags=["example", "aep", "streaming"],
) as dag:
    # [start source]
    base_connection = AepCreateBaseConnectionOperator(
        task_id="base_connection",
        name="Kinesis",
        connector="amazon-kinesis",
        auth_spec_name="Aws Kinesis authentication credentials",
        # What is not secret is written here; the access key and its secret come from an Airflow connection.
        auth_params={"region": "us-east-1"},
        credentials_conn_id="kinesis_stream",
    )

    source_connection = AepCreateSourceConnectionOperator(
        task_id="source_connection",
        name="Kinesis web events",
        connector="amazon-kinesis",
        base_connection_id=base_connection.output,
        data_format="json",
        # "latest" begins with what arrives from now on; "earliest" would read what the stream still holds.
        source_params={"stream": "web-events", "dataType": "raw", "reset": "latest"},
    )
    # [end source]

    # [start target]
    schema = AepCreateSchemaOperator(
        task_id="schema",
        title="Web visitors",
        schema_class="https://ns.adobe.com/xdm/context/profile",
        field_groups=[
            "https://ns.adobe.com/xdm/context/profile-person-details",
            "https://ns.adobe.com/xdm/context/profile-personal-details",
        ],
    )

    dataset = AepCreateDatasetOperator(
        task_id="dataset",
        name="Web visitors",
        schema_id=schema.output,
    )

    target_connection = AepCreateTargetConnectionOperator(
        task_id="target_connection",
        name="Web visitors in the data lake",
        dataset_id=dataset.output,
        schema_id=schema.output,
    )
    # [end target]

    # [start dataflow]
    # Raw events have no XDM shape, so they need a mapping.
    mapping_set = AepCreateMappingSetOperator(
        task_id="mapping_set",
        schema_id=schema.output,
        mappings=[
            {"source": "firstName", "destination": "person.name.firstName"},
            {"source": "lastName", "destination": "person.name.lastName"},
        ],
    )

    flow_spec = AepGetFlowSpecOperator(task_id="flow_spec", connector="amazon-kinesis")

    # A stream has no schedule and no delta column.
    flow = AepCreateFlowOperator(
        task_id="flow",
        name="Kinesis web events to AEP",
        flow_spec_id=flow_spec.output,
        source_connection_id=source_connection.output,
        target_connection_id=target_connection.output,
        mapping_set_id=mapping_set.output,
    )
    # [end dataflow]

    # [start wait]
    # A streaming dataflow has no flow runs to wait for: what shows arriving data is a batch in its dataset.
    first_batch = AepDatasetBatchSensor(
        task_id="first_batch",
        dataset_id=dataset.output,
        deferrable=True,
        timeout=60 * 60,
    )
    flow >> first_batch
    # [end wait]
