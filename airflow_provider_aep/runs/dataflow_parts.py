"""The parts of a live dataflow: where it reads, where it writes, and what it makes of the data on the way."""

from __future__ import annotations

from functools import cached_property

from airflow_provider_aep.api import data_prep, flow_service
from airflow_provider_aep.api.call import Send
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection


class DataflowParts:
    """The parts of one dataflow as the platform shows them. Each is read when it is first asked for, and once.

    Every part may raise what `send` raises.
    """

    def __init__(self, send: Send, flow_id: str) -> None:
        self._send = send
        self._flow_id = flow_id

    @cached_property
    def flow(self) -> Flow:
        return self._send(flow_service.get_flow(self._flow_id))

    @cached_property
    def source(self) -> SourceConnection | None:
        """The source connection; None if the dataflow names none."""
        ids = self.flow.source_connection_ids
        return self._send(flow_service.get_source_connection(ids[0])) if ids else None

    @cached_property
    def target(self) -> TargetConnection | None:
        """The target connection; None if the dataflow names none."""
        ids = self.flow.target_connection_ids
        return self._send(flow_service.get_target_connection(ids[0])) if ids else None

    @cached_property
    def mapping_set(self) -> MappingSet | None:
        """The mapping set at the version that the dataflow uses; None where data is XDM already."""
        id_ = self.flow.mapping_set_id
        return self._send(data_prep.get_mapping_set(id_, self.flow.mapping_set_version)) if id_ else None
