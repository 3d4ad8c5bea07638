"""Enabling, disabling and publishing: read the state, change it, read it again.

The change may be asked for twice, and its answer be lost: what counts is the state that is read afterwards.

https://developer.adobe.com/experience-platform-apis/references/flow-service/
https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/draft
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.client.backoff import FLOW_STATE, FLOW_STATE_ON_KILL, poll
from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepUnreachableError

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient
    from airflow_provider_aep.models.flow import Flow

STATES = ("enabled", "disabled", "published")
_DRAFT = "draft"
# States that last until somebody asks for another one.
_LASTING = ("enabled", "disabled", _DRAFT)


def set_state(
    send: Send, pause: Callable[[float], None], flow_id: str, state: str, pauses: Sequence[float] = FLOW_STATE
) -> Literal["reused", "updated"]:
    """Make sure a dataflow is in a state, ``enabled`` or ``disabled``.

    :param pause: waits for seconds.
    :param pauses: how long to wait between the attempts; there are as many attempts as pauses.
    :returns: ``reused`` if it was in that state already, or somebody else did it meanwhile.
    :raises AepError: the platform refuses, cannot be reached, or takes too long; or the dataflow is a draft.
    """
    change = flow_service.enable_flow if state == "enabled" else flow_service.disable_flow
    get = flow_service.get_flow(flow_id)
    way = _StateChange(send, f"Dataflow {flow_id}", get, change(flow_id), (state,), len(pauses))
    try:
        return way.run(pause, pauses)
    except AepApiError as problem:
        if way.live == _DRAFT:
            problem.args = (f'{problem} The dataflow is a draft: publish it with state="published".',)
        raise


def publish(send: Send, pause: Callable[[float], None], flow_id: str) -> Literal["reused", "updated"]:
    """Publish a draft dataflow; before it, those of its connections that are drafts.

    :param pause: waits for seconds.
    :returns: ``reused`` if it is no draft.
    :raises AepError: the platform refuses, cannot be reached, or takes too long.
    """
    flow = send(flow_service.get_flow(flow_id))
    if flow.state != _DRAFT:
        return "reused"
    for label, get, action in _drafts(send, flow):
        change = _StateChange(send, label, get, action, ("enabled", "disabled"), len(FLOW_STATE))
        change.run(pause, FLOW_STATE)
    return "updated"


def _drafts(send: Send, flow: Flow) -> Iterator[tuple[str, Call[Any], Call[Any]]]:
    """The drafts among a dataflow and its connections, connections first: label, call to read, call to publish."""
    get_base, publish_base = flow_service.get_base_connection, flow_service.publish_base_connection
    for id_ in flow.source_connection_ids:
        source = send(flow_service.get_source_connection(id_))
        if source.base_connection_id and send(get_base(source.base_connection_id)).state == _DRAFT:
            base_id = source.base_connection_id
            yield f"Base connection {base_id}", get_base(base_id), publish_base(base_id)
        if source.state == _DRAFT:
            get = flow_service.get_source_connection(id_)
            yield f"Source connection {id_}", get, flow_service.publish_source_connection(id_)
    for id_ in flow.target_connection_ids:
        get_target = flow_service.get_target_connection(id_)
        if send(get_target).state == _DRAFT:
            yield f"Target connection {id_}", get_target, flow_service.publish_target_connection(id_)
    flow_id = str(flow.id)
    yield f"Dataflow {flow_id}", flow_service.get_flow(flow_id), flow_service.publish_flow(flow_id)


@dataclass
class _StateChange:
    """The change of a resource to a state.

    :param label: noun and id.
    :param get: the call that reads the resource.
    :param action: the call that asks for the change.
    :param wanted: the state, or states that are as good.
    :param attempts_left: how often the change may still be asked for.
    :param live: its state as last read.
    :param problem: the error of the last attempt.
    :param effective: whether an attempt may have had the effect.
    """

    send: Send
    label: str
    get: Call[Any]
    action: Call[Any]
    wanted: tuple[str, ...]
    attempts_left: int
    live: str | None = None
    problem: AepApiError | AepUnreachableError | None = None
    effective: bool = False

    def run(self, pause: Callable[[float], None], pauses: Sequence[float]) -> Literal["reused", "updated"]:
        if poll(self.attempt, pauses, until=bool, sleep=pause):
            return "updated" if self.effective else "reused"
        raise self.problem or AepConflictError(
            f"{self.label} has been in state {self.live!r} for {sum(pauses):.0f} s instead of {self.wanted[0]!r}: "
            "look at it in the UI.",
            status=409,
        )

    def attempt(self) -> bool:
        """Ask for the change if the resource is in another state. Returns whether it is in the right one now."""
        self._read()
        if not self._settled:
            # What was refused while the resource changes from one state to another may be asked again.
            self.problem = None
        elif self.live not in self.wanted and self.attempts_left:
            self.attempts_left -= 1
            self.problem = self._send_once()
            self.effective = self.effective or self.problem is None or self.problem.retryable
            self._read()
        if self._settled and self.live not in self.wanted and self.problem and not self.problem.retryable:
            raise self.problem
        return self.live in self.wanted

    @property
    def _settled(self) -> bool:
        return self.live in _LASTING

    def _read(self) -> None:
        self.live = self.send(self.get).state

    def _send_once(self) -> AepApiError | AepUnreachableError | None:
        try:
            self.send(self.action)
        except (AepApiError, AepUnreachableError) as problem:
            return problem
        return None


def disable_at_once(client: AepClient, flow_id: str) -> None:
    """Disable a dataflow on behalf of a task that is being killed: Airflow does not wait for long."""
    set_state(partial(client.send, patience=5.0), client.sleep, flow_id, "disabled", pauses=FLOW_STATE_ON_KILL)
