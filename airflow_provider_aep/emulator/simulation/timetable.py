"""What happens by itself as time passes: scheduled runs, the life of a run, streaming batches, state changes.

`advance_to_now` is called before and after every handler and costs nothing until the next event is due.
"""

from __future__ import annotations

import math

from airflow_provider_aep.emulator.simulation.batches import add_streaming_batch, promote
from airflow_provider_aep.emulator.simulation.flow_reading import inlet_of, target_dataset_id
from airflow_provider_aep.emulator.simulation.run_plans import create_run
from airflow_provider_aep.emulator.simulation.run_report import describe, has_batch, status_at
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox

SCHEDULER = "acp_flow_service_scheduler"
#: runs (or batches) one flow may catch up on when the clock jumps over many intervals
MOST_CATCH_UPS = 100
SECONDS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}


def advance_to_now(platform: Platform) -> None:
    """Bring every sandbox to the present."""
    now = platform.now()
    if now < platform.next_event_at:
        return
    due = [math.inf]
    for sandbox in platform.sandboxes.values():
        _change_flow_states(platform, sandbox, now, due)
        _fire_timetables(platform, sandbox, now, due)
        _update_runs(platform, sandbox, now, due)
    platform.next_event_at = min(due)


def add_timetable(platform: Platform, sandbox: Sandbox, flow: Json) -> None:
    """Note when the flow runs next. Called when a flow is created, published, enabled or rescheduled."""
    now = platform.now()
    platform.next_event_at = 0.0
    if "scheduleSpec" not in platform.specs.flow_specs[flow["flowSpec"]["id"]]:
        _add_streaming_timetable(platform, sandbox, flow)
        return
    schedule = flow["scheduleParams"]
    start = float(schedule["startTime"])
    if schedule["frequency"] == "once":
        ran = any(run["flowId"] == flow["id"] for run in sandbox["runs"].values())
        if not ran or start > now:
            sandbox["timetables"][flow["id"]] = {"next": max(start, now), "interval": 0, "streaming": False}
        return
    interval = float(schedule["interval"]) * SECONDS[schedule["frequency"]]
    previous = sandbox["timetables"].get(flow["id"])
    first = max(start, now) if previous is None else _next_after(start, interval, now)
    sandbox["timetables"][flow["id"]] = {"next": first, "interval": interval, "streaming": False}


def _add_streaming_timetable(platform: Platform, sandbox: Sandbox, flow: Json) -> None:
    interval = platform.switches.streaming_batch_interval
    timetable = {"next": platform.now() + interval, "interval": interval, "streaming": True}
    if inlet_of(sandbox, flow) is not None:
        timetable["arrived"] = sandbox["timetables"].get(flow["id"], {}).get("arrived", 0)
    sandbox["timetables"][flow["id"]] = timetable


def _has_runs(platform: Platform, flow: Json) -> bool:
    """Whether the flow spec says that its dataflows without a schedule have runs nevertheless."""
    attributes = platform.specs.flow_specs[flow["flowSpec"]["id"]].get("attributes", {})
    return bool(attributes.get("uiAttributes", {}).get("apiFeatures", {}).get("flowRunsSupported"))


def _next_after(start: float, interval: float, now: float) -> float:
    return start if start >= now else start + interval * math.ceil((now - start) / interval)


def _fire_timetables(platform: Platform, sandbox: Sandbox, now: float, due: list[float]) -> None:
    for flow_id, timetable in list(sandbox["timetables"].items()):
        flow = sandbox["flows"].get(flow_id)
        if flow is None:
            del sandbox["timetables"][flow_id]
            continue
        moments = _due_times(timetable, now)
        if flow["state"] == "enabled":
            for moment in moments:
                _fire(platform, sandbox, flow, timetable, moment)
        if timetable["next"] is None:
            del sandbox["timetables"][flow_id]
        else:
            due.append(timetable["next"])


def _due_times(timetable: Json, now: float) -> list[float]:
    """The moments that have come, oldest first; moves the timetable past them."""
    interval = timetable["interval"]
    if timetable["next"] > now:
        return []
    if not interval:
        once = [timetable["next"]]
        timetable["next"] = None
        return once
    count = int((now - timetable["next"]) // interval) + 1
    first = timetable["next"]
    timetable["next"] = first + count * interval
    return [first + number * interval for number in range(max(0, count - MOST_CATCH_UPS), count)]


def _fire(platform: Platform, sandbox: Sandbox, flow: Json, timetable: Json, moment: float) -> None:
    records = None
    if timetable["streaming"]:
        records = _take_arrived(platform, timetable)
        if not records:
            return
        if not _has_runs(platform, flow):
            if target_dataset_id(sandbox, flow) in sandbox["dataSets"]:
                add_streaming_batch(platform, sandbox, target_dataset_id(sandbox, flow), moment, records)
            return
    span = timetable["interval"] or SECONDS["day"]
    create_run(
        platform,
        sandbox,
        flow,
        created_at=moment,
        client_id=SCHEDULER,
        window=(moment - span, moment - min(span, platform.switches.window_gap)),
        starts_at=moment,
        records=records,
    )


def _take_arrived(platform: Platform, timetable: Json) -> int:
    """Behind an inlet what has arrived there; of a source we do not emulate a made-up number."""
    if "arrived" not in timetable:
        return platform.identifiers.random.randint(10, 500)
    records: int = timetable["arrived"]
    timetable["arrived"] = 0
    return records


def _update_runs(platform: Platform, sandbox: Sandbox, now: float, due: list[float]) -> None:
    for run_id, plan in sandbox["plans"].items():
        if plan["settled"]:
            continue
        if now >= plan["changesAt"]:
            _update_run(platform, sandbox, sandbox["runs"][run_id], plan, now)
            moments = (plan["queuedAt"], plan["startsAt"], plan["copiedAt"], plan["endsAt"])
            ahead = [moment for moment in moments if moment is not None and moment > now]
            if not ahead:
                plan["settled"] = True
                continue
            plan["changesAt"] = min(ahead)
        due.append(plan["changesAt"])


def _update_run(platform: Platform, sandbox: Sandbox, run: Json, plan: Json, now: float) -> None:
    metrics, activities = describe(plan, now)
    if has_batch(plan, now):
        promote(platform, sandbox, plan, now)
    if metrics == run["metrics"] and activities == run["activities"]:
        return
    changed_at = min(now, plan["endsAt"] or now)
    run.update(metrics=metrics, activities=activities, updatedAt=int(changed_at * 1000))
    run["etag"] = platform.etag()
    flow = sandbox["flows"].get(run["flowId"])
    if flow is not None and now >= plan["startsAt"]:
        _mirror_on_flow(flow, run, status_at(plan, now))


def _mirror_on_flow(flow: Json, run: Json, status: str | None) -> None:
    last = flow.get("lastRunDetails")
    duration = run["metrics"].get("durationSummary", {})
    if last and last["id"] != run["id"] and last["startedAtUTC"] > duration["startedAtUTC"]:
        return
    flow["lastRunDetails"] = {"id": run["id"], "state": status, **duration}


def _change_flow_states(platform: Platform, sandbox: Sandbox, now: float, due: list[float]) -> None:
    for flow_id, transition in list(sandbox["transitions"].items()):
        if transition["at"] > now:
            due.append(transition["at"])
            continue
        del sandbox["transitions"][flow_id]
        flow = sandbox["flows"].get(flow_id)
        if flow is not None:
            flow["state"] = transition["state"]
            flow["etag"] = flow["version"] = platform.etag()
