"""What a task does about its flow run when it is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_aep import runs
from airflow_provider_aep.task.waiting import run_page

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient
    from airflow_provider_aep.models.flow_run import FlowRun

KillPolicy = Literal["leave", "disable_flow"]


def leave_running(client: AepClient, run: FlowRun, policy: KillPolicy, log: Any) -> None:
    """Say that the run goes on, as AEP cannot cancel one; disable its dataflow if that is the policy.

    :param log: the task's logger.
    """
    log.warning("AEP has no way to cancel a run: flow run %s goes on. See %s", run.id, run_page(client, run))
    if policy == "disable_flow" and run.flow_id:
        runs.flow_state.disable_at_once(client, run.flow_id)
        log.warning("Disabled dataflow %s, as on_kill says: no further run begins.", run.flow_id)
