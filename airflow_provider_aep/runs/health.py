"""The health of the dataflows of a sandbox: which fail, are silent, expire soon or are disabled, account by account.

A function of what was read, without a request. A whole account that fails is usually a credential that expired.
https://experienceleague.adobe.com/en/docs/experience-platform/dataflows/ui/monitor-sources
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from airflow_provider_aep.connectors import connector_name
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.models.run_metrics import Duration
from airflow_provider_aep.models.run_state import Phase, run_phase
from airflow_provider_aep.models.schedule import Schedule
from airflow_provider_aep.models.times import wire_seconds
from airflow_provider_aep.runs.flow_list import accounts_of, last_ended_runs, list_flows

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

Problem = Literal["failing", "silent", "expiring", "disabled"]
PROBLEMS: Final[tuple[Problem, ...]] = ("failing", "silent", "expiring", "disabled")

EXPIRES_WITHIN: Final = 7 * 86_400
"""Seconds before the end of its schedule from which on a dataflow is said to be expiring."""

_SILENT_INTERVALS: Final = 2
_SHORTEST_SILENCE: Final = 3_600
_LONGEST_MESSAGE: Final = 200


@dataclass(frozen=True)
class FlowHealth:
    """One dataflow.

    :param problems: what is wrong, and a sentence about it.
    :param run: the id of the last run that ended.
    """

    id: str
    name: str
    problems: Mapping[Problem, str]
    run: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"flow_id": self.id, "name": self.name, "problems": dict(self.problems), "run_id": self.run}


@dataclass(frozen=True)
class AccountHealth:
    """The dataflows of one base connection.

    :param id: None: these dataflows have no base connection, as those of a Data Landing Zone.
    :param checked: how many of its dataflows were looked at.
    :param fails_as_a_whole: whether all of its enabled dataflows fail, and there are several.
    :param flows: those with a problem.
    """

    id: str | None
    name: str
    connector: str | None
    checked: int
    fails_as_a_whole: bool
    flows: tuple[FlowHealth, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "base_connection_id": self.id,
            "name": self.name,
            "connector": self.connector,
            "checked": self.checked,
            "fails_as_a_whole": self.fails_as_a_whole,
            "flows": [flow.to_json() for flow in self.flows],
        }


@dataclass(frozen=True)
class Health:
    """The table: accounts with a problem, those that fail as a whole first.

    :param checked: how many dataflows were looked at.
    """

    checked: int
    accounts: tuple[AccountHealth, ...]

    def count(self, problem: Problem) -> int:
        """How many dataflows have this problem."""
        return sum(problem in flow.problems for account in self.accounts for flow in account.flows)

    @property
    def well(self) -> bool:
        """Whether there is nothing to mend. A disabled dataflow is reported, but somebody has wanted it so."""
        return not any(self.count(problem) for problem in PROBLEMS if problem != "disabled")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: for XCom, and for ``airflow-aep health --json``."""
        return {
            "well": self.well,
            "checked": self.checked,
            **{problem: self.count(problem) for problem in PROBLEMS},
            "accounts": [account.to_json() for account in self.accounts],
        }

    def lines(self) -> list[str]:
        """The table as text, for a log or a terminal."""
        counts = [f"{count} {problem}" for problem in PROBLEMS if (count := self.count(problem))]
        dataflows = "1 dataflow" if self.checked == 1 else f"{self.checked} dataflows"
        lines = [f"{dataflows}: {', '.join(counts) or 'all well'}"]
        for account in self.accounts:
            lines += ["", _heading(account)]
            for flow in account.flows:
                lines += [f"  {problem:9} {flow.name}: {text}" for problem, text in flow.problems.items()]
        return lines


def _heading(account: AccountHealth) -> str:
    heading = f"{account.name} ({account.connector})" if account.connector else account.name
    if account.fails_as_a_whole:
        heading += ": all its enabled dataflows fail, so that its credential may have expired"
    return heading


def read_health(client: AepClient, names: Sequence[str] = (), silent_for: float | None = None) -> Health:
    """Read what is needed of the sandbox, and assess it: a request for each page of dataflows, and for each 50 runs and
    accounts.

    :param names: of dataflows, patterns or ids; none: all source dataflows.
    :param silent_for: as for `assess`.
    :raises AepConfigError: a name that no dataflow has.
    :raises AepApiError: the platform refuses.
    :raises AepUnreachableError: it cannot be reached.
    """
    flows = list_flows(client.send, names)
    runs = last_ended_runs(client.send, flows)
    return assess(flows, runs, accounts_of(client.send, flows), client.now(), silent_for)


