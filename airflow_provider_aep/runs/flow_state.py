"""Enabling and disabling a dataflow: look, act, look again. The action may be repeated, and its answer lost, safely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepUnreachableError

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

STATES = ("enabled", "disabled")
# A dataflow is "updating" or "disabling" for a moment after a change.
_SETTLING = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


def set_state(
    send: Send, pause: Callable[[float], None], flow_id: str, state: str, pauses: Sequence[float] = _SETTLING
) -> Literal["reused", "updated"]:
    """Make sure a dataflow is in a state, ``enabled`` or ``disabled``.

    :param pause: waits for seconds.
    :param pauses: how long to wait between the attempts; there are as many attempts as pauses.
    :returns: ``reused`` if it was in that state already, or somebody else did it meanwhile.
    :raises AepError: the platform refuses, cannot be reached, or takes too long.
    """
    act = flow_service.enable_flow if state == "enabled" else flow_service.disable_flow
    problem: AepApiError | AepUnreachableError | None = None
    acted = False
    for wait in (*pauses, None):
        live = send(flow_service.get_flow(flow_id)).state
        if live not in STATES:
            # On its way from one state to another: what was refused because of that may be asked again.
            problem = None
        elif live != state and wait is not None:
            problem = _try(send, act(flow_id))
            acted = acted or problem is None or problem.retryable
            live = send(flow_service.get_flow(flow_id)).state
        if live == state:
            return "updated" if acted else "reused"
        if live in STATES and problem and not problem.retryable:
            raise problem
        if wait is not None:
            pause(wait)
    raise problem or AepConflictError(
        f"Dataflow {flow_id} has been in state {live!r} for {sum(pauses):.0f} s instead of {state!r}: "
        "look at it in the UI.",
        status=409,
    )


def _try(send: Send, call: Call[Any]) -> AepApiError | AepUnreachableError | None:
    """What the platform has against it."""
    try:
        send(call)
    except (AepApiError, AepUnreachableError) as problem:
        return problem
    return None


def disable_at_once(client: AepClient, flow_id: str) -> None:
    """Disable a dataflow on behalf of a task that is being killed: Airflow does not wait for long."""
    send = partial(client.send, patience=5.0)
    set_state(send, client.sleep, flow_id, "disabled", pauses=(1.0, 2.0, 4.0))
