"""Operators that run a dataflow and wait for what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from airflow_provider_aep import api, runs
from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.models.schedule import check_delta_column
from airflow_provider_aep.operators.run_base import RUN_FIELDS, AepRunOperatorBase
from airflow_provider_aep.task.window import given_window, window_from_json, window_of
from airflow_provider_aep.task.xcom import link_dataflow
from airflow_provider_aep.validation import Problems, checked_id

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.api.call import Call
    from airflow_provider_aep.client.http import AepClient
    from airflow_provider_aep.models.base import Created
    from airflow_provider_aep.models.flow import Flow
    from airflow_provider_aep.runs.loaded import IfLoaded
    from airflow_provider_aep.runs.request import RunRequest


# States in which a dataflow cannot be run, and what has to be done.
_IDLE = {"disabled": "is disabled: enable", "draft": "is a draft: publish"}


class AepRunFlowOperator(AepRunOperatorBase):
    """Run a dataflow on demand. It must be scheduled ``once`` and enabled.

    https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/on-demand-ingestion

    The further arguments are those of `AepRunOperatorBase` and `AepWaitingOperator`.

    :param flow_id: the dataflow.
    :param window_start: begin of the data (epoch seconds, ISO string with an offset, aware datetime).
    :param window_end: end of the data, likewise. Both are given, or neither: the window is then the DAG run's own slot,
        see `airflow_provider_aep.task.window`. An empty text or ``"None"``, from a template, is not given.
    :param if_loaded: what to do if the platform already has a successful run of this dataflow whose window overlaps:
        ``load`` with a warning that names it, ``skip`` the task, ``fail``. The task's own earlier run does not count.
    :param delta_column: for table sources, ``{"name": ..., "dateFormat": ..., "timezone": ...}``: needed by the first
        run, the same ever after.
    """

    template_fields: Sequence[str] = (
        "flow_id",
        "window_start",
        "window_end",
        "delta_column",
        "if_loaded",
        *RUN_FIELDS,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"delta_column": "json"}
    flow_id: str

    def __init__(
        self,
        *,
        flow_id: str,
        window_start: Any = None,
        window_end: Any = None,
        delta_column: Mapping[str, str] | None = None,
        if_loaded: IfLoaded = "load",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.flow_id = flow_id
        self.window_start = window_start
        self.window_end = window_end
        self.delta_column = delta_column
        self.if_loaded = if_loaded

    def check(self, problems: Problems) -> None:
        super().check(problems)
        problems.id("flow_id", self.flow_id)
        known = get_args(runs.loaded.IfLoaded)
        if self.if_loaded not in known:
            problems.add("if_loaded", f"is {self.if_loaded!r}; it is one of {', '.join(known)}")
        given_window(self.window_start, self.window_end, problems)
        if self.delta_column is not None:
            check_delta_column(problems, self.delta_column)

    def run_request(self, context: Context, client: AepClient) -> RunRequest:
        if self._window:
            return runs.request.RunRequest(self.flow_id, window_from_json(self._window))
        window = window_of(context, self.window_start, self.window_end, now=client.now(), log=self.log)
        self.log.info("The window of data is %s", window)
        return runs.request.RunRequest(self.flow_id, (window.start, window.end))

    def start_call(self, client: AepClient, request: RunRequest) -> Call[Created]:
        delta_column = self._delta_column(client.send(api.flow_service.get_flow(self.flow_id)))
        start, end = request.window or (0, 0)
        params: dict[str, Any] = {"startTime": int(client.now()), "windowStartTime": start, "windowEndTime": end}
        if delta_column is not None:
            params["deltaColumn"] = delta_column
        return api.flow_service.create_run(self.flow_id, params)

    def _delta_column(self, flow: Flow) -> dict[str, Any] | None:
        problems = Problems(f"run of dataflow {self.flow_id}")
        frequency = flow.schedule_params.frequency if flow.schedule_params else None
        if frequency is None:
            problems.add(
                "flow_id",
                "has no schedule, as streaming dataflows have none: only a dataflow with frequency 'once' can be run "
                "on demand; AepDatasetBatchSensor waits for what a streaming one loads",
            )
        elif frequency != "once":
            problems.add("flow_id", f"has frequency {frequency!r}: only a dataflow with 'once' can be run on demand")
        idle = _IDLE.get(flow.state or "")
        if idle:
            problems.add("flow_id", f"{idle} it first, with AepSetFlowStateOperator")
        live = (flow.transformation("Copy") or {}).get("deltaColumn")
        wanted = dict(self.delta_column) if self.delta_column else live
        if live and wanted and live.get("name") != wanted.get("name"):
            problems.add(
                "delta_column", f"is {wanted.get('name')!r}; since its first run the dataflow has {live.get('name')!r}"
            )
        if wanted is None and flow.flow_spec.id == FLOW_SPEC_IDS["CRMToAEP"]:
            problems.add("delta_column", 'is missing: the first run of a table dataflow names it, {"name": ...}')
        problems.raise_if_any()
        return wanted


class AepRetryFlowRunOperator(AepRunOperatorBase):
    """Run the window of a failed run (or of one that moved nothing) again. Returns the summary of the new run.

    https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/retry-flows

    The further arguments are those of `AepRunOperatorBase` and `AepWaitingOperator`.

    :param run_id: the run to repeat.
    """

    template_fields: Sequence[str] = ("run_id", *RUN_FIELDS)

    def __init__(self, *, run_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run_id = run_id

    def check(self, problems: Problems) -> None:
        super().check(problems)
        problems.id("run_id", self.run_id)

    def run_request(self, context: Context, client: AepClient) -> RunRequest:
        run = client.send(api.flow_service.get_run(checked_id("run_id", self.run_id)))
        if run.flow_id is None:
            raise AepConfigError(f"run_id is {self.run_id!r}, of which the platform does not say whose run it was.")
        self.flow_id = run.flow_id
        link_dataflow(context, client, run.flow_id)
        if not run.finished:
            raise AepConflictError(
                f"Flow run {self.run_id} is still {run.status!r}: wait for its end first.", status=409
            )
        return runs.request.RunRequest(run.flow_id, runs.request.run_window(run), repeats=runs.request.run_ref(run))

    def start_call(self, client: AepClient, request: RunRequest) -> Call[Created]:
        return api.flow_service.retry_run(self.run_id)
