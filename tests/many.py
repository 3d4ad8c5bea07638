"""Many dataflows, runs and batches at once on a local AEP: made one by one over HTTP they would take minutes."""

from __future__ import annotations

from airflow_provider_aep.emulator.simulation.batches import add_streaming_batch
from airflow_provider_aep.emulator.simulation.run_plans import create_run

WINDOW = (1_900_000_000, 1_900_003_600)


def clone_flow(aep, flow_id: str, count: int) -> list[str]:
    """The ids of `count` new dataflows like that one; none of them has a run."""
    platform = aep._platform
    with platform.lock:
        flows = platform.sandboxes[aep.sandbox]["flows"]
        copies = [{**flows[flow_id], "id": platform.identifiers.uuid()} for _ in range(count)]
        flows.update({copy["id"]: copy for copy in copies})
    return [copy["id"] for copy in copies]


def add_runs(aep, *flow_ids: str) -> list[str]:
    """The ids of new runs, one of each dataflow, made now."""
    platform = aep._platform
    with platform.lock:
        sandbox = platform.sandboxes[aep.sandbox]
        when = {"created_at": aep.now(), "client_id": aep.client_id, "window": WINDOW}
        runs = [create_run(platform, sandbox, sandbox["flows"][flow_id], **when) for flow_id in flow_ids]
    return [run["id"] for run in runs]


def add_batches(aep, *dataset_ids: str) -> None:
    """A finished batch in each dataset, made now."""
    platform = aep._platform
    with platform.lock:
        for dataset_id in dataset_ids:
            add_streaming_batch(platform, platform.sandboxes[aep.sandbox], dataset_id, aep.now(), records=1)


def dataset_ids(count: int) -> list[str]:
    """Ids of datasets: the list of batches does not ask whether there are such."""
    return [f"{number:024x}" for number in range(1, count + 1)]
