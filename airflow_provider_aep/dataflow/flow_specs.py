"""The flow spec of a dataflow: looked up on the platform. Its rules say what a dataflow may hold."""

from __future__ import annotations

from functools import cached_property

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Send
from airflow_provider_aep.connectors import FLOW_SPEC_IDS, get_connector
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_spec import FlowSpec, validate_against_spec
from airflow_provider_aep.validation import id_problem


class FlowSpecs:
    """The flow specs of the platform, listed when the first of them is needed."""

    def __init__(self, send: Send) -> None:
        self._send = send

    @cached_property
    def _listed(self) -> list[FlowSpec]:
        return self._send(flow_service.list_flow_specs())

    def id_for(self, spec: DataflowSpec, live: Flow | None) -> str:
        """The id of the flow spec of a dataflow: the platform's own, by name or for the connector.

        :raises AepConfigError: the platform has none, or more than one.
        """
        named = spec.flow_spec or get_connector(spec.connector).flow_spec
        if named is not None and id_problem(named, "uuid") is None:
            return named
        live_id = live.flow_spec.id if live else None
        if live_id is not None and live_id == FLOW_SPEC_IDS.get(named or ""):
            # What Adobe publishes: no need to ask.
            return live_id
        found = self._for_connector(spec.connector, named)
        used = [each for each in found if each.id == live_id]
        if len(used or found) != 1:
            listed = ", ".join(f"{each.name or '(no name)'} ({each.id})" for each in found) or "none"
            said = f"named {named!r} for" if named else "for"
            raise AepConfigError(
                f"flow_spec must say which flow spec is meant, by its id: {said} {spec.connector!r} there is {listed}."
            )
        return (used or found)[0].id

    def _for_connector(self, connector: str, named: str | None) -> list[FlowSpec]:
        """The flow specs for a connector that have a name, or the id that Adobe publishes for it: the platform may have
        renamed it. Without a name, all for the connector.
        """
        source = get_connector(connector).connection_spec_id
        fitting = [each for each in self._listed if source in each.source_connection_spec_ids]
        if named is None:
            return fitting
        of_name = [each for each in fitting if each.name == named]
        return of_name or [each for each in fitting if each.id == FLOW_SPEC_IDS.get(named)]

    def check(self, spec: DataflowSpec, declared: Flow, now: float, *, replaces: bool) -> None:
        """Check a new dataflow by the rules of its flow spec.

        :param now: the platform's time in epoch seconds.
        :param replaces: whether it replaces a live dataflow: then its start time is not the declared one.
        :raises AepConfigError: it breaks a rule of the flow spec, or its start time lies in the past.
        """
        found = next((each for each in self._listed if each.id == declared.flow_spec.id), None)
        if found is None:
            raise AepConfigError(f"flow_spec is {declared.flow_spec.id!r}, which the platform does not list.")
        if replaces and declared.schedule_params:
            schedule = declared.schedule_params.model_copy(update={"start_time": None})
            declared = declared.model_copy(update={"schedule_params": schedule})
        validate_against_spec(declared.with_start(now), found, get_connector(spec.connector).connection_spec_id)
