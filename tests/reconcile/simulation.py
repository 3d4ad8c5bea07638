"""A simulated platform and a scheduler: the shipped `Ensurer`, stepped request by request on a clock of its own.

A list shows each object at a time of its own, up to `LAG_MS` after it was made; a read by its id shows it at once.
Every task is a thread of which one runs at a time: before each request and after each pause the schedule says who goes
on, so that a task may sleep for any time at any point. Nothing here depends on the machine's clock or on chance.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from airflow_provider_aep.exceptions import AepApiError, AepError, AepNotFoundError
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.reconcile.resource_type import Ensured

from .things import Thing

LAG_MS = 4000


class Death(BaseException):
    """The process of a task ends: nothing of it goes on."""


@dataclass(frozen=True)
class Schedule:
    """Everything that a run of the simulation leaves to chance; where a sequence ends, zeros follow.

    :param order: which of the tasks that are left goes on at each step; 0 is the one whose pause ends first.
    :param steps: milliseconds that pass before each step.
    :param lags: milliseconds after which lists show each object, in the order of their creation.
    :param ids: which of the ids that are left each object gets: of two made in one millisecond the ids decide.
    :param faults: for each task what becomes of its writes: None, or lost "before" or "after" their effect.
    :param deaths: for each task the number of the request at which it dies, and whether after its effect.
    """

    order: Sequence[int] = ()
    steps: Sequence[int] = ()
    lags: Sequence[int] = ()
    ids: Sequence[int] = ()
    faults: Mapping[int, Sequence[str | None]] = field(default_factory=dict)
    deaths: Mapping[int, tuple[int, bool]] = field(default_factory=dict)


class Platform:
    """Things of one name. It notices when something is removed that somebody was handed; `first` is the oldest ever.

    :param unique: whether it refuses a second one of a name.
    :param summaries: whether its lists show too little of a thing to compare it.
    :param stored: what it makes of a name.
    """

    def __init__(self, schedule: Schedule, *, unique: bool, summaries: bool, stored: Callable[[str], str]) -> None:
        self.now_ms = 1_900_000_000_000
        self.things: dict[str, Thing] = {}
        self.first: Thing | None = None
        self.handed: set[str] = set()
        self.removed_though_handed: list[str] = []
        self._unique, self._summaries, self._stored = unique, summaries, stored
        self._visible_ms: dict[str, int] = {}
        self._lags, self._choices = iter(schedule.lags), iter(schedule.ids)
        self._ids = [f"id {number:02}" for number in range(99)]

    def respond(self, call) -> Any:
        if (call.method, call.path) == ("GET", "/things"):
            seen = [thing for id_, thing in self.things.items() if self._visible_ms[id_] <= self.now_ms]
            wanted = (call.params or {}).get("name")
            return [replace(thing, summary=self._summaries) for thing in seen if wanted in (None, thing.name)]
        if call.method == "POST":
            return self._make(call.body)
        if call.path not in self.things:
            raise AepNotFoundError("gone", status=404)
        if call.method == "DELETE":
            self.removed_though_handed += [call.path] if call.path in self.handed else []
            return self.things.pop(call.path)
        if call.method == "PATCH":
            self.things[call.path] = replace(self.things[call.path], content=call.body)
        return self.things[call.path]

    def _make(self, content: str) -> Thing:
        name = self._stored(Thing.name)
        if self._unique and any(thing.name == name for thing in self.things.values()):
            raise AepApiError("taken", status=400, code="XDM-1521-400")
        id_ = self._ids.pop(next(self._choices, 0))
        self.things[id_] = Thing(content, id_, self.now_ms, name)
        made = self.things[id_]
        self.first = min(self.first or made, made, key=lambda thing: (thing.created_at, thing.id))
        self._visible_ms[id_] = self.now_ms + next(self._lags, 0)
        return made


@dataclass
class Task:
    """A thread that runs only while it has the turn."""

    wakes_ms: int
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    done: bool = False


@dataclass
class Outcome:
    """:param results: for each task an `Ensured`, the error that ended it, or a `Death`."""

    platform: Platform
    results: list[Ensured | AepError | Death] = field(default_factory=list)

    @property
    def handed(self) -> list[Ensured]:
        return [result for result in self.results if isinstance(result, Ensured)]

    @property
    def errors(self) -> list[AepError]:
        return [result for result in self.results if isinstance(result, AepError)]


class Simulation:
    """The parameters are those of the `Platform`."""

    def __init__(self, schedule: Schedule, *, unique=False, summaries=False, stored=lambda name: name) -> None:
        self.platform = Platform(schedule, unique=unique, summaries=summaries, stored=stored)
        self.asked: list[str] = []
        self._schedule = schedule
        self._order, self._steps = iter(schedule.order), iter(schedule.steps)
        self._tasks: list[Task] = []
        self._scheduler = threading.Semaphore(0)

    def run(self, type_, declared: Sequence[Thing], if_exists="reuse") -> Outcome:
        """All tasks at once, each declares one thing."""
        outcome = Outcome(self.platform, [Death()] * len(declared))
        self._tasks = [Task(self.platform.now_ms) for _ in declared]
        threads = [
            threading.Thread(target=self._work, args=(who, type_, thing, if_exists, outcome), daemon=True)
            for who, thing in enumerate(declared)
        ]
        for thread in threads:
            thread.start()
        while alive := sorted((task for task in self._tasks if not task.done), key=lambda task: task.wakes_ms):
            task = alive[next(self._order, 0) % len(alive)]
            self.platform.now_ms = max(self.platform.now_ms, task.wakes_ms) + next(self._steps, 0)
            task.turn.release()
            self._scheduler.acquire()
        for thread in threads:
            thread.join()
        return outcome

    def run_later(self, type_, declared: Thing) -> Ensured | AepError | Death:
        """One more task, when all others are gone, to which nothing happens; returns what it got."""
        self._schedule = Schedule()
        (result,) = self.run(type_, [declared]).results
        return result

    def _work(self, who, type_, declared, if_exists, outcome):
        task = self._tasks[who]
        task.turn.acquire()
        try:
            result = self.ensurer(who).ensure(type_, declared, if_exists)
            self.platform.handed.add(result.id)
            outcome.results[who] = result
        except (AepError, Death) as problem:
            outcome.results[who] = problem
        finally:
            task.done = True
            self._scheduler.release()

    def ensurer(self, who: int) -> Ensurer:
        # The platform's clock is read from the header Date, in whole seconds.
        return Ensurer(
            self._sender(who), lambda seconds: self._wait(who, seconds), lambda: self.platform.now_ms // 1000
        )

    def _wait(self, who: int, seconds: float = 0) -> None:
        task = self._tasks[who]
        task.wakes_ms = self.platform.now_ms + round(seconds * 1000)
        self._scheduler.release()
        task.turn.acquire()

    def _sender(self, who: int):
        faults: Iterator[str | None] = iter(self._schedule.faults.get(who, ()))
        dies_at, after_effect = self._schedule.deaths.get(who, (None, False))
        requests = 0

        def send(call):
            nonlocal requests
            self._wait(who)
            requests += 1
            if requests == dies_at and not after_effect:
                raise Death
            # Reads are repeated by the client, so an ensurer sees lost writes only.
            fault = None if call.method == "GET" else next(faults, None)
            self.asked.append(call.method)
            if fault == "before":
                raise AepApiError("lost", status=503, retryable=True)
            response = self.platform.respond(call)
            if requests == dies_at:
                raise Death
            if fault == "after":
                raise AepApiError("lost", status=500, retryable=True)
            return response

        return send
