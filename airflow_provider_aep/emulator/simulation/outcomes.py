"""How a flow run goes. A test scripts the next runs of a flow; all others succeed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from airflow_provider_aep.emulator.state.json import Json

COPY_ERROR: Json = {"code": "CONNECTOR-1001-500", "message": "Error occurred at copy activity."}
BATCH_ERROR: Json = {"code": "CONNECTOR-3001-500", "message": "Flow provider failed to create the batch."}


@dataclass(frozen=True)
class Outcome:
    """`status` is what the finished run says; None leaves the key out."""

    status: str | None = "success"
    copy_fails: bool = False
    promotion_fails: bool = False
    drops_records: bool = False
    empty: bool = False
    never_ends: bool = False
    disappears: bool = False
    #: of a copy that fails
    error: Json = field(default_factory=lambda: COPY_ERROR)


OUTCOMES = {
    "success": Outcome(),
    "partial": Outcome(drops_records=True),
    "failed_copy": Outcome("failed", copy_fails=True),
    "failed_promotion": Outcome("failed", promotion_fails=True),
    "failed_batch": Outcome("failed", copy_fails=True, error=BATCH_ERROR),
    "empty": Outcome(empty=True),
    "never_ending": Outcome(never_ends=True),
    "disappears": Outcome(disappears=True),
    "unknown_status": Outcome("brand_new_state"),
    "missing_status": Outcome(None),
    "partial_success": Outcome("PARTIAL_SUCCESS", drops_records=True),
}

DETAILS = ("failed_records", "status", "errors", "queue_time")


@dataclass
class Script:
    """The next `times` runs (None: all) of one flow, or of any flow if neither id nor name is given.

    `details` may hold: `failed_records` (for partial, partial_success), `status` (a literal terminal status),
    `errors` (a list for metrics.statusSummary.errors), `queue_time` (seconds between creation and start).
    """

    outcome: str = "success"
    flow_id: str | None = None
    flow_name: str | None = None
    records: int | None = None
    duration: float = 60.0
    times: int | None = 1
    details: dict[str, Any] = field(default_factory=dict)
    #: by how many runs
    used: int = 0

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"unknown outcome {self.outcome!r}; known are {', '.join(OUTCOMES)}")
        unknown = set(self.details) - set(DETAILS)
        if unknown:
            raise ValueError(f"unknown details: {', '.join(sorted(unknown))}; known are {', '.join(DETAILS)}")

    def describe(self) -> str:
        flow = self.flow_name or self.flow_id
        return f"{self.outcome!r} for {f'the flow {flow!r}' if flow else 'any flow'}"

    def is_for(self, flow: Json) -> bool:
        return (self.flow_id is None or self.flow_id == flow["id"]) and (
            self.flow_name is None or self.flow_name == flow.get("name")
        )


def claim(scripts: list[Script], flow: Json) -> Script:
    """The script for the flow's next run: the oldest that fits; used-up scripts leave the list."""
    for script in scripts:
        if script.is_for(flow):
            script.used += 1
            if script.times is not None:
                script.times -= 1
                if script.times <= 0:
                    scripts.remove(script)
            return script
    return Script()
