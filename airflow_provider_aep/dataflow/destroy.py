"""Deleting a dataflow and what it alone uses. Data that has landed stays, as far as Adobe documents.

Deleted are the dataflow, its target connection and its source connection, in this order, because the platform
keeps what a dataflow uses. What others may share goes only if it is asked for: the dataset, with all of its data, and
the account. Schemas and mapping sets stay: the platform deletes no mapping set, and a schema may have other datasets.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.dataflow.plan import Plan, PlannedDataflow, PlannedResource
from airflow_provider_aep.dataflow.planner import plan
from airflow_provider_aep.dataflow.remains import Remains, connections_of
from airflow_provider_aep.dataflow.report import Done, Outcome, Report
from airflow_provider_aep.dataflow.resources import TYPES
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepError, AepUnreachableError
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.reconcile.lookup import in_full, list_items
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION

log = logging.getLogger(__name__)

SHARED: Final = ("dataset", "base_connection")
_OWN: Final = ("flow", "target_connection", "source_connection")
# Flow Service's codes for what something else uses: https://developer.adobe.com/experience-platform-apis/references
_IN_USE = re.compile(r"(FLOW-)?(1418|1447)-400")


def destroy(
    client: AepClient,
    specs: Iterable[DataflowSpec],
    *,
    include: Collection[str] = (),
    dry_run: bool = False,
    progress: Callable[[Outcome], None] = lambda outcome: None,
) -> Report:
    """Delete the dataflows of these specs. What is gone already is fine.

    :param include: of `SHARED` what else goes: ``dataset``, with all of its data, and ``base_connection``.
    :param dry_run: only say what would go.
    :param progress: called with what became of each resource.
    :returns: a report; ``gone`` is what was not there, ``left`` what something else uses.
    :raises AepConfigError: `include` names anything else, a spec is protected, or it is not clear which one is meant.
    """
    check_include(include)
    wanted = list(specs)
    protected = [spec.name for spec in wanted if spec.protect]
    if protected:
        raise AepConfigError(
            f"Nothing is deleted: {', '.join(map(repr, protected))} "
            f"{'is' if len(protected) == 1 else 'are'} protected. Take protect: true out of the file first."
        )
    present = [spec.model_copy(update={"state": None}) for spec in wanted]
    return _Destruction(client, include, dry_run, progress).run(plan(client, present))


def check_include(include: Collection[str]) -> None:
    """:raises AepConfigError: it names something that is not deleted with a dataflow."""
    for each in [include] if isinstance(include, str) else include:
        if each not in SHARED or isinstance(include, str):
            raise AepConfigError(f"include holds {each!r}; it is a list of any of {', '.join(SHARED)}.")


class _Destruction:
    def __init__(
        self, client: AepClient, include: Collection[str], dry_run: bool, progress: Callable[[Outcome], None]
    ) -> None:
        self.ensurer = Ensurer(client.send, client.sleep, client.now, client.list_lag)
        self.include = include
        self.dry_run = dry_run
        self.progress = progress
        self.report = Report()
        self.deleted: set[str] = set()
        self.seen: set[str] = set()

    def run(self, planned: Plan) -> Report:
        """All dataflows first, then what they share: the last dataflow frees it."""
        for step in (*_OWN, *SHARED):
            for dataflow in planned.dataflows:
                name = dataflow.spec.name
                if name in self.report.failures:
                    continue
                try:
                    for outcome in self._step(dataflow, step):
                        self.report.outcomes.append(outcome)
                        self.progress(outcome)
                except AepError as problem:
                    self.report.fail(name, problem)
                    self.report.outcomes.append(_outcome(dataflow, step, "failed", said=str(problem)))
                    if isinstance(problem, AepUnreachableError):
                        self.report.stopped = "The platform cannot be reached any more; destroy again to go on."
                        return self.report
        return self.report

    def _step(self, dataflow: PlannedDataflow, step: str) -> Iterator[Outcome]:
        planned = dataflow.resource(step)
        if step == "flow" and dataflow.replaced is not None:
            yield from self._delete(dataflow, step, str(dataflow.replaced.id))
            if not self.dry_run:
                remove_connections(self.ensurer, connections_of(dataflow.replaced), self.deleted)
        if step == "flow" and not self.dry_run:
            remove_connections(self.ensurer, dataflow.remains, self.deleted)
        if planned is None:
            return
        live = planned.decision.live
        if planned.decision.action == "refuse" and live is None:
            raise AepConfigError(f"The {planned.type_.noun} {_label(dataflow, planned)!r} {planned.reason}")
        if live is None:
            yield _outcome(dataflow, step, "gone")
        elif step in SHARED and step not in self.include:
            yield _outcome(dataflow, step, "left", planned.type_.id_of(live), _WHY_LEFT[step])
        else:
            yield from self._delete(dataflow, step, planned.type_.id_of(live))

    def _delete(self, dataflow: PlannedDataflow, step: str, id_: str) -> Iterator[Outcome]:
        if id_ in self.seen:
            return
        self.seen.add(id_)
        if self.dry_run:
            said = self._why_it_would_stay(step, id_)
            done: Done = "left" if said else "would be deleted"
        else:
            done, said = remove_unless_used(self.ensurer, step, id_, self.deleted)
        if done != "left":
            # What is left goes on to use what it stands on.
            self.deleted.add(id_)
        yield _outcome(dataflow, step, done, id_, said)

    def _why_it_would_stay(self, step: str, id_: str) -> str:
        if step != "base_connection":
            return why_used(self.ensurer, step, id_, self.deleted)
        # The platform itself keeps an account that dataflows use; a dry run has to look.
        sources, _ = list_items(self.ensurer.send, SOURCE_CONNECTION.list_all())
        held = {str(source.id) for source in sources if source.base_connection_id == id_}
        flows, _ = list_items(self.ensurer.send, FLOW.list_all())
        users = [flow.id for flow in flows if held & {*flow.source_connection_ids} and flow.id not in self.deleted]
        return f"because dataflow {users[0]} uses it" if users else ""


_WHY_LEFT = {
    "dataset": "because it holds the data; include 'dataset' to delete it and all of its data (--with dataset)",
    "base_connection": "because other dataflows may use it; include 'base_connection' to delete it "
    "(--with base-connection)",
}


def _outcome(dataflow: PlannedDataflow, step: str, done: Done, id_: str | None = None, said: str = "") -> Outcome:
    planned = dataflow.resource(step)
    return Outcome(dataflow.spec.name, step, TYPES[step].noun, _label(dataflow, planned), done, id_, said)


def _label(dataflow: PlannedDataflow, planned: PlannedResource | None) -> str:
    """What it is called."""
    if planned is None:
        return dataflow.spec.name
    live = planned.decision.live if planned.decision.live is not None else planned.declared
    return str(planned.type_.natural_key(live)[0] or dataflow.spec.name)


def delete_all(ensurer: Ensurer, dataflow: PlannedDataflow) -> Iterator[Outcome]:
    """Delete a dataflow whose file says that it is to be absent, and then its connections.

    :raises AepError: the platform refuses, or cannot be reached.
    """
    gone = []
    if dataflow.replaced is not None:
        gone.append(str(dataflow.replaced.id))
        done, said = remove_unless_used(ensurer, "flow", gone[0], gone)
        yield _outcome(dataflow, "flow", done, gone[0], said)
        remove_connections(ensurer, connections_of(dataflow.replaced), gone)
    remove_connections(ensurer, dataflow.remains, gone)
    for step in _OWN:
        planned = dataflow.resource(step)
        if planned is not None:
            id_ = planned.type_.id_of(planned.decision.live)
            gone.append(id_)
            done, said = remove_unless_used(ensurer, step, id_, gone)
            yield _outcome(dataflow, step, done, id_, said)


def remove_unless_used(ensurer: Ensurer, step: str, id_: str, gone: Collection[str]) -> tuple[Done, str]:
    """Delete one resource, unless something else uses it.

    :param gone: ids of dataflows that were deleted: a list may show them for a while.
    :returns: what became of it, and why it is left.
    :raises AepError: the platform refuses for another reason, or cannot be reached.
    """
    used = why_used(ensurer, step, id_, gone)
    if used:
        return "left", used
    try:
        return ("deleted" if ensurer.remove(TYPES[step], id_) else "gone"), ""
    except AepApiError as problem:
        if not _IN_USE.fullmatch(problem.code):
            raise
        return "left", f"because something else uses it: {problem.detail or problem.title}"


def why_used(ensurer: Ensurer, step: str, id_: str, gone: Collection[str]) -> str:
    """What still uses a resource, as far as lists show it: the rest of a sentence; empty if nothing does.

    :param gone: ids of what is deleted.
    """
    noun, users = "dataflow", TYPES[step].dependents(ensurer.send, id_)
    if step == "dataset":
        # The platform deletes a dataset although something writes to it.
        noun, users = TARGET_CONNECTION.noun, _targets_of(ensurer, id_)
    others = [user for user in users if user not in gone]
    return f"because {noun} {others[0]} uses it" if others else ""


def _targets_of(ensurer: Ensurer, dataset_id: str) -> list[str]:
    listed, _ = list_items(ensurer.send, TARGET_CONNECTION.list_all())
    targets = in_full(ensurer.send, TARGET_CONNECTION, listed)
    return [str(live.id) for live in targets if live.params.data_set_id == dataset_id]


def remove_connections(ensurer: Ensurer, remains: Remains, gone: Collection[str]) -> None:
    """Delete the target and source connections of a dataflow that is deleted, as far as no other one uses them.

    :param gone: ids of dataflows that were deleted: a list may show them for a while.
    """
    for step, ids in remains.items():
        for id_ in ids:
            done, said = remove_unless_used(ensurer, step, id_, gone)
            log.info("%s %s %s", TYPES[step].noun.capitalize(), id_, said or done)
