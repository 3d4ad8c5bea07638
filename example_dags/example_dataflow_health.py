"""Look after the dataflows of a sandbox: find those that fail, are silent or are about to end, and tell somebody.

Give it a schedule, such as `"0 7 * * *"`. It asks the platform little: a request for each hundred dataflows and for
each fifty runs.
"""

from airflow.sdk import DAG, task

from airflow_provider_aep.operators.health import AepDataflowHealthOperator

with DAG(
    dag_id="example_dataflow_health",
    schedule=None,
    default_args={"retries": 2},
    doc_md=__doc__,
    tags=["example", "aep"],
) as dag:
    # [start health]
    health = AepDataflowHealthOperator(task_id="health", silent_for=2 * 24 * 60 * 60)

    @task.short_circuit
    def something_to_mend(health):
        return not health["well"]

    @task
    def tell(table):
        print(table)  # or a message to whom it concerns: with a notifier, by mail, into a ticket

    something_to_mend(health.output) >> tell(health.output["table"])
    # [end health]
