"""What is left of a dataflow that was replaced: its connections, which go after it.

When the old dataflow is gone, nothing else on the platform tells that they were its own. So the description of the new
one ends with their ids until they are deleted, and the next apply finishes what an interrupted one has not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Send
from airflow_provider_aep.client.backoff import RESOURCE, retry
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.reconcile.failures import is_busy, is_stale
from airflow_provider_aep.resources.flow import FLOW

Remains = Mapping[str, tuple[str, ...]]
"""Step -> ids of its connections; empty if nothing is left."""

_NOUNS = {"source_connection": "source connection", "target_connection": "target connection"}
_ONE = re.compile(r"(source|target) connection ([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
_RECORD = re.compile(rf"(?:^| )\(to be deleted: ({_ONE.pattern}(?:, {_ONE.pattern})*)\)\Z")


def connections_of(flow: Flow, used: Collection[str] = ()) -> Remains:
    """The connections of a dataflow.

    :param used: ids of those that stay.
    """
    held = {"target_connection": flow.target_connection_ids, "source_connection": flow.source_connection_ids}
    left = {step: tuple(id_ for id_ in ids if id_ not in used) for step, ids in held.items()}
    return {step: ids for step, ids in left.items() if ids}


def with_remains(description: str | None, remains: Remains) -> str | None:
    """A description that records what has to be deleted; the same if there is nothing."""
    listed = ", ".join(f"{_NOUNS[step]} {id_}" for step, ids in remains.items() for id_ in ids)
    record = f"(to be deleted: {listed})"
    return (f"{description} {record}" if description else record) if listed else description


def without_remains(description: str | None) -> str | None:
    """The description as the file says it; None where there is none."""
    return _RECORD.sub("", description or "") or None


def recorded_remains(flow: Flow) -> Remains:
    """What an interrupted apply has yet to delete."""
    record = _RECORD.search(flow.description or "")
    found: dict[str, tuple[str, ...]] = {}
    for side, id_ in _ONE.findall(record[1]) if record else ():
        step = f"{side}_connection"
        found[step] = (*found.get(step, ()), id_)
    return found


def forget_remains(send: Send, pause: Callable[[float], None], flow_id: str) -> Flow:
    """Take the record out of the description of a dataflow. Returns the dataflow as it is live then.

    :param pause: waits for seconds.
    """

    def attempt() -> Flow:
        live = send(flow_service.get_flow(flow_id))
        if not recorded_remains(live):
            return live
        said = without_remains(live.description)
        removal = [{"op": "remove", "path": "/description"}]
        patch = flow_service.update_flow(flow_id, FLOW.if_match(live), removal)
        send(patch if said is None else FLOW.update(live, live, (Change("/description", said, live.description),)))
        return send(flow_service.get_flow(flow_id))

    return retry(
        attempt,
        RESOURCE,
        retry_if=lambda problem: problem.retryable or is_stale(problem) or is_busy(problem),
        sleep=pause,
    )
