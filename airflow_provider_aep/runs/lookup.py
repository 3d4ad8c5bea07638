"""What can be waited for: the end of a run, the first run of a dataflow, a batch in a dataset; and the requests for it,
for one or for many at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from airflow_provider_aep.api import catalog, flow_service
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.models.batch import Batch, first_batch
from airflow_provider_aep.models.flow_run import FlowRun, first_run

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Lookup(Generic[T]):
    """Something that can be waited for. Each wait has a key: the id of a run, dataflow or dataset.

    :param noun: what is waited for, as words that stand before the key.
    :param plural: what a list shows, as a word.
    :param title: the beginning of the log line on a change of status; None: no line is logged.
    :param alone: the request for one key, from a time on (epoch milliseconds): one item or a list.
    :param together: the request for many keys, from a time on.
    :param keys_of: the keys that an item belongs to.
    :param find: the item that a wait is for, among the items of its key and from the wait's time on; None: not yet.
    :param ended: whether an item that was found ends the wait.
    :param remembered: keeps an item between polls, and returns a function that gives it, or the kept part of it.
    :param lists_every_key: whether every key has an item, so that a key without one was left out of the list.
    """

    noun: str
    plural: str
    title: str | None
    alone: Callable[[str, int], Call[Any]]
    together: Callable[[Sequence[str], int], Call[list[T]]]
    keys_of: Callable[[T], Collection[str]]
    find: Callable[[list[T], int], T | None]
    ended: Callable[[T], bool]
    remembered: Callable[[T], Callable[[], T]]
    lists_every_key: bool = False


def _dataset_ids(batch: Batch) -> list[str]:
    return [other.id for other in batch.related_objects if other.id and (other.type or "").lower() == "dataset"]


def _status_of(run: FlowRun) -> Callable[[], FlowRun]:
    # Not the run: what is kept anew of each makes Python's garbage collector walk the whole process.
    return partial(FlowRun.with_status, run.id, run.flow_id, run.status)


RUN_END: Lookup[FlowRun] = Lookup(
    noun="run",
    plural="runs",
    title="Flow run",
    alone=lambda run_id, since: flow_service.get_run(run_id),
    together=lambda run_ids, since: flow_service.get_runs(run_ids),
    keys_of=lambda run: [run.id],
    find=lambda runs, since: runs[0] if runs else None,
    ended=lambda run: run.finished,
    remembered=_status_of,
    lists_every_key=True,
)

FIRST_RUN: Lookup[FlowRun] = Lookup(
    noun="a run of dataflow",
    plural="runs of dataflows",
    title=None,
    alone=lambda flow_id, since: flow_service.list_runs(flow_id, created_since=since),
    together=lambda flow_ids, since: flow_service.list_runs_of(flow_ids, created_since=since),
    keys_of=lambda run: [run.flow_id] if run.flow_id else [],
    find=first_run,
    ended=lambda run: True,
    remembered=_status_of,
)

BATCH: Lookup[Batch] = Lookup(
    noun="a batch in dataset",
    plural="batches of datasets",
    title="Batch",
    # "createdAfter" leaves out what was made at that very moment.
    alone=lambda dataset_id, since: catalog.list_batches(dataset_id, created_since=since - 1),
    together=lambda dataset_ids, since: catalog.list_batches_of(dataset_ids, created_since=since - 1),
    keys_of=_dataset_ids,
    find=first_batch,
    ended=lambda batch: batch.finished,
    remembered=lambda batch: lambda: batch,
)
