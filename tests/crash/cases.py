"""Who dies where. Read by the DAGs, which run in Airflow's processes, and by the test, which counts."""

from __future__ import annotations

from dataclasses import dataclass

# Where a worker dies on the first try of a task that runs a dataflow.
BEFORE_POST = "before the POST"
AFTER_EFFECT = "after the effect, before the answer"
BEFORE_RECORD = "after the answer, before it is recorded"
AFTER_RECORD = "after it is recorded"
WAITING = "while waiting"
LOST_WORKER = "while waiting, with its supervisor"
BEFORE_DEFERRAL = "before Airflow hears of the deferral"
RESUMED = "as it resumes"
AFTER_END = "after the end, before Airflow hears"
UNHARMED = "nothing happens to it"
# What happens to a task that waits in the triggerer or on a worker.
TRIGGERER = "the triggerer dies while it waits"
CLEARED = "a person clears it while it waits"
MARKED_FAILED = "a person marks it failed while it waits"
HELD = (TRIGGERER, CLEARED, MARKED_FAILED)

STEPS = ("base_connection", "source_connection", "schema", "dataset", "target_connection", "mapping_set", "flow")
# The same points for a task that makes a resource: it waits for nothing but its look at who else made one.
STEP_POINTS = {
    "before_post": BEFORE_POST,
    "after_effect": AFTER_EFFECT,
    "after_answer": BEFORE_RECORD,
    "looking": WAITING,
    "after_end": AFTER_END,
}


@dataclass(frozen=True)
class Case:
    """One task that runs a dataflow.

    :param runs: how many runs its dataflow has in the end.
    :param tries: how often Airflow must have tried it.
    :param operator: `run`, or `retry` of a run that failed before.
    :param shares: the task whose dataflow it runs, too, with another window.
    :param first_run_fails: the platform lets the first run fail.
    :param queue: seconds until its run begins and so tells its window.
    :param late: a new run is not to be seen for `LAG` seconds.
    """

    task_id: str
    point: str
    deferrable: bool = False
    runs: int = 1
    tries: int = 2
    state: str = "success"
    operator: str = "run"
    shares: str | None = None
    first_run_fails: bool = False
    queue: float = 1
    late: bool = False

    @property
    def mode(self):
        return "deferrable" if self.deferrable else "sync"

    @property
    def held(self):
        """Its run lasts until the test says so."""
        return self.point in HELD

    @property
    def dies(self):
        """Whether its worker dies."""
        return not self.held and self.point != UNHARMED

    @property
    def window(self):
        """No two tasks have the same."""
        start = 1_900_000_000 + 3600 * CASES.index(self)
        return start, start + 3600

    @property
    def in_words(self):
        remarks = {
            "retrying a failed run": self.operator == "retry",
            "another window of the same dataflow": self.shares,
            f"runs begin after {self.queue} s": self.queue > 1,
            "its run fails meanwhile": self.first_run_fails,
            f"a run is seen after {LAG} s": self.late,
        }
        return "; ".join([self.point, *(words for words, so in remarks.items() if so)])


LAG = 12

CASES = (
    Case("sync_before_post", BEFORE_POST),
    Case("sync_after_effect", AFTER_EFFECT),
    Case("sync_before_record", BEFORE_RECORD),
    Case("sync_after_record", AFTER_RECORD),
    Case("sync_waiting", WAITING),
    Case("sync_lost_worker", LOST_WORKER),
    Case("sync_after_end", AFTER_END),
    Case("deferrable_before_post", BEFORE_POST, deferrable=True),
    Case("deferrable_after_effect", AFTER_EFFECT, deferrable=True),
    Case("deferrable_before_record", BEFORE_RECORD, deferrable=True),
    Case("deferrable_after_record", AFTER_RECORD, deferrable=True),
    Case("deferrable_before_deferral", BEFORE_DEFERRAL, deferrable=True),
    Case("deferrable_triggerer", TRIGGERER, deferrable=True, tries=1),
    Case("deferrable_resumed", RESUMED, deferrable=True),
    Case("deferrable_after_end", AFTER_END, deferrable=True),
    # Not only crashes
    Case("sync_cleared", CLEARED),
    Case("deferrable_cleared", CLEARED, deferrable=True),
    Case("deferrable_marked_failed", MARKED_FAILED, deferrable=True, tries=1, state="failed"),
    # Neighbours on one dataflow: each goes on with its own run.
    Case("sync_neighbour", AFTER_EFFECT, runs=2),
    Case("deferrable_neighbour", AFTER_EFFECT, deferrable=True, shares="sync_neighbour", runs=2),
    # What a queued run was asked for does not show. It must not be taken for one's own.
    Case("sync_queued_neighbour", UNHARMED, runs=3, tries=1, queue=25),
    Case("sync_beside_queued", BEFORE_POST, shares="sync_queued_neighbour", runs=3, queue=25),
    Case("deferrable_beside_queued", AFTER_EFFECT, deferrable=True, shares="sync_queued_neighbour", runs=3, queue=25),
    # What a retry finds has failed, so it is run again, once.
    Case("sync_failing", AFTER_EFFECT, runs=2, first_run_fails=True),
    Case("deferrable_failing", AFTER_EFFECT, deferrable=True, runs=2, first_run_fails=True),
    Case("sync_retry_operator", AFTER_EFFECT, operator="retry", runs=2),
    Case("deferrable_retry_operator", BEFORE_RECORD, deferrable=True, operator="retry", runs=2),
    # Lists and single reads that lag behind the write
    Case("late_sync_after_effect", AFTER_EFFECT, late=True),
    Case("late_sync_after_record", AFTER_RECORD, late=True),
    Case("late_deferrable_before_record", BEFORE_RECORD, deferrable=True, late=True),
    Case("late_deferrable_before_deferral", BEFORE_DEFERRAL, deferrable=True, late=True),
)
