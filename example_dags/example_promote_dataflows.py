"""Bring the dataflows that run in a development sandbox to production, after a person has approved what would change.

Needs an Airflow connection `aep_default` whose credential may use both sandboxes, and those that the files in
`dataflows/` name.

The plan for production is shown to whoever approves it. What is applied then is that very plan: had anything changed in
the meantime, on the platform or in the files, its fingerprint would be another one, and nothing would be written.
"""

from pathlib import Path

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, task

from airflow_provider_aep.operators.dataflow import AepApplyDataflowsOperator

SPECS = str(Path(__file__).parent / "dataflows")

with DAG(
    dag_id="example_promote_dataflows",
    schedule=None,
    default_args={"retries": 2},
    params={"production": "prod"},
    doc_md=__doc__,
    tags=["example", "aep", "dataflows as code"],
) as dag:
    # [start promotion]
    # What is promoted works: the development sandbox is as the files say.
    development = AepApplyDataflowsOperator(task_id="development", specs=SPECS, mode="check")

    plan = AepApplyDataflowsOperator(task_id="plan", specs=SPECS, sandbox="{{ params.production }}", mode="plan")

    @task.short_circuit
    def changes(has_changes):
        return has_changes

    approval = ApprovalOperator(
        task_id="approval",
        subject="Apply this plan to production?",
        body="{{ ti.xcom_pull('plan', key='plan_markdown') }}",
        # A rejection is an answer: what comes after is skipped.
        fail_on_reject=False,
    )

    apply = AepApplyDataflowsOperator(
        task_id="apply",
        specs=SPECS,
        sandbox="{{ params.production }}",
        expect="{{ ti.xcom_pull('plan', key='fingerprint') }}",
    )

    development >> plan >> changes(plan.output["has_changes"]) >> approval >> apply
    # [end promotion]
