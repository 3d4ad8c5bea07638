"""The source dataflows of a sandbox with their last runs and accounts, in few requests: one for each page of dataflows,
and one for 50 runs or accounts.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, Send, id_chunks
from airflow_provider_aep.api.sandbox_lists import get_base_connections, list_source_flows
from airflow_provider_aep.exceptions import AepApiError, AepConfigError
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.run_state import Phase, run_phase
from airflow_provider_aep.models.times import wire_seconds

T = TypeVar("T")

_DAY = 86_400


def list_flows(send: Send, names: Sequence[str] = ()) -> list[Flow]:
    """The source dataflows, by name.

    :param names: names, patterns (``*``, ``?``, ``[...]``) or ids; none: all of them.
    :raises AepConfigError: one of the names that no dataflow has.
    """
    flows = [flow for flow in send(list_source_flows()) if not flow.is_destination]
    flows.sort(key=lambda flow: (flow.name or "", flow.id or ""))
    unknown = [name for name in names if not any(is_named(flow, name) for flow in flows)]
    if unknown:
        raise AepConfigError(_no_such_flow(unknown, [flow.name or "" for flow in flows]))
    return [flow for flow in flows if not names or any(is_named(flow, name) for name in names)]


def is_named(flow: Flow, name: str) -> bool:
    """Whether a dataflow has this name or id, or a name of this pattern."""
    own = flow.name or ""
    return name in (own, flow.id) or fnmatchcase(own, name)


def _no_such_flow(unknown: Sequence[str], names: Sequence[str]) -> str:
    near = list(dict.fromkeys(one for name in unknown for one in difflib.get_close_matches(name, names, n=2)))
    nearest = f"; the nearest are {', '.join(map(repr, near))}" if near else ""
    return f"No source dataflow of this sandbox is called {', '.join(map(repr, unknown))}{nearest}."


def last_ended_runs(send: Send, flows: Iterable[Flow]) -> dict[str, FlowRun]:
    """The last run of each dataflow that has ended, with its counts and errors, by the id of the dataflow.

    Which run was the last one, the dataflow itself tells (``lastRunDetails``). Of one that is under way the run before
    it is looked for. Left out are dataflows that never ran, and runs that the platform does not show any more.
    """
    last_ids: dict[str, str] = {}
    busy = []
    for flow in flows:
        last = flow.last_run_details
        if flow.id is None or last is None or last.id is None:
            continue
        if run_phase(last.state) is Phase.RUNNING:
            busy.append(flow)
        else:
            last_ids[last.id] = flow.id
    last_ids |= _ended_before(send, busy)
    runs = _many(send, last_ids, flow_service.get_runs, flow_service.get_run, lambda run: run.id)
    return {last_ids[run_id]: shown[0] for run_id, shown in runs.items() if shown[0].finished}


def _ended_before(send: Send, busy: Sequence[Flow]) -> dict[str, str]:
    """Of dataflows with a run under way: the id of the run that ended last -> the id of the dataflow."""
    since = {str(flow.id): _one_run_back(flow) for flow in busy}
    # Those that reach back equally far share a list: one that ran last week is no reason to read a week of all others.
    keys = sorted(since, key=lambda flow_id: since[flow_id])
    runs = _many(
        send,
        keys,
        lambda flow_ids: flow_service.list_runs_of(flow_ids, created_since=min(since[id_] for id_ in flow_ids)),
        lambda flow_id: flow_service.list_runs(flow_id, created_since=since[flow_id]),
        lambda run: run.flow_id,
    )
    ended = {flow_id: [run for run in shown if run.finished] for flow_id, shown in runs.items()}
    return {max(found, key=_creation_time).id: flow_id for flow_id, found in ended.items() if found}


def _creation_time(run: FlowRun) -> float:
    return run.created_at_or_started or 0


def _one_run_back(flow: Flow) -> int:
    """Epoch milliseconds from which on the run before the one under way may have been made."""
    started = wire_seconds(flow.last_run_details.started_at_utc) if flow.last_run_details else None
    every = flow.schedule_params.seconds if flow.schedule_params else None
    # At least 1: 0 would mean all runs there ever were.
    return max(1, int(((started or 0) - 2 * (every or _DAY)) * 1000))


def accounts_of(send: Send, flows: Iterable[Flow]) -> dict[str, BaseConnection]:
    """The base connections of dataflows, by id. One that the caller may not see is left out."""
    ids = {flow.source.base_connection.id: None for flow in flows if flow.source.base_connection}
    found = _many(send, ids, get_base_connections, flow_service.get_base_connection, lambda base: base.id)
    return {id_: shown[0] for id_, shown in found.items()}


def _many(
    send: Send,
    keys: Iterable[str],
    together: Callable[[Sequence[str]], Call[list[T]]],
    alone: Callable[[str], Call[Any]],
    key_of: Callable[[T], str | None],
) -> dict[str, list[T]]:
    """What belongs to each of these keys, asked for with lists.

    That `==` takes several values is documented, but not for each field. What a list leaves out, or a platform that
    refuses lists (400), is asked for alone; what is gone, or is not to be seen, is left out.
    """
    found: dict[str, list[T]] = defaultdict(list)
    refused = False
    for chunk in id_chunks(list(keys)):
        try:
            listed = [] if refused else send(together(chunk))
        except AepApiError as error:
            if error.status != 400:
                raise
            refused, listed = True, []
        for item in listed:
            if (key := key_of(item)) in chunk:
                found[str(key)].append(item)
        for key in chunk:
            if key not in found and (shown := _alone(send, alone(key))):
                found[key] = shown
    return found


def _alone(send: Send, call: Call[Any]) -> list[Any]:
    try:
        shown = send(call)
    except AepApiError as error:
        if error.status not in (403, 404):
            raise
        return []
    return shown if isinstance(shown, list) else [shown]
