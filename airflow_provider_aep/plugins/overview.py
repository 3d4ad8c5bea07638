"""The dataflows of a sandbox as JSON for the page. It is kept for seconds, so that many people who open the page cause
one request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, TypeVar

from cachetools import TTLCache

from airflow_provider_aep.api import data_prep, flow_service
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.sandbox_lists import list_latest_runs
from airflow_provider_aep.assets import dataset_uri
from airflow_provider_aep.connectors import CONNECTORS, connector_name
from airflow_provider_aep.exceptions import AepApiError, AepConfigError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.links import dataflow_url, flow_run_url
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.models.times import iso_time
from airflow_provider_aep.plugins.as_file import as_file
from airflow_provider_aep.plugins.owners import producing_dags
from airflow_provider_aep.reconcile.lookup import read
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION
from airflow_provider_aep.runs.flow_list import list_flows

T = TypeVar("T")

# Seconds.
_KEPT = 15.0
_PATIENCE = 5.0
_RUNS_IN_A_ROW = 10
_RUNS_OF_A_FLOW = 60
_STANDARD = RunPolicy()


class Overview:
    """The dataflows of one connection's sandbox.

    :param conn_id: the Airflow connection; it must be known to the API server.
    """

    def __init__(self, conn_id: str) -> None:
        self._client = AepHook(conn_id).get_conn()
        self._kept: TTLCache[Hashable, Any] = TTLCache(maxsize=256, ttl=_KEPT)
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    @property
    def place(self) -> dict[str, str]:
        """Organisation and sandbox."""
        return {"org": self._client.org_id, "sandbox": self._client.sandbox}

    def rows(self) -> list[dict[str, Any]]:
        """All source dataflows: id, name, state, source, schedule, last run, address in Experience Platform.

        :raises AepError: the platform cannot be asked, or refuses.
        """
        return self._once("rows", self._read_rows)

    def activity(self, flow_ids: Sequence[str]) -> dict[str, Any]:
        """Dataflow -> its latest runs and the DAGs that own it. Two requests, whatever the number of dataflows.

        :raises AepConfigError: one is no id, or none that the sandbox has.
        """
        known = {row["id"]: row for row in self.rows()}
        rows = [known[flow_id] for flow_id in flow_ids if flow_id in known]
        return self._once(("activity", *sorted(flow_ids)), partial(self._read_activity, rows))

    def dataflow(self, flow_id: str) -> dict[str, Any]:
        """One dataflow: its row, its runs over time, its mapping.

        :raises AepConfigError: the sandbox has no such dataflow.
        """
        return self._once(("dataflow", flow_id), partial(self._read_dataflow, self._row_of(flow_id)))

    def spec(self, flow_id: str) -> dict[str, Any]:
        """One dataflow as a file, and how it differs from the file that declares it.

        :raises AepConfigError: the sandbox has no such dataflow.
        """
        row = self._row_of(flow_id)
        return self._once(("spec", flow_id), lambda: as_file(self._client, flow_id, row["name"]))

    def _row_of(self, flow_id: str) -> dict[str, Any]:
        row = next((row for row in self.rows() if row["id"] == flow_id), None)
        if row is None:
            raise AepConfigError(f"There is no source dataflow {flow_id} in sandbox {self._client.sandbox!r}.")
        return row

    def send(self, call: Call[T]) -> T:
        """Send a call with little patience, because a person waits for the page."""
        return self._client.send(call, patience=_PATIENCE)

    def _once(self, key: Hashable, read: Callable[[], T]) -> T:
        """What was read within the last seconds, or is being read by another thread."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]  # type: ignore[no-any-return]
            found = read()
            with self._lock:
                self._kept[key] = found
                self._locks = {each: held for each, held in self._locks.items() if each in self._kept or held.locked()}
            return found

    def _read_rows(self) -> list[dict[str, Any]]:
        return [self._row(flow) for flow in list_flows(self.send)]

    def _row(self, flow: Flow) -> dict[str, Any]:
        last = flow.last_run_details
        return {
            "id": flow.id,
            "name": flow.name or str(flow.id),
            "description": flow.description,
            "state": flow.state or "unknown",
            "source": _source(flow),
            "schedule": _schedule(flow),
            "created_at": flow.created_at,
            "last_run": last and {"state": last.state, "at": iso_time(last.completed_at_utc or last.started_at_utc)},
            "url": dataflow_url(self._client.org_id, self._client.sandbox, str(flow.id)),
            "target_connection_id": next(iter(flow.target_connection_ids), None),
        }

    def _read_activity(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        dags = self._dags(rows)
        runs: dict[str, list[FlowRun]] = {}
        for run in self._latest_runs([row["id"] for row in rows]):
            runs.setdefault(str(run.flow_id), []).append(run)
        return {
            row["id"]: {
                "dags": dags.get(row["id"], []),
                "runs": [self._bar(run) for run in runs.get(row["id"], [])[:_RUNS_IN_A_ROW]],
            }
            for row in rows
        }

    def _latest_runs(self, flow_ids: Sequence[str]) -> list[FlowRun]:
        try:
            runs = self.send(list_latest_runs(flow_ids)) if flow_ids else []
        except AepApiError as problem:
            if problem.status == 400:
                # That a list takes several dataflows is not documented. A row shows its last run all the same.
                return []
            raise
        return sorted(runs, key=lambda run: run.created_at_or_started or 0, reverse=True)

    def _dags(self, rows: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
        """Dataflow -> the DAGs with a task that writes to its dataset."""
        ids = sorted({row["target_connection_id"] for row in rows if row["target_connection_id"]})
        targets = self._targets(ids) if ids else []
        uri_of = partial(dataset_uri, org_id=self._client.org_id, sandbox=self._client.sandbox)
        uris = {str(target.id): uri_of(str(target.params.data_set_id)) for target in targets}
        dags = producing_dags(set(uris.values()))
        return {row["id"]: dags.get(uris.get(row["target_connection_id"], ""), []) for row in rows}

    def _targets(self, ids: Sequence[str]) -> list[TargetConnection]:
        """One request, or one for each where lists take no ids or show no dataset."""
        try:
            listed = self.send(TARGET_CONNECTION.list_some(ids))
        except AepApiError as problem:
            if problem.status != 400:
                raise
            listed = []
        shown = {str(target.id): target for target in listed if not TARGET_CONNECTION.is_summary(target)}
        found = [shown.get(id_) or read(self.send, TARGET_CONNECTION, id_) for id_ in ids]
        return [target for target in found if target is not None]

    def _bar(self, run: FlowRun) -> dict[str, Any]:
        summary = run.summary()
        verdict = run.verdict(_STANDARD)
        return {
            "id": run.id,
            "outcome": verdict.outcome,
            "said": verdict.reason,
            "status": run.status,
            "started_at": summary["started_at"],
            "seconds": summary["duration_seconds"],
            "records": run.records,
            "url": flow_run_url(self._client.org_id, self._client.sandbox, str(run.flow_id), run.id),
        }

    def _read_dataflow(self, row: dict[str, Any]) -> dict[str, Any]:
        flow = self.send(flow_service.get_flow(row["id"]))
        runs = self._latest_runs([row["id"]])[:_RUNS_OF_A_FLOW]
        return {
            **row,
            "dags": self._dags([row]).get(row["id"], []),
            "runs": [self._bar(run) for run in runs],
            "mappings": self._mappings(flow),
        }

    def _mappings(self, flow: Flow) -> list[dict[str, Any]]:
        if flow.mapping_set_id is None:
            return []
        call = data_prep.get_mapping_set(flow.mapping_set_id, flow.mapping_set_version)
        rows = [
            {
                "destination": mapping.key or "",
                "type": mapping.meaning[0],
                "source": mapping.meaning[1],
                "identity": bool(mapping.identity),
            }
            for mapping in self.send(call).mappings
        ]
        return sorted(rows, key=lambda row: row["destination"])


def _source(flow: Flow) -> str:
    """What is read from: the source's name where Adobe publishes it, else the id of its connection spec."""
    spec = flow.source.connection_spec
    if spec is None:
        return "unknown"
    connector = CONNECTORS.get(connector_name(spec.id))
    return connector.title if connector else spec.id


def _schedule(flow: Flow) -> str:
    schedule = flow.schedule_params
    if schedule is None or not schedule.frequency:
        return "streaming"
    return "on demand" if schedule.frequency == "once" else schedule.describe()
