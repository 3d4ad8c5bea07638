"""A DAG that waits for a finished run of each of many dataflows: event triggers are Airflow 3.3's."""

import json
import os

from airflow.sdk import DAG, Asset, AssetAll, AssetWatcher
from airflow.sdk.definitions.decorators import task

from airflow_provider_aep.triggers.flow_run import AepFlowRunEventTrigger

FLOWS = json.loads(os.environ.get("FINISHED_RUNS_FLOWS", "[]"))


def finished(flow_id):
    """The asset that has an event for each finished run of a dataflow."""
    trigger = AepFlowRunEventTrigger(flow_id=flow_id, poll_interval=2)
    return Asset(f"finished-{flow_id}", watchers=[AssetWatcher(name="runs", trigger=trigger)])


if FLOWS:
    with DAG("finished_runs", schedule=AssetAll(*map(finished, FLOWS)), catchup=False):

        @task
        def runs(triggering_asset_events=None):
            """The flow runs that started this DAG run."""
            events = [event for of_asset in triggering_asset_events.values() for event in of_asset]
            return [event.extra["payload"]["flow_run_id"] for event in events]

        runs()
