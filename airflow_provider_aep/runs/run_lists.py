"""The latest runs of many dataflows, with few requests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.run_state import Phase
from airflow_provider_aep.runs.list_support import ListSupport
from airflow_provider_aep.runs.lookup import FIRST_RUN, RUN_END
from airflow_provider_aep.runs.pacing import Pacer

log = logging.getLogger(__name__)

# An id takes 37 characters of the URL, of which gateways allow some 8,000.
_IDS_IN_A_LIST = 50
# One that does not exist, or may not be read, must not hide the others of its list.
_ABOUT_ONE = (400, 403, 404)


class RunLists:
    """Lists the runs of many dataflows, by lists of several if the platform answers these in full.

    :param pacer: sends the requests.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._lists: ListSupport[FlowRun] = ListSupport(FIRST_RUN)
        self._lists_by_id: ListSupport[FlowRun] = ListSupport(RUN_END)

    async def read(
        self, flows: Mapping[str, int], *, in_full: Callable[[str, FlowRun], bool]
    ) -> dict[str, list[FlowRun]]:
        """Dataflow -> its runs: ids, times and status. A dataflow whose runs may not be listed is left out.

        :param flows: dataflow -> epoch milliseconds; earlier runs do not matter, though some may be among the result.
        :param in_full: whether a run of a dataflow is to be read as a whole, if it does not go on any more.
        :raises AepError: the platform cannot be asked now.
        """
        # A list reaches back to the earliest time of its dataflows: those with nearly the same share one.
        ids = sorted(flows, key=lambda flow_id: (flows[flow_id], flow_id))
        found: dict[str, list[FlowRun]] = {}
        for chunk in _chunks(ids):
            found |= await self._read_chunk(chunk, flows)
        await self._check_lists(ids, flows)
        ended = [(flow, run) for flow, runs in found.items() for run in runs if run.phase is not Phase.RUNNING]
        full = await self._in_full([run.id for flow, run in ended if in_full(flow, run)])
        return {flow_id: [full.get(run.id, run) for run in runs] for flow_id, runs in found.items()}

    async def _read_chunk(self, flow_ids: Sequence[str], flows: Mapping[str, int]) -> dict[str, list[FlowRun]]:
        if self._lists.refused or len(flow_ids) == 1:
            return await self._read_each(flow_ids, flows)
        since = min(flows[flow_id] for flow_id in flow_ids)
        try:
            listed = await self._pacer.poll(flow_service.list_runs_of(flow_ids, created_since=since))
        except AepApiError as problem:
            if problem.status == 400:
                self._lists.refuse(problem)
            if problem.status in _ABOUT_ONE:
                return await self._read_each(flow_ids, flows)
            raise
        if not self._lists.believe(listed, flow_ids):
            return await self._read_each(flow_ids, flows)
        return {flow_id: [run for run in listed if run.flow_id == flow_id] for flow_id in flow_ids}

    async def _read_each(self, flow_ids: Sequence[str], flows: Mapping[str, int]) -> dict[str, list[FlowRun]]:
        found = {}
        for flow_id in flow_ids:
            try:
                found[flow_id] = await self._pacer.poll(flow_service.list_runs(flow_id, created_since=flows[flow_id]))
            except AepApiError as problem:
                if problem.status not in _ABOUT_ONE:
                    raise
                log.warning("The runs of dataflow %s cannot be listed: %s", flow_id, problem)
        return found

    async def _check_lists(self, flow_ids: Sequence[str], flows: Mapping[str, int]) -> None:
        """While it is not sure that lists are answered in full, ask for a few dataflows alone as well."""
        for flow_id in self._lists.to_check(flow_ids):
            alone = (await self._read_each([flow_id], flows)).get(flow_id)
            if alone:
                other = next(each for each in flow_ids if each != flow_id)
                async with self._pacer.slots:
                    await self._lists.check(self._pacer, other, flow_id, alone)

    async def _in_full(self, run_ids: Sequence[str]) -> dict[str, FlowRun]:
        full: dict[str, FlowRun] = {}
        for chunk in _chunks(run_ids):
            full |= await self._list_in_full(chunk)
        # Whether a list of ids is always answered, and answered in full, is not published.
        for run_id in run_ids:
            if run_id not in full:
                full[run_id] = await self._pacer.poll(flow_service.get_run(run_id))
        return full

    async def _list_in_full(self, run_ids: Sequence[str]) -> dict[str, FlowRun]:
        if self._lists_by_id.refused or len(run_ids) == 1:
            return {}
        try:
            listed = await self._pacer.poll(flow_service.get_runs(run_ids))
        except AepApiError as problem:
            if problem.status == 400:
                self._lists_by_id.refuse(problem)
            if problem.status in _ABOUT_ONE:
                return {}
            raise
        return {run.id: run for run in listed if run.id in run_ids}


def _chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[at : at + _IDS_IN_A_LIST] for at in range(0, len(ids), _IDS_IN_A_LIST)]
