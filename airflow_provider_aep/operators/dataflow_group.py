"""A spec of a dataflow as a task group: one task for each of its steps, for a DAG that shows and retries them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import TaskGroup

from airflow_provider_aep.connectors import FLOW_SPEC_IDS, get_connector
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.operators.base import AepCreateOperator, AepOperator
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.connections import (
    AepCreateBaseConnectionOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
    AepExploreConnectionOperator,
)
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_change import AepSetFlowStateOperator
from airflow_provider_aep.operators.flow_service import AepCreateFlowOperator, AepGetFlowSpecOperator
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator
from airflow_provider_aep.sensors.flow_run import AepFlowRunSensor
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.validation import id_problem

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.dataflow.spec import DataflowSpec

_OPERATORS: Final[Mapping[str, type[AepCreateOperator[Any]]]] = {
    "base_connection": AepCreateBaseConnectionOperator,
    "schema": AepCreateSchemaOperator,
    "source_connection": AepCreateSourceConnectionOperator,
    "dataset": AepCreateDatasetOperator,
    "mapping_set": AepCreateMappingSetOperator,
    "target_connection": AepCreateTargetConnectionOperator,
    "flow": AepCreateFlowOperator,
}


def aep_dataflow(
    group_id: str, spec: Any, *, wait: bool = False, sandbox: str | None = None, **operator_defaults: Any
) -> TaskGroup:
    """The steps of a spec as tasks: each makes sure that its resource is there, as `AepApplyDataflowOperator` does for
    all of them at once. The spec is read when the DAG file is parsed; the platform is not asked then.

    The tasks are called ``base_connection``, ``schema``, ``columns``, ``source_connection``, ``dataset``,
    ``mapping_set``, ``target_connection`` and ``flow``, within the group; which of them there are, the spec says.

    :param spec: a path or a dict, of one dataflow.
    :param wait: also wait for the first run of the dataflow, by the ``policy`` of the spec, deferred (task ``run``).
    :param sandbox: instead of the connection's; needed for a spec that lists sandboxes.
    :param operator_defaults: arguments of all tasks, such as ``aep_conn_id`` and ``retries``; and ``if_exists`` of
        those that make something, ``update`` by default.
    :raises AepConfigError: every problem of the spec.
    """
    from airflow_provider_aep.dataflow.files import load

    specs = load(spec, sandbox=sandbox).dataflows
    if len(specs) != 1:
        raise AepConfigError(f"spec is of {len(specs)} dataflows, and a task group shows one.")
    if specs[0].state in ("absent", "draft"):
        raise AepConfigError(f"state is {specs[0].state!r}, which a task group cannot bring about: apply the spec.")
    if sandbox is not None:
        operator_defaults["sandbox"] = sandbox
    with TaskGroup(group_id=group_id, tooltip=specs[0].description or "") as group:
        _Steps(specs[0], operator_defaults).add(wait)
    return group


class _Steps:
    """The tasks of one dataflow, made in the order of its steps.

    :param ids: step -> the XCom value that is its id.
    """

    def __init__(self, spec: DataflowSpec, defaults: Mapping[str, Any]) -> None:
        self.spec = spec
        self.if_exists = defaults.get("if_exists", "update")
        self.defaults = {key: value for key, value in defaults.items() if key != "if_exists"}
        self.ids: dict[str, Any] = {}

    def add(self, wait: bool) -> None:
        from airflow_provider_aep.dataflow.resources import steps_of

        flow_spec = self._flow_spec()
        if flow_spec is not None:
            self.ids["flow_spec"] = flow_spec
        for step in steps_of(self.spec):
            self.ids[step] = self._id_of(step)
        flow_id = self.ids["flow"]
        if self.spec.state is not None:
            state = AepSetFlowStateOperator(task_id="state", flow_id=flow_id, state=self.spec.state, **self.defaults)
            flow_id = state.output
        if wait:
            AepFlowRunSensor(task_id="run", flow_id=flow_id, policy=self.spec.policy, deferrable=True, **self.defaults)

    def _flow_spec(self) -> Any:
        """The id of the flow spec, from a task where Adobe publishes none; None where it is known."""
        named = self.spec.flow_spec or get_connector(self.spec.connector).flow_spec
        if named in FLOW_SPEC_IDS or (named is not None and id_problem(named, "uuid") is None):
            return None
        wanted = {"name": self.spec.flow_spec} if self.spec.flow_spec else {"connector": self.spec.connector}
        return AepGetFlowSpecOperator(task_id="flow_spec", **wanted, **self.defaults).output

    def _id_of(self, step: str) -> Any:
        from airflow_provider_aep.dataflow.resources import arguments, asks_for_columns

        account, schema = self.spec.base_connection, self.spec.schema_
        part: Any = {"base_connection": account, "schema": schema, "dataset": self.spec.dataset}.get(step)
        if part is not None and part.id is not None:
            return part.id
        if step in ("base_connection", "schema") and part.is_reference:
            name = (part.name if step == "base_connection" else part.title) or self.spec.name
            return AepFindResourceOperator(
                task_id=step, step=step, name=name, connector=self.spec.connector, **self.defaults
            ).output
        given = arguments(self.spec, step, self.ids)
        if account is not None and step == "base_connection" and account.credentials_conn_id:
            given["credentials_conn_id"] = account.credentials_conn_id
        if step == "source_connection" and asks_for_columns(self.spec):
            given["source_params"] = {**given.get("source_params", {}), "columns": self._columns()}
        return _OPERATORS[step](task_id=step, if_exists=self.if_exists, **given, **self.defaults).output

    def _columns(self) -> Any:
        source = self.spec.source
        return AepExploreConnectionOperator(
            task_id="columns",
            base_connection_id=self.ids.get("base_connection"),
            connector=self.spec.connector,
            object_path=source.table or source.params.get("tableName"),
            **self.defaults,
        ).output


class AepFindResourceOperator(AepOperator):
    """Find an account or a schema to which a spec refers by its name alone. Returns its id.

    :param step: ``base_connection`` or ``schema``.
    :param name: its name, or the title of a schema.
    :param connector: of an account, the source.
    """

    template_fields = ("step", "name", "connector", *COMMON_FIELDS)

    def __init__(self, *, step: str, name: str, connector: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step = step
        self.name = name
        self.connector = connector

    def run(self, context: Context) -> str:
        from airflow_provider_aep.dataflow.identity import reference_to
        from airflow_provider_aep.dataflow.resources import TYPES
        from airflow_provider_aep.reconcile.decide import exactly_one
        from airflow_provider_aep.reconcile.lookup import OneByOne

        type_ = TYPES[self.step]
        found = OneByOne(self.hook.send)(type_, reference_to(self.step, self.name, self.connector))
        one = exactly_one(found, type_.noun, repr(self.name), [type_.id_of(live) for live in found])
        self.log.info("%s %r: %s", type_.noun.capitalize(), self.name, type_.id_of(one))
        return type_.id_of(one)
