"""Tasks at work while a share of all requests fails: what `make chaos` and the test suite run.

Every try of a task is what a worker process would be: a client and a token of its own. Nothing sleeps; waiting moves
the emulator's clock. With one thread a seed repeats a storm exactly; with several, the threads take turns as they
come, and the seed fixes the sequence of faults, not whom each one hits.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from direct import TaskState, direct_client
from provisioning import Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.runs.next_step import Attempt, ResumeWith, RunAgain, WaitFor
from airflow_provider_aep.runs.request import RunRequest
from airflow_provider_aep.runs.start import RunStarter

RETRIES = 3
KINDS = ["drop_before", "drop_after", "status", "delay", "malformed", "empty", "html"]
COLLECTIONS = (
    "connections",
    "sourceConnections",
    "schemas",
    "dataSets",
    "targetConnections",
    "mappingSets",
    "flows",
)
WINDOW = (1_900_000_000, 1_900_003_600)
DELTA_COLUMN = {"name": "LastModifiedDate"}


@dataclass
class Log:
    """What it took: how many tasks needed how many tries, and the errors that ended a try."""

    tries: Counter = field(default_factory=Counter)
    errors: Counter = field(default_factory=Counter)


def client_of(aep: AepEmulator, sleep=None) -> AepClient:
    return direct_client(aep, sleep=sleep or aep.advance)


class SharedTime:
    """Lets threads wait together: the emulator's clock moves when all of them wait, to where the first one goes on."""

    def __init__(self, aep: AepEmulator, threads: int) -> None:
        self._aep = aep
        self._working = threads
        self._wakes: list[float] = []
        self._changed = threading.Condition()

    def sleep(self, seconds: float) -> None:
        with self._changed:
            wakes = self._aep.now() + seconds
            self._wakes.append(wakes)
            self._move_if_all_wait()
            self._changed.wait_for(lambda: self._aep.now() >= wakes)
            self._wakes.remove(wakes)

    def leave(self) -> None:
        """Called by a thread that will not wait again."""
        with self._changed:
            self._working -= 1
            self._move_if_all_wait()

    def _move_if_all_wait(self) -> None:
        if self._wakes and len(self._wakes) == self._working:
            self._aep.advance(max(0.0, min(self._wakes) - self._aep.now()))
            self._changed.notify_all()


def as_task(step, log: Log):
    """Do a step as Airflow does a task: again after an error that a retry may mend, and no more than RETRIES times.

    :param step: is told whether this is a retry.
    """
    for attempt in range(RETRIES + 1):
        try:
            result = step(attempt > 0)
        except AepError as problem:
            log.errors[f"{type(problem).__name__}: {str(problem)[:150]}"] += 1
            if not problem.retryable or attempt == RETRIES:
                raise
        else:
            log.tries[attempt + 1] += 1
            return result


class StormyProvisioning(Provisioning):
    """Each of the seven steps is a task of its own."""

    def __init__(self, aep: AepEmulator, log: Log, *, name: str, sleep=None) -> None:
        super().__init__(client_of(aep, sleep), name=name)
        self._aep = aep
        self._sleep = sleep
        self._log = log

    def _ensure(self, type_, declared):
        def step(retried):
            self.client = client_of(self._aep, self._sleep)
            self.ensurer = Ensurer(self.client.send, self.client.sleep, self.client.now)
            return super(StormyProvisioning, self)._ensure(type_, declared)

        return as_task(step, self._log)


def provision(aep: AepEmulator, count: int, *, threads: int, log: Log, tasks_per_name: int = 1):
    """Build `count` dataflows; returns their chains, and the errors of those that failed.

    :param tasks_per_name: how many build the same dataflow at the same time.
    """

    def build(number):
        try:
            return StormyProvisioning(aep, log, name=f"CRM {number // tasks_per_name}").build()
        except AepError as problem:
            return problem

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(build, range(count * tasks_per_name)))
    return _parted(results)


def provision_by_rivals(aep: AepEmulator, count: int, *, rivals: int, log: Log):
    """Build `count` dataflows one after the other, each by several tasks at once; returns as `provision` does."""
    results = []
    for number in range(count):
        time = SharedTime(aep, rivals)

        def build(_, name=f"CRM {number}", time=time):
            try:
                return StormyProvisioning(aep, log, name=name, sleep=time.sleep).build()
            except AepError as problem:
                return problem
            finally:
                time.leave()

        with ThreadPoolExecutor(rivals) as pool:
            results += pool.map(build, range(rivals))
    return _parted(results)


