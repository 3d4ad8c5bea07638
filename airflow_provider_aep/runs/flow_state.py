"""Enabling and disabling a dataflow: read its state, change it, read it again.

The change may be asked for twice, and its answer be lost: what counts is the state that is read afterwards.

https://developer.adobe.com/experience-platform-apis/references/flow-service/
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Send
from airflow_provider_aep.client.backoff import FLOW_STATE, FLOW_STATE_ON_KILL, poll
from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepUnreachableError

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

STATES = ("enabled", "disabled")


def set_state(
    send: Send, pause: Callable[[float], None], flow_id: str, state: str, pauses: Sequence[float] = FLOW_STATE
) -> Literal["reused", "updated"]:
    """Make sure a dataflow is in a state, ``enabled`` or ``disabled``.

    :param pause: waits for seconds.
    :param pauses: how long to wait between the attempts; there are as many attempts as pauses.
    :returns: ``reused`` if it was in that state already, or somebody else did it meanwhile.
    :raises AepError: the platform refuses, cannot be reached, or takes too long.
    """
    change = _StateChange(send, flow_id, state, attempts_left=len(pauses))
    if poll(change.attempt, pauses, until=bool, sleep=pause):
        return "updated" if change.effective else "reused"
    raise change.problem or AepConflictError(
        f"Dataflow {flow_id} has been in state {change.live!r} for {sum(pauses):.0f} s instead of {state!r}: "
        "look at it in the UI.",
        status=409,
    )


@dataclass
class _StateChange:
    """A dataflow on its way to a state.

    :param attempts_left: how often the change may still be asked for.
    :param live: its state as last read.
    :param problem: the error of the last attempt.
    :param effective: whether an attempt may have had the effect.
    """

    send: Send
    flow_id: str
    state: str
    attempts_left: int
    live: str | None = None
    problem: AepApiError | AepUnreachableError | None = None
    effective: bool = False

    def attempt(self) -> bool:
        """Ask for the change if the dataflow is in the other state. Whether it is in the right one then."""
        self._read()
        if not self._settled:
            # What was refused while the dataflow is on its way from one state to another may be asked again.
            self.problem = None
        elif self.live != self.state and self.attempts_left:
            self.attempts_left -= 1
            self.problem = self._send_once()
            self.effective = self.effective or self.problem is None or self.problem.retryable
            self._read()
        if self._settled and self.live != self.state and self.problem and not self.problem.retryable:
            raise self.problem
        return self.live == self.state

    @property
    def _settled(self) -> bool:
        return self.live in STATES

    def _read(self) -> None:
        self.live = self.send(flow_service.get_flow(self.flow_id)).state

    def _send_once(self) -> AepApiError | AepUnreachableError | None:
        change = flow_service.enable_flow if self.state == "enabled" else flow_service.disable_flow
        try:
            self.send(change(self.flow_id))
        except (AepApiError, AepUnreachableError) as problem:
            return problem
        return None


def disable_at_once(client: AepClient, flow_id: str) -> None:
    """Disable a dataflow on behalf of a task that is being killed: Airflow does not wait for long."""
    set_state(partial(client.send, patience=5.0), client.sleep, flow_id, "disabled", pauses=FLOW_STATE_ON_KILL)
