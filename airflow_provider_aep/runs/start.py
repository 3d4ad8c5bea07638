"""Starts a run once: no crash, lost answer or retry makes a second one.

`POST /runs` has no idempotency key, and a run does not say who asked for it beyond the client. So the intent is written
down before the request and the run id after it; and where there is nothing to write in, or the end came in between, the
flow's runs are looked through for this client, time and window. One that fits is adopted; two that fit, or an error,
and nothing is started.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/on-demand-ingestion
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepNotFoundError, AepUnreachableError
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.flow_run import FlowRun

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

log = logging.getLogger(__name__)

KEY = "aep_own_run"
Window = tuple[int, int]
Born = tuple[str, int]

_ATTEMPTS = 3
# Seconds between looks for a run whose birth was not answered. How soon a list shows a new run is not published.
_LOOKS = (1.0, 2.0, 4.0, 8.0, 15.0)
# Milliseconds after which a run that is not to be seen is not there, and for which an id is believed without seeing it.
_VISIBLE_MS = 30_000
_BELIEVED_MS = 300_000
# The platform's clock is known to the second.
_SKEW_MS = 5_000


class Memory(Protocol):
    """What a task remembers from one try to the next: Airflow's task state store (3.3)."""

    def get(self, key: str, default: Any = None) -> Any: ...

    def set(self, key: str, value: Any) -> None: ...


@dataclass(frozen=True)
class Wish:
    """The run that is wanted.

    :param window: start and end of the data, epoch seconds; None if it is not known.
    :param fixed_start: False if only the end is sure, as an earlier try may have taken another start.
    :param repeats: id and birth (epoch milliseconds) of the run whose window is run again: no older run is wanted.
    """

    flow_id: str
    window: Window | None
    fixed_start: bool = True
    repeats: Born | None = None

    def fits(self, window: Sequence[int] | None) -> bool:
        if self.window is None or window is None:
            return False
        return self.window[1] == window[1] and (self.window[0] == window[0] or not self.fixed_start)

    def written(self) -> dict[str, Any]:
        return {
            "flow_id": self.flow_id,
            "window": list(self.window) if self.window else None,
            "repeats": self.repeats[0] if self.repeats else None,
        }

    def is_of(self, record: Mapping[str, Any]) -> bool:
        """Whether it was this wish that was written down."""
        written = self.written()
        same = all(record.get(key) == written[key] for key in ("flow_id", "repeats"))
        return same and (record.get("window") == written["window"] or self.fits(record.get("window")))


@dataclass(frozen=True)
class Found:
    """A run that this task started; or, if not `certain`, one that does not tell its window yet and might be it."""

    run: FlowRun
    certain: bool = True