def assess(
    flows: Iterable[Flow],
    runs: Mapping[str, FlowRun],
    accounts: Mapping[str, BaseConnection],
    now: float,
    silent_for: float | None = None,
) -> Health:
    """The health of these dataflows.

    A dataflow is *failing* if its last run that ended did, by the same judgement as in a sensor: dropped records fail,
    too. It is *silent* if it is enabled and no run began for longer than it should take, *expiring* if its schedule
    ends within `EXPIRES_WITHIN`, and *disabled*. Adobe publishes no expiry of credentials; see `fails_as_a_whole`.

    :param runs: the last run that ended, by the id of its dataflow.
    :param accounts: base connections by id.
    :param now: epoch seconds.
    :param silent_for: seconds; None: two intervals of the dataflow's own schedule, but no less than an hour; then those
        without an interval are never silent.
    """
    by_account: dict[str | None, list[Flow]] = defaultdict(list)
    checked = 0
    for flow in flows:
        base = flow.source.base_connection
        by_account[base.id if base else None].append(flow)
        checked += 1
    assessed = []
    for id_, members in by_account.items():
        found = [_assess_flow(flow, runs.get(flow.id or ""), now, silent_for) for flow in members]
        if any(flow.problems for flow in found):
            assessed.append(_account(id_, members, found, accounts))
    assessed.sort(key=lambda account: (not account.fails_as_a_whole, account.id is None, account.name))
    return Health(checked, tuple(assessed))


def _account(
    id_: str | None, members: Sequence[Flow], found: Sequence[FlowHealth], accounts: Mapping[str, BaseConnection]
) -> AccountHealth:
    enabled = [flow for flow in found if "disabled" not in flow.problems]
    spec = next((flow.source.connection_spec for flow in members if flow.source.connection_spec), None)
    base = accounts.get(id_ or "")
    return AccountHealth(
        id=id_,
        name=(base.name if base else None) or id_ or "without an account",
        connector=connector_name(spec.id) if spec else None,
        checked=len(found),
        fails_as_a_whole=id_ is not None and len(enabled) > 1 and all("failing" in flow.problems for flow in enabled),
        flows=tuple(flow for flow in found if flow.problems),
    )


def _assess_flow(flow: Flow, run: FlowRun | None, now: float, silent_for: float | None) -> FlowHealth:
    enabled = flow.state != "disabled"
    found: dict[Problem, str | None] = {
        "failing": _failing(flow, run) if enabled else None,
        "silent": _silent(flow, now, silent_for) if enabled else None,
        "expiring": _expiring(flow, now) if enabled else None,
        "disabled": None if enabled else "somebody disabled it, or the platform did",
    }
    problems = {problem: text for problem, text in found.items() if text}
    return FlowHealth(flow.id or "", flow.name or flow.id or "", problems, run.id if run else None)


def _failing(flow: Flow, run: FlowRun | None) -> str | None:
    if run is None:
        last = flow.last_run_details
        failed = last is not None and run_phase(last.state) is Phase.FAILED
        return f"its last run ended with status {last.state!r}" if last and failed else None
    if run.verdict(RunPolicy()).outcome != "failure":
        return None
    lost, read = run.records["failed"], run.records["input"]
    if run.failed or run.phase is Phase.UNKNOWN:
        text = f"the run of {_time(_began(run))} ended with status {run.status!r}"
    elif lost:
        text = f"the run of {_time(_began(run))} dropped {lost}{f' of {read}' if read else ''} records"
    else:
        text = f"the run of {_time(_began(run))} ended with status {run.status!r}, but not all of it arrived"
    return text + _first_error(run)


def _first_error(run: FlowRun) -> str:
    for error in run.errors:
        text = " ".join(": ".join(part for part in (error["code"], error["message"]) if part).split())
        if text:
            return f" ({text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + '...'})"
    return ""


def _silent(flow: Flow, now: float, silent_for: float | None) -> str | None:
    last, schedule = flow.last_run_details, flow.schedule_params
    if flow.state != "enabled" or (schedule is None and last is None):
        return None  # a stream has no runs by which it could be told
    longest = _usual_silence(schedule) if silent_for is None else silent_for
    began = wire_seconds(last.started_at_utc) if last else None
    begins = schedule.start_time if schedule else None
    since = began or max(wire_seconds(flow.created_at) or 0, begins or 0)
    if longest is None or not since or now - since <= longest:
        return None
    return f"no run has begun{'' if began else ', and it is there'} since {_time(since)}"


def _usual_silence(schedule: Schedule | None) -> float | None:
    """The seconds between two runs that are still usual; None for a schedule without an interval."""
    every = schedule.seconds if schedule else None
    return max(_SILENT_INTERVALS * every, _SHORTEST_SILENCE) if every else None


def _expiring(flow: Flow, now: float) -> str | None:
    ends = flow.schedule_params.end_time if flow.schedule_params else None
    if not ends or ends - now > EXPIRES_WITHIN:
        return None
    return f"its schedule {'ends' if ends > now else 'ended'} at {_time(ends)}"


def _began(run: FlowRun) -> float | None:
    return wire_seconds((run.metrics.duration_summary or Duration()).started_at_utc) or wire_seconds(run.created_at)


def _time(seconds: float | None) -> str:
    return "an unknown time" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
