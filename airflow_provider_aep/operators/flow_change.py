"""Operators that change, enable, disable, publish and remove a live dataflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_aep import api, reconcile, resources, runs
from airflow_provider_aep.exceptions import AepConfigError, AepError, AepNotFoundError
from airflow_provider_aep.links import AepDataflowLink
from airflow_provider_aep.models.flow_change import changed
from airflow_provider_aep.operators.base import AepOperator
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.xcom import link_dataflow, push, unlink_dataflow
from airflow_provider_aep.validation import Problems, checked_id

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.reconcile.ensure import Ensurer
    from airflow_provider_aep.reconcile.resource_type import ResourceType

_CONNECTIONS_KEY = "aep_connections_to_delete"


class AepUpdateFlowOperator(AepOperator):
    """Change a live dataflow in place. Returns its id; XCom keys ``etag`` and ``change``.

    Only what is named is compared and changed. What the platform cannot change in place is refused, with the reason.

    https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/update-dataflows

    :param flow_id: the dataflow.
    :param changes: any of ``name``, ``description``, ``schedule_params``, ``mapping_set_id``, ``mapping_set_version``,
        ``delta_column``, ``options``, ``transformations``, as in `AepCreateFlowOperator`.
    """

    template_fields: Sequence[str] = ("flow_id", "changes", *COMMON_FIELDS)
    template_fields_renderers: ClassVar[dict[str, str]] = {"changes": "json"}
    operator_extra_links = (AepDataflowLink(),)

    def __init__(self, *, flow_id: str, changes: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.flow_id = flow_id
        self.changes = changes

    def run(self, context: Context) -> str:
        client = self.hook.get_conn()
        link_dataflow(context, client, checked_id("flow_id", self.flow_id))
        live = client.send(api.flow_service.get_flow(self.flow_id))
        declared = changed(live, self.changes, client.now())
        ensured = reconcile.ensure.Ensurer(self.hook.send, client.sleep, client.now).change(
            resources.flow.FLOW, declared, live
        )
        push(context, etag=ensured.etag, change=ensured.change)
        self.keep_dataflow_lineage(context, client, self.flow_id)
        self.log.info("%s dataflow %s", ensured.change.capitalize(), self.flow_id)
        return self.flow_id


class AepSetFlowStateOperator(AepOperator):
    """Enable, disable or publish a dataflow; one that is in that state already is left alone.

    Returns its id; XCom key ``change``.

    :param flow_id: the dataflow.
    :param state: ``enabled`` or ``disabled``; ``published`` makes a draft a dataflow that runs, after the drafts among
        the connections that it stands on, as Adobe demands.
    """

    template_fields: Sequence[str] = ("flow_id", "state", *COMMON_FIELDS)
    operator_extra_links = (AepDataflowLink(),)

    def __init__(self, *, flow_id: str, state: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.flow_id = flow_id
        self.state = state

    def run(self, context: Context) -> str:
        checked_id("flow_id", self.flow_id)
        if self.state not in runs.flow_state.STATES:
            raise AepConfigError(f"state is {self.state!r}; it is one of {', '.join(runs.flow_state.STATES)}.")
        client = self.hook.get_conn()
        link_dataflow(context, client, self.flow_id)
        if self.state == "published":
            change = runs.flow_state.publish(client.send, client.sleep, self.flow_id)
        else:
            change = runs.flow_state.set_state(client.send, client.sleep, self.flow_id, self.state)
        push(context, change=change)
        self.log.info("Dataflow %s is %s", self.flow_id, self.state)
        return self.flow_id


class AepDeleteFlowOperator(AepOperator):
    """Delete a dataflow. One that is gone already is fine. Data that has landed stays.

    :param flow_id: the dataflow.
    :param delete_connections: delete its source and target connections as well, unless another dataflow uses them. The
        base connection, an account that others may share, stays.
    """

    template_fields: Sequence[str] = ("flow_id", "delete_connections", *COMMON_FIELDS)
    operator_extra_links = (AepDataflowLink(),)

    def __init__(self, *, flow_id: str, delete_connections: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.flow_id = flow_id
        self.delete_connections = delete_connections

    def run(self, context: Context) -> None:
        problems = Problems(f"deletion of dataflow {self.flow_id!r}")
        problems.id("flow_id", self.flow_id)
        everything = problems.flag("delete_connections", self.delete_connections)
        problems.raise_if_any()
        client = self.hook.get_conn()
        link_dataflow(context, client, self.flow_id)
        connections = self._connections(context) if everything else {}
        if connections:
            # Should this task be killed in the middle, its log says what is left.
            self.log.info("Dataflow %s is deleted first, then %s.", self.flow_id, _named(connections))
        ensurer = reconcile.ensure.Ensurer(client.send, client.sleep, client.now)
        removed = ensurer.remove(resources.flow.FLOW, self.flow_id)
        unlink_dataflow(context)
        self.log.info("Dataflow %s %s", self.flow_id, "deleted" if removed else "was gone already")
        self._delete_connections(ensurer, connections)
        if removed and client.list_lag > 0:
            # A list may show it for a while, and a task that makes it anew would take it for the live one.
            client.sleep(client.list_lag)

    def _connections(self, context: Context) -> dict[str, list[str]]:
        """What the dataflow joins. Written down before it goes, because afterwards nobody knows."""
        store: Any = context.get("task_state_store")
        try:
            flow = self.hook.send(api.flow_service.get_flow(self.flow_id))
        except AepNotFoundError:
            known: dict[str, list[str]] | None = store.get(_CONNECTIONS_KEY) if store is not None else None
            if known is None:
                self.log.warning(
                    "Dataflow %s is gone, so its source and target connections cannot be known any more, and they stay "
                    "if they are still there: the log of the try that deleted it names them.",
                    self.flow_id,
                )
            return known or {}
        connections = {"source": flow.source_connection_ids, "target": flow.target_connection_ids}
        if store is not None:
            store.set(_CONNECTIONS_KEY, connections)
        return connections

    def _delete_connections(self, ensurer: Ensurer, connections: dict[str, list[str]]) -> None:
        left = {side: list(connections.get(side, [])) for side in ("target", "source")}
        try:
            for side, ids in left.items():
                while ids:
                    self._delete_connection(ensurer, side, ids[0])
                    ids.pop(0)
        except AepError as problem:
            problem.args = (f"{problem} The dataflow {self.flow_id} is deleted; still there: {_named(left)}.",)
            raise

    def _delete_connection(self, ensurer: Ensurer, side: str, id_: str) -> None:
        type_: ResourceType[Any] = (
            resources.target_connection.TARGET_CONNECTION
            if side == "target"
            else resources.source_connection.SOURCE_CONNECTION
        )
        # A list may show the deleted dataflow for a while.
        others = [flow_id for flow_id in type_.dependents(self.hook.send, id_) if flow_id != self.flow_id]
        if others:
            self.log.warning("The %s %s stays: dataflow %s uses it.", type_.noun, id_, others[0])
        else:
            ensurer.remove(type_, id_)
            self.log.info("Deleted %s %s", type_.noun, id_)


def _named(connections: dict[str, list[str]]) -> str:
    return ", ".join(f"{side} connection {id_}" for side, ids in connections.items() for id_ in ids)