def _parted(results):
    chains = [result for result in results if not isinstance(result, AepError)]
    return chains, [result for result in results if isinstance(result, AepError)]


def faults_in(state, chains, *, spare=()) -> list[str]:
    """What is there without an owner or twice, what is missing, and what is joined to the wrong thing.

    :param spare: collections in which there may be some that nobody uses.
    """
    found = []
    chains = set(chains)
    for collection, step in zip(COLLECTIONS, _STEPS, strict=True):
        owners = Counter(chain.ids[step] for chain in chains)
        live = state[collection]
        if collection not in spare:
            found += [f"{collection}: {id_} belongs to nobody" for id_ in live if id_ not in owners]
        found += [f"{collection}: {id_} does not exist" for id_ in owners if id_ not in live]
        found += [f"{collection}: {id_} has {count} owners" for id_, count in owners.items() if count > 1]
    for chain in chains:
        found += [f"{chain.flow}: {what}" for what in _loose_ends(state, chain)]
    return found


_STEPS = (
    "base_connection",
    "source_connection",
    "schema",
    "dataset",
    "target_connection",
    "mapping_set",
    "flow",
)


def _loose_ends(state, chain):
    flow = state["flows"].get(chain.flow, {})
    mapping = [each["params"] for each in flow.get("transformations", []) if each["name"] == "Mapping"]
    source = state["sourceConnections"].get(chain.source_connection, {})
    target = state["targetConnections"].get(chain.target_connection, {})
    dataset = state["dataSets"].get(chain.dataset, {})
    mapping_set = state["mappingSets"].get(chain.mapping_set, {})
    joints = {
        "source connection": (flow.get("sourceConnectionIds"), [chain.source_connection]),
        "target connection": (flow.get("targetConnectionIds"), [chain.target_connection]),
        "mapping set": ([each["mappingId"] for each in mapping], [chain.mapping_set]),
        "base connection": (source.get("baseConnectionId"), chain.base_connection),
        "dataset": (target.get("params", {}).get("dataSetId"), chain.dataset),
        "schema of the dataset": (dataset.get("schemaRef", {}).get("id"), chain.schema),
        "schema of the mapping set": (mapping_set.get("xdmSchema"), chain.schema),
    }
    return [f"the {what} is {got!r}, not {wanted!r}" for what, (got, wanted) in joints.items() if got != wanted]


def start_runs(aep: AepEmulator, flow_ids, *, log: Log):
    """Start one run of each flow, every other one without a task state store; returns the ids, or the errors.

    One after the other: the waiting of one task must not make the platform's clock jump for another.
    """

    def start(number, flow_id):
        try:
            return run_once(aep, flow_id, WINDOW, TaskState() if number % 2 else None, log)
        except AepError as problem:
            return problem

    return [start(number, flow_id) for number, flow_id in enumerate(flow_ids)]


def run_once(aep: AepEmulator, flow_id: str, window, memory, log: Log) -> str:
    """What a run operator does to start its run, without the waiting."""
    since_ms = int(client_of(aep).now() * 1000)

    def step(retried):
        client = client_of(aep)
        client.send(flow_service.get_flow(flow_id))
        params = {
            "startTime": int(client.now()),
            "windowStartTime": window[0],
            "windowEndTime": window[1],
            "deltaColumn": DELTA_COLUMN,
        }
        starter = RunStarter(client, RunRequest(flow_id, window), store=memory, generation=RETRIES)
        attempt = Attempt.RETRIED if retried else Attempt.FIRST
        while True:
            decision = starter.decide(attempt, "start", since_ms=since_ms)
            if isinstance(decision, ResumeWith):
                return decision.run.id
            if isinstance(decision, RunAgain):
                return decision.failed.id
            if not isinstance(decision, WaitFor):
                found = starter.start(flow_service.create_run(flow_id, params))
                if found.confirmed:
                    return found.run.id
            # It gives no window yet: the operator waits for it.
            aep.advance(120)
            attempt = Attempt.CONFIRMING

    return as_task(step, log)
