"""A cheap look at many runs: of those that go on, little more than the status is made into objects.

A triggerer asks for thousands of runs every half minute. Made into Python's objects as a whole, they would call its
garbage collector, which walks through all of Airflow meanwhile, while the event loop stands still.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NotRequired

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from airflow_provider_aep.api.call import Call, items
from airflow_provider_aep.api.json_text import parse_json
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.run_state import Phase, run_phase


class _Status(TypedDict):
    status: str


class _Duration(TypedDict):
    startedAtUTC: NotRequired[int | float | str | None]


class _Metrics(TypedDict):
    statusSummary: _Status
    durationSummary: NotRequired[_Duration]


class _Run(TypedDict):
    id: str
    flowId: NotRequired[str]
    createdAt: NotRequired[int | float | str | None]
    metrics: _Metrics


class _Page(TypedDict):
    items: list[_Run]
    _links: NotRequired[dict[str, Any]]


@cache
def _pages() -> TypeAdapter[_Page]:
    return TypeAdapter(_Page)


def parse_run_page(text: str) -> Any:
    """The JSON of a page of runs: reduced if all of them are known to go on, whole if one is not.

    :raises ValueError: the text is no JSON.
    """
    try:
        page = _pages().validate_json(text)
    except ValidationError:
        return parse_json(text)
    if all(run_phase(run["metrics"]["statusSummary"]["status"]) is Phase.RUNNING for run in page["items"]):
        return page
    del page
    return parse_json(text)


def parse_short_runs(text: str) -> Any:
    """The JSON of a page of runs, reduced to what says which run is a dataflow's first; whole if one has another shape.

    :raises ValueError: the text is no JSON.
    """
    try:
        return _pages().validate_json(text)
    except ValidationError:
        return parse_json(text)


@dataclass(frozen=True)
class RunsOf:
    """Takes the runs of one dataflow out of a page. Adobe's specification has `property` choose fields, not items, so a
    list may take no notice of it; a run that does not name its dataflow is taken for one of it.
    """

    flow_id: str

    def __call__(self, response: Any) -> list[Any]:
        return [run for run in items(response) if self._may_be_of_flow(run)]

    def _may_be_of_flow(self, run: Any) -> bool:
        named = run.get("flowId") if isinstance(run, Mapping) else None
        return not isinstance(named, str) or named.lower() == self.flow_id.lower()


def reaches_back_to(created_since: int) -> Callable[[list[FlowRun]], bool] | None:
    """Tells whether a page of runs makes older pages pointless; None for 0, as all runs are younger."""

    def enough(runs: list[FlowRun]) -> bool:
        times = [run.created_at or 0 for run in runs]
        # Only a list that really came newest first may be cut short.
        return bool(times) and times == sorted(times, reverse=True) and 0 < times[-1] < created_since

    return enough if created_since else None


def newest_runs(listed: Call[list[FlowRun]]) -> Call[list[FlowRun]]:
    """A list of runs as far as its first page, a hundred runs, if it really comes newest first; else all of it."""
    return replace(listed, enough=reaches_back_to(sys.maxsize))
