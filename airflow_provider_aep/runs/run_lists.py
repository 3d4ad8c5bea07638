"""The latest runs of many dataflows, with few requests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, id_chunks
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.run_state import Phase
from airflow_provider_aep.runs.list_support import ABOUT_ONE, ListSupport
from airflow_provider_aep.runs.lookup import FIRST_RUN, RUN_END
from airflow_provider_aep.runs.pacing import Pacer

log = logging.getLogger(__name__)


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
        for chunk in id_chunks(ids):
            found |= await self._read_chunk(chunk, flows)
        await self._check_lists(ids, flows)
        ended = [(flow, run) for flow, runs in found.items() for run in runs if run.phase is not Phase.RUNNING]
        full = await self._in_full([run.id for flow, run in ended if in_full(flow, run)])
        return {flow_id: [full.get(run.id, run) for run in runs] for flow_id, runs in found.items()}

    async def _read_chunk(self, flow_ids: Sequence[str], flows: Mapping[str, int]) -> dict[str, list[FlowRun]]:
        since = min(flows[flow_id] for flow_id in flow_ids)
        listed = await self._list(self._lists, flow_ids, flow_service.list_runs_of(flow_ids, created_since=since))
        if listed is None or not self._lists.accept(listed, flow_ids):
            return await self._read_each(flow_ids, flows)
        return {flow_id: [run for run in listed if run.flow_id == flow_id] for flow_id in flow_ids}

    async def _list(
        self, lists: ListSupport[FlowRun], keys: Sequence[str], together: Call[list[FlowRun]]
    ) -> list[FlowRun] | None:
        """What is listed for all keys at once; None if they are to be asked for one by one."""
        if not lists.are_for(keys):
            return None
        try:
            return await self._pacer.poll(together)
        except AepApiError as problem:
            if not lists.failed(problem):
                raise
            return None

    async def _read_each(self, flow_ids: Sequence[str], flows: Mapping[str, int]) -> dict[str, list[FlowRun]]:
        found = {}
        for flow_id in flow_ids:
            try:
                found[flow_id] = await self._pacer.poll(flow_service.list_runs(flow_id, created_since=flows[flow_id]))
            except AepApiError as problem:
                if problem.status not in ABOUT_ONE:
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
        for chunk in id_chunks(run_ids):
            listed = await self._list(self._lists_by_id, chunk, flow_service.get_runs(chunk)) or []
            full |= {run.id: run for run in listed if run.id in chunk}
        # Whether a list of ids is always answered, and answered in full, is not published.
        for run_id in run_ids:
            if run_id not in full:
                full[run_id] = await self._pacer.poll(flow_service.get_run(run_id))
        return full
