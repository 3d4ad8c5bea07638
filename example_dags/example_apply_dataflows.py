"""Keep the dataflows of a sandbox equal to the files in `dataflows/`.

Needs three Airflow connections: `aep_default` (see the provider's documentation), `salesforce_crm` and
`kinesis_stream`, which the files name.

Run it after each change of the files, from CI or by an asset event. Running it again changes nothing. A change that
the platform can only make by a new dataflow is refused: `--conf '{"allow_replace": "reload"}'` reads everything again,
`"continue"` begins at that moment.
"""

from pathlib import Path

from airflow.sdk import DAG, Param

from airflow_provider_aep.operators.dataflow import AepApplyDataflowsOperator

with DAG(
    dag_id="example_apply_dataflows",
    schedule=None,
    # A retry is safe: it finds what an earlier try made.
    default_args={"retries": 2},
    # Two applies at the same time would make nothing twice, and the second one would have nothing to do.
    max_active_runs=1,
    params={"allow_replace": Param("no", enum=["no", "reload", "continue"])},
    doc_md=__doc__,
    tags=["example", "aep", "dataflows as code"],
) as dag:
    # [start apply]
    AepApplyDataflowsOperator(
        task_id="apply",
        specs=str(Path(__file__).parent / "dataflows"),
        allow_replace="{{ params.allow_replace if params.allow_replace != 'no' else '' }}",
    )
    # [end apply]
