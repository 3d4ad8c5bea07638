"""What a change does to the data, or to somebody else, in sentences with the dataflow's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Send
from airflow_provider_aep.api.run_page import newest_runs
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.dataflow.choice import recorded_choice, ways_to_replace
from airflow_provider_aep.dataflow.inventory import Inventory
from airflow_provider_aep.dataflow.plan import Consequence, PlannedResource
from airflow_provider_aep.dataflow.resources import asks_for_columns
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.models.flow import START_DELAY_SECONDS, Flow
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.times import wire_seconds
from airflow_provider_aep.models.tolerant import read_time
from airflow_provider_aep.resources.dataset import DATASET
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION

# How many of the runs of a dataflow are counted.
_LAST_RUNS = 100
# How many dataflows of an account are named.
_NAMED = 10
# How a way of replacing begins that the dataflow does not allow.
NOT_POSSIBLE = "not possible"
_COPY = "/transformations/Copy"


@dataclass(frozen=True)
class History:
    """What a dataflow has loaded by its last runs, at most 100.

    :param window_end: end of the last window in epoch seconds; None where no run tells.
    """

    runs: int
    records: int
    window_end: float | None


def history(send: Send, flow_id: str) -> History:
    """Read the newest runs of a dataflow."""
    found = send(newest_runs(flow_service.list_runs(flow_id)))
    runs = sorted(found, key=lambda run: run.created_at_or_started or 0, reverse=True)[:_LAST_RUNS]
    ends = [end for run in runs if (end := _window_end(run)) is not None]
    return History(len(runs), sum(run.records["output"] or 0 for run in runs), max(ends, default=None))


def _window_end(run: FlowRun) -> float | None:
    return wire_seconds(read_time(run.window[1])) if run.window else None


@dataclass
class Consequences:
    """The consequences of one plan.

    :param allow_replace: the way of replacing that was chosen; False: both are told, unless the file declares one.
    :param now: the platform's time in epoch seconds, which the first response tells.
    """

    send: Send
    inventory: Inventory
    allow_replace: Any
    now: Callable[[], float]

    def of(self, spec: DataflowSpec, planned: PlannedResource, replaced: Flow | None) -> tuple[Consequence, ...]:
        """What becomes of one resource's decision.

        :param replaced: the old dataflow of an interrupted replacement, if there is one.
        """
        if planned.destroy:
            return tuple(_of_destroying(planned))
        told: dict[str, Callable[[DataflowSpec, PlannedResource], Iterator[Consequence]]] = {
            "base_connection": self._of_account,
            "schema": _of_schema,
            "source_connection": _of_source,
            "dataset": _of_dataset,
            "flow": partial(self._of_flow, replaced),
        }
        found = told[planned.step](spec, planned) if planned.step in told else ()
        warned = tuple(Consequence("warning", warning) for warning in planned.decision.warnings)
        return (*found, *warned)

    def _of_account(self, spec: DataflowSpec, planned: PlannedResource) -> Iterator[Consequence]:
        if planned.decision.action != "update":
            return
        if not planned.differences or any(change.is_within("/auth") for change in planned.differences):
            why = "" if not planned.differences else ", because the platform replaces auth parameters as a whole"
            yield Consequence("credentials_sent", f"the credentials are sent again{why}")
        names = self._dataflows_of(planned.type_.id_of(planned.decision.live))
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            listed = ", ".join(map(repr, names[:_NAMED]))
            yield Consequence("shared_account", f"reaches every dataflow of this account: {listed}{more}")

    def _dataflows_of(self, base_connection_id: str) -> list[str]:
        sources = {
            source.id
            for source in self.inventory.all_of(SOURCE_CONNECTION)
            if source.base_connection_id == base_connection_id
        }
        flows = self.inventory.all_of(FLOW)
        return sorted({str(flow.name or flow.id) for flow in flows if sources & {*flow.source_connection_ids}})

    def _of_flow(self, replaced: Flow | None, spec: DataflowSpec, planned: PlannedResource) -> Iterator[Consequence]:
        action = planned.decision.action
        old = {"replace": planned.decision.live, "create": replaced}.get(action)
        if old is not None:
            yield from self._of_replacing(spec, planned, old)
        elif action == "update":
            yield from _of_updating(planned)
        elif action == "create" and spec.state == "draft":
            yield Consequence("draft", "is made as a draft: nothing runs until the file says state: enabled")
        elif action == "create" and spec.schedule is None:
            latest = _skips(spec, "skips what the stream holds now")
            yield Consequence("starts_at_once", f"runs from the moment it is made{latest}")
        live = planned.decision.live
        if live is not None and action != "replace" and _keeps_start(spec, planned.declared, live, self.now()):
            yield Consequence("keeps_start", "keeps its own start time, which has passed")

    def _of_replacing(self, spec: DataflowSpec, planned: PlannedResource, old: Flow) -> Iterator[Consequence]:
        if "connection is replaced" in planned.reason:
            sides = [side for side in ("source", "target") if f"its {side} connection" in planned.reason]
            named = " and ".join(f"its {side} connection" for side in sides)
            yield Consequence("not_reflected", f"a live dataflow does not notice edits of {named}")
        if spec.schedule is None:
            skips = _skips(spec, "skips them")
            yield Consequence(
                "stream", f"between deleting and creating, events stay in the stream{skips}; mind its retention"
            )
            return
        past = history(self.send, str(old.id))
        left = self._left_dataset(spec, old)
        goes_on = planned.decision.action == "create"
        ways = self._ways_told(spec, recorded_choice(old) if goes_on else None, both=not goes_on)
        if "reload" in ways:
            yield Consequence("reload", _reload(spec, past, left))
        if "continue" in ways:
            yield Consequence("continue", self._continue(spec, past, left))

    def _ways_told(self, spec: DataflowSpec, recorded: str | None, *, both: bool) -> tuple[str, ...]:
        """What can become of the data, as far as it is open: neither declared, nor chosen, nor recorded.

        :param both: also tell the way that the dataflow does not allow.
        """
        if spec.schedule is not None and spec.schedule.backfill is not None:
            return ways_to_replace(spec)
        chosen = self.allow_replace or recorded
        if chosen:
            return (chosen,)
        return ("reload", "continue") if both else ways_to_replace(spec)

    def _left_dataset(self, spec: DataflowSpec, live: Flow) -> str | None:
        """The name or id of the dataset that the live dataflow has filled so far, if the new one fills another."""
        ids = live.target_connection_ids
        target = self.inventory.by_id(TARGET_CONNECTION, ids[0]) if ids else None
        id_ = target.params.data_set_id if target else None
        dataset = self.inventory.by_id(DATASET, id_) if id_ else None
        if dataset is None or id_ == spec.dataset.id or (not spec.dataset.id and dataset.name == _dataset_name(spec)):
            return None
        return dataset.name or id_

    def _continue(self, spec: DataflowSpec, past: History, left: str | None) -> str:
        if spec.schedule and spec.schedule.frequency == "once":
            return f"{NOT_POSSIBLE}: a dataflow that runs once reads everything"
        start = time_text(self.now() + START_DELAY_SECONDS)
        files = get_connector(spec.connector).category == "file"
        what, verb = ("files loaded", "are") if files else ("what changed", "is")
        since = "since its last window" if past.window_end is None else f"from {time_text(past.window_end)}"
        stays = f'; what has landed so far stays in "{left}"' if left else ""
        return f"starts {start} without backfill; {what} {since} to then {verb} not read{stays}"


def _dataset_name(spec: DataflowSpec) -> str:
    return spec.dataset.name or spec.name


def _reload(spec: DataflowSpec, past: History, left: str | None) -> str:
    dataset = _dataset_name(spec)
    what = "all files" if get_connector(spec.connector).category == "file" else "everything"
    if left is not None:
        return f'reads {what} again, into "{dataset}"; what has landed so far stays in "{left}"'
    if not past.runs:
        return f'reads {what} again; what has landed so far would be in "{dataset}" twice'
    runs = "1 run" if past.runs == 1 else f"{past.runs} runs"
    of = f"the last {_LAST_RUNS} runs" if past.runs >= _LAST_RUNS else runs
    return f'reads {what} again; {count_text(past.records)} records of {of} would be in "{dataset}" twice'


def _skips(spec: DataflowSpec, what: str) -> str:
    """What ``reset: latest`` of a stream means, if the source declares it."""
    return f"; reset: latest {what}" if spec.source.params.get("reset") == "latest" else ""


def _of_updating(planned: PlannedResource) -> Iterator[Consequence]:
    changes = planned.decision.differences
    if any(change.is_within("/scheduleParams") for change in changes):
        yield Consequence("next_run", "the schedule holds from the next run on")
    if any(change.is_within(_COPY) for change in changes):
        yield Consequence(
            "delta_column",
            "Adobe documents no change of the delta column of a live dataflow; rows between the clocks of the two "
            "columns may be missed or read twice",
        )
    if any(change.path.startswith("/mappings/") for change in planned.differences):
        yield Consequence("future_runs", "mappings hold for future runs only; what has landed stays as it is")


def _keeps_start(spec: DataflowSpec, declared: Flow, live: Flow, now: float) -> bool:
    if spec.schedule is None or spec.schedule.start_time is None or live.schedule_params is None:
        return False
    if live.state == "draft":
        return False
    start = live.schedule_params.start_time
    told = declared.schedule_params.start_time if declared.schedule_params else None
    return start is not None and start <= now and start != told


def _of_schema(spec: DataflowSpec, planned: PlannedResource) -> Iterator[Consequence]:
    if any(change.is_within("/allOf") for change in planned.differences):
        yield Consequence("additive", "schemas only grow: what is added to a schema stays in it")


def _of_source(spec: DataflowSpec, planned: PlannedResource) -> Iterator[Consequence]:
    if planned.decision.action in ("create", "replace") and planned.replacement is None and asks_for_columns(spec):
        title = get_connector(spec.connector).title
        yield Consequence("columns_asked", f"its columns are asked of {title} when it is made")


def _of_dataset(spec: DataflowSpec, planned: PlannedResource) -> Iterator[Consequence]:
    tags = ("/tags/unifiedProfile", "/tags/unifiedIdentity")
    if planned.decision.action == "update" and any(
        change.is_within(tag) for tag in tags for change in planned.differences
    ):
        yield Consequence(
            "profile", "enabling is not undone by us; data that is in the dataset already is not profiled"
        )


def _of_destroying(planned: PlannedResource) -> Iterator[Consequence]:
    if planned.step == "flow" and planned.decision.action != "refuse":
        yield Consequence("data_stays", "what has landed stays in the dataset, as far as Adobe documents")


def time_text(seconds: float) -> str:
    """A time for people: ``2030-01-31 14:05 UTC``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def count_text(count: int) -> str:
    """A number of records for people: ``950``, ``41,200``, ``2.1 M``."""
    return f"{count / 1_000_000:.1f} M" if count >= 1_000_000 else f"{count:,}"
