"""The flow run that a task asks for: of which dataflow, over which window of data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.times import FIRST_MILLISECOND_VALUE

# Start and end of the data that a run loads, in epoch seconds.
Window = tuple[int, int]


class RunRef(NamedTuple):
    """A flow run by its id and creation time.

    :param created_at: epoch milliseconds on the platform's clock.
    """

    id: str
    created_at: int


@dataclass(frozen=True)
class RunRequest:
    """The flow run that a task asks for.

    :param window: start and end of the data, epoch seconds; None if the window is not known.
    :param repeats: the run whose window is to be run again: no older run can be the one that is asked for.
    """

    flow_id: str
    window: Window | None
    repeats: RunRef | None = None

    def covers(self, window: Sequence[int] | None) -> bool:
        """Whether a run over that window is what is asked for. A window that is not known is none."""
        return self.window is not None and window is not None and tuple(window) == self.window

    def to_record(self) -> dict[str, Any]:
        """The request in its written form: plain JSON."""
        return {
            "flow_id": self.flow_id,
            "window": list(self.window) if self.window else None,
            "repeats": self.repeats.id if self.repeats else None,
        }

    def is_in(self, record: Mapping[str, Any]) -> bool:
        """Whether it is this request whose written form the record has."""
        written = self.to_record()
        same = all(record.get(key) == written[key] for key in ("flow_id", "repeats"))
        return same and (record.get("window") == written["window"] or self.covers(record.get("window")))


def run_ref(run: FlowRun) -> RunRef:
    """The id and creation time of a run; a run without a creation time counts as the oldest."""
    return RunRef(run.id, run.created_at or 0)


def run_window(run: FlowRun) -> Window | None:
    """The window that the platform gives for a run, in epoch seconds; None if it gives none that can be read."""
    if run.window is None:
        return None
    start, end = (_seconds(text) for text in run.window)
    return None if start is None or end is None else (start, end)


def _seconds(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        try:
            number = datetime.fromisoformat(text).timestamp()
        except ValueError:
            return None
    if not math.isfinite(number):
        return None
    return int(number / 1000 if number >= FIRST_MILLISECOND_VALUE else number)
