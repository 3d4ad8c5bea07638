"""Operators for Flow Service: from the base connection to the dataflow.

https://developer.adobe.com/experience-platform-apis/references/flow-service/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_aep import api, reconcile, resources
from airflow_provider_aep.connectors import FLOW_SPEC_IDS, get_connector
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.links import AepDataflowLink
from airflow_provider_aep.operators.base import AepCreateOperator, AepOperator
from airflow_provider_aep.operators.connections import (
    AepCreateBaseConnectionOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
    AepExploreConnectionOperator,
)
from airflow_provider_aep.operators.flow_change import (
    AepDeleteFlowOperator,
    AepSetFlowStateOperator,
    AepUpdateFlowOperator,
)
from airflow_provider_aep.operators.flow_run import AepRetryFlowRunOperator, AepRunFlowOperator
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.xcom import link_dataflow, push

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.models.flow import Flow
    from airflow_provider_aep.models.flow_spec import FlowSpec
    from airflow_provider_aep.reconcile.resource_type import Ensured, ResourceType

__all__ = [
    "AepCreateBaseConnectionOperator",
    "AepCreateFlowOperator",
    "AepCreateSourceConnectionOperator",
    "AepCreateTargetConnectionOperator",
    "AepDeleteFlowOperator",
    "AepExploreConnectionOperator",
    "AepGetFlowSpecOperator",
    "AepRetryFlowRunOperator",
    "AepRunFlowOperator",
    "AepSetFlowStateOperator",
    "AepUpdateFlowOperator",
]


class AepGetFlowSpecOperator(AepOperator):
    """Look up a flow spec, by its name or for a connector. Returns its id.

    XCom keys ``version`` and ``flow_runs_supported``.

    :param name: e.g. ``CRMToAEP``.
    :param connector: the source for which the flow spec is wanted.
    """

    template_fields: Sequence[str] = ("name", "connector", *COMMON_FIELDS)

    def __init__(self, *, name: str | None = None, connector: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = name
        self.connector = connector

    def run(self, context: Context) -> str:
        if bool(self.name) == bool(self.connector):
            raise AepConfigError("Say either name or connector, one of them: which flow spec is to be looked up?")
        spec = self._by_name() if self.name else self._by_connector()
        push(context, version=spec.version, flow_runs_supported=spec.flow_runs_supported)
        self.log.info("Flow spec %r: %s", spec.name, spec.id)
        return spec.id

    def _by_name(self) -> FlowSpec:
        specs = self._list(self.name)
        named = [spec for spec in specs if spec.name == self.name]
        return _exactly_one(named, f"named {self.name!r}")

    def _by_connector(self) -> FlowSpec:
        source = get_connector(str(self.connector))
        specs = self._list(source.flow_spec)
        fitting = [spec for spec in specs if source.connection_spec_id in spec.source_connection_spec_ids]
        named = [spec for spec in fitting if source.flow_spec in (None, spec.name)]
        return _exactly_one(named, f"for connector {self.connector!r}")

    def _list(self, name: str | None) -> list[FlowSpec]:
        specs, unreadable = reconcile.lookup.list_items(self.hook.send, api.flow_service.list_flow_specs(name))
        reconcile.lookup.check_readable("flow spec", repr(name), {"name": name}, unreadable)
        if not specs and name is not None and name in FLOW_SPEC_IDS:
            # Ids are published, too, and the platform may have renamed it.
            specs = [self._published(name)]
        return specs

    def _published(self, name: str) -> FlowSpec:
        spec = self.hook.send(api.flow_service.get_flow_spec(FLOW_SPEC_IDS[name]))
        self.log.info("The flow spec that is published as %r is called %r here.", name, spec.name)
        return spec.model_copy(update={"name": name})


def _exactly_one(specs: list[FlowSpec], label: str) -> FlowSpec:
    return reconcile.decide.exactly_one(specs, "flow spec", label, ids=[spec.id for spec in specs])


class AepCreateFlowOperator(AepCreateOperator["Flow"]):
    """Make sure a dataflow is there. Returns its id; XCom key ``etag``, and ``inlet_url`` if it has an endpoint of its
    own to which data is streamed.

    A dataflow to a destination may have the same name: it does not count.

    :param name: by which the dataflow is found again.
    :param flow_spec_id: from `AepGetFlowSpecOperator`.
    :param source_connection_id: what it reads.
    :param target_connection_id: where it lands.
    :param mapping_set_id: needed by batch dataflows; streaming ones of XDM data have none.
    :param mapping_set_version: the version of the mapping set, as XCom ``version`` of `AepCreateMappingSetOperator`
        has it. None (the default): a new dataflow gets the latest version that is shown, and a live one on the same
        mapping set is moved to it by ``if_exists="update"``, and left with a warning by ``reuse``.
    :param delta_column: for scheduled table sources: ``{"name": ..., "dateFormat": ..., "timezone": ...}``.
    :param schedule_params: for batches: ``{"start_time", "frequency", "interval", "backfill"}``. The start time is
        epoch seconds, an ISO string with an offset, or an aware datetime; it says when a new dataflow begins (default:
        in five minutes), and a live one keeps its own.
    :param options: e.g. ``{"errorDiagnosticsEnabled": True, "partialIngestionPercent": 5}``.
    :param description: shown in the UI.
    :param transformations: further ones, such as ``{"name": "Encryption", "params": {"publicKeyId": ...}}``: sent as
        they are, compared by name. Which ones there are, the flow spec says.
    """

    template_fields_renderers: ClassVar[dict[str, str]] = {
        "delta_column": "json",
        "schedule_params": "json",
        "options": "json",
        "transformations": "json",
    }
    operator_extra_links = (AepDataflowLink(),)

    def __init__(
        self,
        *,
        name: str,
        flow_spec_id: str,
        source_connection_id: str,
        target_connection_id: str,
        mapping_set_id: str | None = None,
        mapping_set_version: int | str | None = None,
        delta_column: Mapping[str, str] | None = None,
        schedule_params: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        description: str | None = None,
        transformations: Sequence[Mapping[str, Any]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.keep(locals())

    @property
    def resource_type(self) -> ResourceType[Flow]:
        return resources.flow.FLOW

    def xcoms(self, ensured: Ensured[Flow]) -> dict[str, Any]:
        # Only a streaming dataflow, which has no schedule, may have an endpoint of its own.
        streams = self.arguments()["schedule_params"] is None
        live = self.live(ensured) if streams else None
        return {**super().xcoms(ensured), "inlet_url": live and live.inlet_url}

    def keep_lineage(self, context: Context, declared: Flow, id_: str) -> None:
        self.keep_dataflow_lineage(context, self.hook.get_conn(), id_)

    def run(self, context: Context) -> str:
        try:
            flow_id = super().run(context)
        except AepConflictError as conflict:
            link_dataflow(context, self.hook.get_conn(), conflict.live_id)
            raise
        link_dataflow(context, self.hook.get_conn(), flow_id)
        return flow_id
