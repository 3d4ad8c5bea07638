"""Sensors that wait for a flow run, or for a batch where a dataflow has no runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_aep import api
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.links import AepDataflowLink, AepFlowRunLink
from airflow_provider_aep.models.batch import Batch, first_batch
from airflow_provider_aep.models.flow_run import FlowRun, first_run
from airflow_provider_aep.models.times import iso_time
from airflow_provider_aep.sensors.base import AepSensor
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.waiting import for_end_of, for_first, no_run_yet
from airflow_provider_aep.validation import Problems, left_empty

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.triggers.flow_run import AepDatasetBatchTrigger, AepFlowRunTrigger


class AepFlowRunSensor(AepSensor):
    """Wait for a flow run, and succeed only if it did what its policy demands. Returns the run's summary.

    :param run_id: the run; or else
    :param flow_id: its dataflow: the first run made at or after `since` is waited for.
    :param since: a time on the platform's clock (epoch seconds, ISO string with an offset, aware datetime); default:
        the start of the DAG run.
    """

    template_fields: Sequence[str] = ("run_id", "flow_id", "since", "policy", "sample_rows", *COMMON_FIELDS)
    operator_extra_links = (AepDataflowLink(), AepFlowRunLink())

    def __init__(
        self, *, run_id: str | None = None, flow_id: str | None = None, since: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.run_id = run_id
        self.flow_id = flow_id
        self.since = since
        self._given = [field for field, value in (("run_id", run_id), ("flow_id", flow_id)) if value is not None]
        self._bound: str | None = None
        self._has_runs = False

    def check(self, problems: Problems) -> None:
        super().check(problems)
        if self.run_id and self.flow_id:
            problems.add("run_id and flow_id", "are both given: one of them says what is waited for")
        elif not self._given:
            problems.add("run_id or flow_id", "is missing: one of them says what is waited for")
        for field in self._given:
            value = getattr(self, field)
            if value:
                problems.id(field, value)
            elif not (self.run_id or self.flow_id):  # Of two that are given, a template may leave one empty.
                problems.add(field, left_empty(value))
        self._target_known = bool(self.run_id)

    def awaited(self, since: int | None) -> str:
        if isinstance(self._seen, FlowRun):
            return for_end_of(self._seen.id, self._seen.flow_id)
        if self.run_id:
            return for_end_of(self.run_id, self.flow_id)
        return for_first("flow run", f"dataflow {self.flow_id}", since)

    def _check_flow_has_runs(self, flow_id: str) -> None:
        if self._has_runs:
            return
        flow = self.send(api.flow_service.get_flow(flow_id))
        spec = self.send(api.flow_service.get_flow_spec(flow.flow_spec.id))
        if not spec.flow_runs_supported:
            raise AepConfigError(
                f"Dataflow {flow_id} streams: its flow spec {spec.name!r} has no flow runs to wait for. Wait for its "
                "data instead: AepDatasetBatchSensor(dataset_id=...), the dataset of its target connection."
            )
        self._has_runs = True

    def poll(self, context: Context) -> FlowRun | None:
        run_id = self.run_id or self._bound
        run = self.send(api.flow_service.get_run(run_id)) if run_id else self._find(context, str(self.flow_id))
        if run is None:
            self.log.info("Dataflow %s: %s", self.flow_id, self._nothing)
            return None
        self._seen = run
        if self._bound != run.id:
            self._bound = run.id
            self.announce(context, run)
        self.log.info("Flow run %s: %s", run.id, run.status)
        return run if run.finished else None

    def _find(self, context: Context, flow_id: str) -> FlowRun | None:
        if not self.rescheduled:
            self._check_flow_has_runs(flow_id)
        since = self.since_time(context)
        call = api.flow_service.list_runs(flow_id, created_since=since.roughly())
        listed = self.send(call)
        run = first_run(listed, since.exactly())
        if run is None:
            self._nothing = no_run_yet(since.exactly(), listed)
            self._check_flow_has_runs(flow_id)
        return run

    def trigger(self, context: Context) -> AepFlowRunTrigger:
        # Imported here because Airflow's triggers are slow to import, and every DAG file imports the sensors.
        from airflow_provider_aep.triggers.flow_run import AepFlowRunTrigger

        run_id = self.run_id or self._bound
        return AepFlowRunTrigger(
            run_id=run_id,
            flow_id=None if run_id else self.flow_id,
            since=None if run_id else self.since_time(context).exactly(),
            **self.trigger_arguments(),
        )


class AepDatasetBatchSensor(AepSensor):
    """Wait for a batch in a dataset: the sign that a streaming dataflow delivers. Returns the batch's summary.

    :param dataset_id: the dataset.
    :param since: a time on the platform's clock (epoch seconds, ISO string with an offset, aware datetime); default:
        the start of the DAG run. The first batch made at or after it is waited for.
    """

    template_fields: Sequence[str] = ("dataset_id", "since", "policy", "sample_rows", *COMMON_FIELDS)

    def __init__(self, *, dataset_id: str, since: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dataset_id = dataset_id
        self.since = since

    def check(self, problems: Problems) -> None:
        super().check(problems)
        problems.id("dataset_id", self.dataset_id, "dataset")

    def awaited(self, since: int | None) -> str:
        return for_first("batch", f"dataset {self.dataset_id}", since)

    def poll(self, context: Context) -> Batch | None:
        since = self.since_time(context)
        # "createdAfter" leaves out what was made at that very moment.
        call = api.catalog.list_batches(self.dataset_id, created_since=since.roughly() - 1)
        batch = first_batch(self.send(call), since.exactly())
        if batch is None:
            self.log.info("Dataset %s has no batch made since %s", self.dataset_id, iso_time(since.exactly()))
            return None
        self._seen = batch
        self.log.info("Batch %s: %s", batch.id, batch.status)
        return batch if batch.finished else None

    def keep_lineage(self, context: Context, ended: FlowRun | Batch) -> None:
        if isinstance(ended, Batch):
            self.keep_dataset_lineage(context, self.hook.get_conn(), self.dataset_id, ended)

    def trigger(self, context: Context) -> AepDatasetBatchTrigger:
        from airflow_provider_aep.triggers.flow_run import AepDatasetBatchTrigger

        return AepDatasetBatchTrigger(
            dataset_id=self.dataset_id,
            since=self.since_time(context).exactly(),
            **self.trigger_arguments(),
        )