class OwnRun:
    """One task's run of one flow.

    :param memory: None where Airflow has no task state store.
    :param generation: changes when a person clears the task, and not when Airflow retries it.
    :param pause: waits for seconds.
    """

    def __init__(
        self,
        client: AepClient,
        wish: Wish,
        *,
        memory: Memory | None,
        generation: int,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._client = client
        self._wish = wish
        self._memory = memory
        self._generation = generation
        self._pause = pause or client.sleep

    def recall(self, *, retried: bool, cleared: bool, waited: bool, since_ms: int) -> Found | None:
        """The run that an earlier try of this task started, if there is one that this try is to go on with.

        After a person cleared the task, that is only a run that has not ended.

        :param retried: this is not the task's first try.
        :param cleared: a person has cleared the task since the try before this one; where nothing is written down.
        :param waited: this try has waited for the end of a run that was not certain.
        :param since_ms: when the first try cannot have begun earlier, epoch milliseconds on the platform's clock.
        :raises AepConflictError: it cannot be told which run it is, so nothing is started.
        """
        record = self._record()
        attached = bool(record.get("attached"))
        if record:
            at_ms = int(record["at_ms"])
            found = self._by_id(record.get("run_id"), at_ms)
            if found is None and not attached:
                found = self._search(at_ms, at_ms, record.get("failed"))
            cleared = record.get("generation") != self._generation
        elif retried or waited:
            # Also with a store: what was written there may have been cleaned up since.
            found = self._search(since_ms, self._now_ms())
        else:
            return None
        if found and cleared and found.run.finished and not waited:
            log.info("The task was cleared after flow run %s had ended: starting another one.", found.run.id)
            return None
        return self._gone_on_with(found, attached) if found and found.certain else found

    def _gone_on_with(self, found: Found, attached: bool) -> Found | None:
        if attached and found.run.failed:
            log.info("Flow run %s has failed; it was not started by this task, so it is not repeated.", found.run.id)
            return None
        self._write(self._now_ms(), found.run.id, attached=attached)
        did = "waited for" if attached else "started"
        log.info("Going on with flow run %s, which an earlier try of this task %s.", found.run.id, did)
        return found

    def start(self, call: Call[Created], failed: Born | None = None) -> Found:
        """Start the run.

        :param call: starts it.
        :param failed: id and birth of the run that it repeats, if that was this task's own.
        :raises AepApiError: the platform refused; nothing was started.
        :raises AepUnreachableError: no run was to be seen after the answer was lost; a retry looks again.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            at_ms = self._now_ms()
            self._write(at_ms, None, failed=failed)
            try:
                run_id = self._client.send(call).id
                found = Found(FlowRun(id=run_id, flow_id=self._wish.flow_id))
            except (AepApiError, AepUnreachableError) as problem:
                seen = self._after_lost_answer(problem, at_ms, failed)
                if seen is None and attempt == _ATTEMPTS:
                    raise
                if seen is None:
                    continue
                found = seen
            if found.certain:
                self._write(at_ms, found.run.id)
            return found
        raise AssertionError("unreachable")  # pragma: no cover

    def retry(self, failed: FlowRun) -> Found:
        """Run the window of an own, failed run again. The new run has another id."""
        log.info("Flow run %s, which an earlier try of this task started, failed: running its window again.", failed.id)
        return self.start(flow_service.retry_run(failed.id), (failed.id, _age(failed)))

    def attach(self, run_id: str) -> None:
        """Write down that this task waits for a run that it did not start."""
        self._write(self._now_ms(), run_id, attached=True)

    def _now_ms(self) -> int:
        return int(self._client.now() * 1000)

    def _record(self) -> dict[str, Any]:
        """What was written down for this wish; empty if nothing was, or it is gone."""
        record = self._memory.get(KEY) if self._memory is not None else None
        return dict(record) if record and self._wish.is_of(record) else {}

    def _write(self, at_ms: int, run_id: str | None, *, attached: bool = False, failed: Born | None = None) -> None:
        if self._memory is not None:
            facts: dict[str, Any] = {"at_ms": at_ms, "run_id": run_id, "generation": self._generation}
            facts |= {"attached": True} if attached else {}
            facts |= {"failed": list(failed)} if failed else {}
            self._memory.set(KEY, {**self._wish.written(), **facts})

    def _after_lost_answer(
        self, problem: AepApiError | AepUnreachableError, at_ms: int, failed: Born | None
    ) -> Found | None:
        if not problem.retryable or (isinstance(problem, AepUnreachableError) and not problem.sent):
            raise problem
        if isinstance(problem, AepApiError) and problem.status == 429:
            raise problem
        log.warning("%s Looking whether the run was started before asking again.", problem)
        return self._search(at_ms, self._now_ms(), failed)

    def _by_id(self, run_id: str | None, at_ms: int) -> Found | None:
        if run_id is None:
            return None
        try:
            return Found(self._client.send(flow_service.get_run(run_id)))
        except AepNotFoundError:
            if self._now_ms() < at_ms + _BELIEVED_MS:
                log.info("Flow run %s is not to be read yet.", run_id)
                return Found(FlowRun(id=run_id, flow_id=self._wish.flow_id))
            log.warning("Flow run %s is not to be found any more.", run_id)
            return None

    def _search(self, since_ms: int, asked_ms: int, failed: Sequence[Any] | None = None) -> Found | None:
        """The run this client started for this window since then. A window shows once the copying has begun.

        :param asked_ms: when the run was asked for at the latest; it may take a moment until it is to be seen.
        :param failed: id and birth of the run that it repeats.
        """
        for wait in (*_LOOKS, None):
            candidates = self._candidates(since_ms, failed)
            seen = self._now_ms() >= asked_ms + _VISIBLE_MS or not all(run.failed for run in candidates)
            if wait is None or (seen and all(run.finished or run_window(run) for run in candidates)):
                break
            self._pause(wait)
        telling = [run for run in candidates if self._wish.fits(run_window(run))]
        silent = [run for run in candidates if run not in telling]
        active = [run for run in telling if not run.finished]
        ended_well = [run for run in telling if run.finished and not run.failed]
        for group in (active, ended_well):
            if len(group) > 1:
                raise self._unsure(group, "several fit")
        if active or ended_well:
            return Found((active or ended_well)[0])
        will_tell = [run for run in silent if not run.finished]
        if will_tell and self._wish.window is not None:
            return Found(min(will_tell, key=_age), certain=False)
        if silent:
            raise self._unsure(silent, "its window is not told")
        return Found(max(telling, key=_age)) if telling else None

    def _unsure(self, runs: list[FlowRun], why: str) -> AepConflictError:
        ids = ", ".join(run.id for run in runs)
        return AepConflictError(
            f"Flow runs of dataflow {self._wish.flow_id} that may be the one this task asked for ({why}): {ids}. "
            "Nothing was started. Wait for the right one with AepFlowRunSensor(run_id=...).",
            status=409,
        )

    def _candidates(self, since_ms: int, failed: Sequence[Any] | None) -> list[FlowRun]:
        since_ms -= _SKEW_MS
        runs = self._client.send(flow_service.list_runs(self._wish.flow_id, created_since=since_ms))
        # A repetition is younger than what it repeats.
        older = [born for born in (self._wish.repeats, failed) if born]
        return [
            run
            for run in runs
            if _age(run) >= since_ms
            and not any(run.id == run_id or _age(run) < at_ms for run_id, at_ms in older)
            and run.created_client in (None, self._client.api_key)
            and self._may_be_wanted(run)
        ]

    def _may_be_wanted(self, run: FlowRun) -> bool:
        window = run_window(run)
        if window is None or self._wish.window is None:
            # What failed before it told its window may be another task's, and there is nothing in it to go on with.
            return not run.failed
        return self._wish.fits(window)


def active_runs(client: AepClient, flow_id: str, *, within_seconds: float = 7 * 24 * 3600) -> list[FlowRun]:
    """The runs of a flow that are under way, oldest first. A run that is to begin in the future is not."""
    now_ms = client.now() * 1000
    runs = client.send(flow_service.list_runs(flow_id, created_since=int(now_ms - within_seconds * 1000)))
    under_way = [run for run in runs if not run.finished and not _begins_after(run, now_ms + 60_000)]
    return sorted(under_way, key=_age)


def _age(run: FlowRun) -> int:
    return run.created_at or 0


def _begins_after(run: FlowRun, time_ms: float) -> bool:
    duration = run.metrics.duration_summary
    return bool(duration and duration.started_at_utc and duration.started_at_utc > time_ms)


def run_window(run: FlowRun) -> Window | None:
    """The window a run tells, in epoch seconds; None if it tells none that can be read."""
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
    return int(number / 1000 if number >= 100_000_000_000 else number)
