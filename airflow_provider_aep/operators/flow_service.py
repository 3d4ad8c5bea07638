"""Operators for Flow Service: from the base connection to the dataflow.

https://developer.adobe.com/experience-platform-apis/references/flow-service/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseHook
from airflow.sdk.log import mask_secret

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.ensure import pick
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.kinds import BASE_CONNECTION, FLOW, SOURCE_CONNECTION, TARGET_CONNECTION
from airflow_provider_aep.links import FLOW_URL_KEY, AepDataflowLink, dataflow_url
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_spec import FlowSpec, fits
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.operators.base import AepCreateOperator, AepOperator
from airflow_provider_aep.operators.flow_change import (
    AepDeleteFlowOperator,
    AepSetFlowStateOperator,
    AepUpdateFlowOperator,
)
from airflow_provider_aep.operators.flow_run import AepRetryFlowRunOperator, AepRunFlowOperator
from airflow_provider_aep.task import COMMON_FIELDS, push

if TYPE_CHECKING:
    from airflow.sdk import Context

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


class AepCreateBaseConnectionOperator(AepCreateOperator[BaseConnection]):
    """Make sure a base connection (an account at a source) is there. Returns its id; XCom key ``etag``.

    Secrets are not compared, because the platform does not show them: with ``if_exists="update"`` they are sent anew.

    :param name: by which the connection is found again.
    :param connector: a name such as ``salesforce``, or a connection spec id.
    :param auth_spec_name: how to sign in, as the connection spec names it, e.g. ``Basic Authentication``.
    :param auth_params: auth parameters that are no secrets, as Adobe spells them.
    :param credentials_conn_id: an Airflow connection with the source's secrets: the keys of its extra are auth
        parameters as Adobe spells them, login and password are ``username`` and ``password``.
    """

    kind = BASE_CONNECTION
    template_fields: Sequence[str] = (
        "name",
        "connector",
        "auth_spec_name",
        "auth_params",
        "credentials_conn_id",
        "description",
        *COMMON_FIELDS,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"auth_params": "json"}

    def __init__(
        self,
        *,
        name: str,
        connector: str,
        auth_spec_name: str,
        auth_params: Mapping[str, Any] | None = None,
        credentials_conn_id: str | None = None,
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.name = name
        self.connector = connector
        self.auth_spec_name = auth_spec_name
        self.auth_params = auth_params
        self.credentials_conn_id = credentials_conn_id
        self.description = description

    def declare(self) -> BaseConnection:
        return BaseConnection.declare(
            name=self.name,
            connector=self.connector,
            auth_spec_name=self.auth_spec_name,
            auth_params=self.auth_params,
            credentials=self._credentials(),
            description=self.description,
        )

    def _credentials(self) -> dict[str, Any]:
        if not self.credentials_conn_id:
            return {}
        connection = BaseHook.get_connection(self.credentials_conn_id)
        known = {"username": connection.login, "password": connection.password, **connection.extra_dejson}
        secrets = {key: value for key, value in known.items() if value not in (None, "")}
        for key, value in secrets.items():
            if key != "username":
                mask_secret(str(value))
        return secrets


class AepExploreConnectionOperator(AepOperator):
    """Look into a source. Returns its tables, files and folders or, with `object_path`, the columns of a table, ready
    for ``source_params``.

    :param object_path: a table, such as ``Accounts``.
    """

    template_fields: Sequence[str] = ("base_connection_id", "object_path", *COMMON_FIELDS)

    def __init__(self, *, base_connection_id: str, object_path: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base_connection_id = base_connection_id
        self.object_path = object_path

    def ask(self, context: Context) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.hook.send(
            flow_service.explore_connection(self.base_connection_id, self.object_path)
        )
        names = ", ".join(str(one.get("name")) for one in found)
        self.log.info("%s: %s", f"Columns of {self.object_path}" if self.object_path else "Root", names)
        return found


class AepCreateSourceConnectionOperator(AepCreateOperator[SourceConnection]):
    """Make sure a source connection (what is read, and in which format) is there. Returns its id; XCom key ``etag``.

    :param name: by which the connection is found again.
    :param connector: a name such as ``salesforce``, or a connection spec id.
    :param base_connection_id: the account it is read through; a Data Landing Zone has none.
    :param data_format: ``tabular`` for tables (the default), ``delimited``, ``json`` or ``parquet`` for files,
        ``json`` for streams (the default).
    :param source_params: tables: ``tableName`` and ``columns``; files: ``path``, and perhaps ``columnDelimiter``,
        ``encoding``, ``compressionType``; streams: as the source wants.
    """

    kind = SOURCE_CONNECTION
    template_fields: Sequence[str] = (
        "name",
        "connector",
        "base_connection_id",
        "data_format",
        "source_params",
        "description",
        *COMMON_FIELDS,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"source_params": "json"}

    def __init__(
        self,
        *,
        name: str,
        connector: str,
        base_connection_id: str | None = None,
        data_format: str | None = None,
        source_params: Mapping[str, Any] | None = None,
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.name = name
        self.connector = connector
        self.base_connection_id = base_connection_id
        self.data_format = data_format
        self.source_params = source_params
        self.description = description

    def declare(self) -> SourceConnection:
        return SourceConnection.declare(
            name=self.name,
            connector=self.connector,
            base_connection_id=self.base_connection_id,
            data_format=self.data_format,
            source_params=self.source_params,
            description=self.description,
        )


class AepCreateTargetConnectionOperator(AepCreateOperator[TargetConnection]):
    """Make sure a target connection (the dataset written to) is there. Returns its id; XCom key ``etag``.

    :param name: by which the connection is found again.
    :param dataset_id: the dataset.
    :param schema_id: ``$id`` of the dataset's schema.
    :param schema_version: major version of the schema.
    """

    kind = TARGET_CONNECTION
    template_fields: Sequence[str] = (
        "name",
        "dataset_id",
        "schema_id",
        "schema_version",
        "data_format",
        "description",
        *COMMON_FIELDS,
    )

    def __init__(
        self,
        *,
        name: str,
        dataset_id: str,
        schema_id: str,
        schema_version: int | str = 1,
        data_format: str = "parquet_xdm",
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.name = name
        self.dataset_id = dataset_id
        self.schema_id = schema_id
        self.schema_version = schema_version
        self.data_format = data_format
        self.description = description

    def declare(self) -> TargetConnection:
        return TargetConnection.declare(
            name=self.name,
            dataset_id=self.dataset_id,
            schema_id=self.schema_id,
            schema_version=self.schema_version,
            data_format=self.data_format,
            description=self.description,
        )


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

    def ask(self, context: Context) -> str:
        if bool(self.name) == bool(self.connector):
            raise AepConfigError("Say either name or connector, one of them: which flow spec is to be looked up?")
        spec = self._by_name() if self.name else self._by_connector()
        push(context, version=spec.version, flow_runs_supported=spec.flow_runs_supported)
        self.log.info("Flow spec %r: %s", spec.name, spec.id)
        return spec.id

    def _by_name(self) -> FlowSpec:
        specs = self.hook.send(flow_service.list_flow_specs(self.name))
        named = [spec for spec in specs if spec.name == self.name]
        return pick(named, "flow spec", f"named {self.name!r}", lambda spec: spec.id)

    def _by_connector(self) -> FlowSpec:
        source = get_connector(str(self.connector))
        specs = self.hook.send(flow_service.list_flow_specs(source.flow_spec))
        fitting = [spec for spec in specs if source.connection_spec_id in spec.source_connection_spec_ids]
        named = [spec for spec in fitting if source.flow_spec in (None, spec.name)]
        return pick(named, "flow spec", f"for connector {self.connector!r}", lambda spec: spec.id)


class AepCreateFlowOperator(AepCreateOperator[Flow]):
    """Make sure a dataflow is there. Returns its id; XCom key ``etag``.

    :param name: by which the dataflow is found again.
    :param flow_spec_id: from `AepGetFlowSpecOperator`.
    :param mapping_set_id: needed by batch dataflows; streaming ones of XDM data have none.
    :param delta_column: for scheduled table sources: ``{"name": ..., "dateFormat": ..., "timezone": ...}``.
    :param schedule_params: for batches: ``{"start_time", "frequency", "interval", "backfill"}``. The start time is
        epoch seconds, an ISO string with an offset, or an aware datetime; it says when a new dataflow begins (default:
        in five minutes), and a live one keeps its own.
    :param options: e.g. ``{"errorDiagnosticsEnabled": True, "partialIngestionPercent": 5}``.
    """

    kind = FLOW
    template_fields: Sequence[str] = (
        "name",
        "flow_spec_id",
        "source_connection_id",
        "target_connection_id",
        "mapping_set_id",
        "mapping_set_version",
        "delta_column",
        "schedule_params",
        "options",
        "description",
        *COMMON_FIELDS,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "delta_column": "json",
        "schedule_params": "json",
        "options": "json",
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
        mapping_set_version: int | str = 0,
        delta_column: Mapping[str, str] | None = None,
        schedule_params: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.name = name
        self.flow_spec_id = flow_spec_id
        self.source_connection_id = source_connection_id
        self.target_connection_id = target_connection_id
        self.mapping_set_id = mapping_set_id
        self.mapping_set_version = mapping_set_version
        self.delta_column = delta_column
        self.schedule_params = schedule_params
        self.options = options
        self.description = description

    def declare(self) -> Flow:
        return Flow.declare(
            name=self.name,
            flow_spec_id=self.flow_spec_id,
            source_connection_id=self.source_connection_id,
            target_connection_id=self.target_connection_id,
            mapping_set_id=self.mapping_set_id,
            mapping_set_version=self.mapping_set_version,
            delta_column=self.delta_column,
            schedule_params=self.schedule_params,
            options=self.options,
            description=self.description,
        )

    def prepare(self, declared: Flow) -> Flow:
        """Hold the dataflow against its flow spec and its source, and give it a start time."""
        flow_spec = self.hook.send(flow_service.get_flow_spec(self.flow_spec_id))
        source = self.hook.send(flow_service.get_source_connection(self.source_connection_id))
        flow = declared.with_start(self.hook.get_conn().now())
        fits(flow, flow_spec, source.connection_spec.id)
        return flow

    def ask(self, context: Context) -> str:
        flow_id = super().ask(context)
        client = self.hook.get_conn()
        push(context, **{FLOW_URL_KEY: dataflow_url(client.org_id, client.sandbox, flow_id)})
        return flow_id
