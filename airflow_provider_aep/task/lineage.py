"""What operators and sensors report of the data: lineage for OpenLineage, and counts in the events of assets.

What only running tasks need is imported in the methods, because every DAG file imports the operators.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.task.xcom import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_aep.lineage import Lineage
    from airflow_provider_aep.models.batch import Batch
    from airflow_provider_aep.models.flow_run import FlowRun
    from airflow_provider_aep.models.source_connection import SourceConnection
    from airflow_provider_aep.runs.dataflow_parts import DataflowParts

log = logging.getLogger(__name__)

# Seconds for which one part of a dataflow is asked for. A task does not fail, and hardly waits, for its lineage.
_PATIENCE = 5.0


class Client(Place, Protocol):
    """What is needed here of an `AepClient`."""

    @property
    def send(self) -> Callable[..., Any]: ...


class LineageMixin:
    """The methods by which Airflow's provider for OpenLineage asks a task.

    They may send no request: what they return was kept while the task ran, after its last deferral and before it could
    fail. (They are called in a fork of the task's process, and after a deferral the task is a new object.)
    """

    lineage: Lineage | None = None
    # Airflow's; what a task declares to write to.
    outlets: list[Any]

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        from airflow_provider_aep.lineage import operator_lineage

        return operator_lineage(self.lineage)

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> OperatorLineage[Any, Any]:
        return self.get_openlineage_facets_on_start()

    def get_openlineage_facets_on_failure(self, task_instance: Any) -> OperatorLineage[Any, Any]:
        """The same; the error itself Airflow adds."""
        return self.get_openlineage_facets_on_start()

    def keep_end(
        self,
        client: Client,
        *,
        source: SourceConnection | None = None,
        dataset_id: str | None = None,
        schema_id: str | None = None,
    ) -> None:
        """Keep one end of a dataflow: what is read, or the dataset that is written to and its schema."""
        from airflow_provider_aep.lineage import Lineage

        self.lineage = Lineage(client.org_id, client.sandbox, source, dataset_id, schema_id)

    def keep_dataflow_lineage(
        self,
        context: Context,
        client: Client,
        flow_id: str | None,
        run: FlowRun | None = None,
        window: Mapping[str, str] | None = None,
    ) -> None:
        """Keep where a dataflow reads and writes, and what its run moved, if anybody asks for it.

        OpenLineage costs four requests (dataflow, source and target connection, mapping set), an outlet that is a
        dataset of the platform two of them. Without either nothing is asked.

        :param window: the window of data that was asked for, as in the summary; None for the one that the run tells.
        """
        from airflow_provider_aep.lineage import Lineage, is_enabled

        outlets = self._datasets() if run else []
        if flow_id is None or not (outlets or is_enabled()):
            return
        from airflow_provider_aep.runs.dataflow_parts import DataflowParts

        parts = DataflowParts(partial(client.send, patience=_PATIENCE), flow_id)
        try:
            known = Lineage(client.org_id, client.sandbox, dataset_id=_dataset_id(parts), ended=run)
            if run is not None:
                _tell_assets(context, outlets, known, window or _window_of(run))
            if is_enabled():
                self.lineage = replace(
                    known, source=parts.source, schema_id=_schema_id(parts), mapping_set=parts.mapping_set
                )
        except AepError as problem:
            log.info("The lineage of dataflow %s is not known: %s", flow_id, problem)

    def keep_dataset_lineage(self, context: Context, client: Client, dataset_id: str, batch: Batch) -> None:
        """Keep what a batch brought into a dataset. Nothing tells where it comes from."""
        from airflow_provider_aep.lineage import Lineage

        self.lineage = Lineage(client.org_id, client.sandbox, dataset_id=dataset_id, ended=batch)
        _tell_assets(context, self._datasets(), self.lineage, None)

    def _datasets(self) -> list[Any]:
        """The outlets that are datasets of the platform."""
        return [each for each in self.outlets or [] if str(getattr(each, "uri", "")).startswith("aep://")]


def _dataset_id(parts: DataflowParts) -> str | None:
    return parts.target.params.data_set_id if parts.target else None


def _schema_id(parts: DataflowParts) -> str | None:
    schema = parts.target.data.xdm_schema if parts.target else None
    return schema.id if schema else None


def _window_of(run: FlowRun) -> dict[str, str] | None:
    """The window of data that the platform tells of a run."""
    from airflow_provider_aep.runs.request import run_window
    from airflow_provider_aep.task.window import window_to_json

    window = run_window(run)
    return window_to_json(window) if window else None


def _tell_assets(context: Context, outlets: list[Any], known: Lineage, window: Mapping[str, str] | None) -> None:
    """Put the figures into the event of the asset that is the dataset; Airflow sends it when the task succeeds."""
    events: Any = context.get("outlet_events")
    if events is None or known.dataset_id is None or known.ended is None:
        return
    from airflow_provider_aep.assets import dataset_uri

    uri = dataset_uri(known.dataset_id, org_id=known.org_id, sandbox=known.sandbox)
    summary = known.ended.summary()
    figures = {key: summary[key] for key in ("flow_id", "status", "records", "bytes", "batch_ids")}
    for asset in outlets:
        if asset.uri == uri:
            events[asset].extra.update({"flow_run_id": summary["run_id"], **figures, "window": window})
