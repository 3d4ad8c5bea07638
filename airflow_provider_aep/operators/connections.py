"""Operators for the connections of a dataflow: base, source and target.

https://developer.adobe.com/experience-platform-apis/references/flow-service/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseHook
from airflow.sdk.log import mask_secret

from airflow_provider_aep import resources
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.operators import sent_credentials
from airflow_provider_aep.operators.base import AepCreateOperator
from airflow_provider_aep.operators.explore import AepExploreConnectionOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.models.base_connection import BaseConnection
    from airflow_provider_aep.models.source_connection import SourceConnection
    from airflow_provider_aep.models.target_connection import TargetConnection
    from airflow_provider_aep.reconcile.resource_type import Ensured, ResourceType

__all__ = [
    "AepCreateBaseConnectionOperator",
    "AepCreateSourceConnectionOperator",
    "AepCreateTargetConnectionOperator",
    "AepExploreConnectionOperator",
]


class AepCreateBaseConnectionOperator(AepCreateOperator["BaseConnection"]):
    """Make sure a base connection (an account at a source) is there. Returns its id; XCom key ``etag``, and
    ``inlet_url`` if data is streamed to an endpoint of it (HTTP API).

    Secrets are not compared, because the platform does not show them. With ``if_exists="update"`` they are sent, unless
    this task has sent the very same before, in an earlier DAG run, and nobody has changed the connection since.

    :param name: by which the connection is found again.
    :param connector: a name such as ``salesforce``, or a connection spec id.
    :param auth_spec_name: how to sign in, as the connection spec names it, e.g. ``Basic Authentication``.
    :param auth_params: auth parameters that are no secrets, as Adobe spells them.
    :param credentials_conn_id: an Airflow connection with the source's secrets: the keys of its extra are auth
        parameters as Adobe spells them, login and password are ``username`` and ``password``.
    :param description: shown in the UI.
    """

    # Of the declared secrets, if they may have to be sent again.
    _digest: str | None = None
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
        self.keep(locals())

    @property
    def resource_type(self) -> ResourceType[BaseConnection]:
        return resources.base_connection.BASE_CONNECTION

    def arguments(self) -> dict[str, Any]:
        arguments = super().arguments()
        credentials = source_credentials(arguments.pop("credentials_conn_id"))
        return {**arguments, "credentials": credentials}

    def run(self, context: Context) -> str:
        declared = self.declare()
        if self.if_exists == "update":
            self._digest = sent_credentials.digest_of(declared, self.aep_conn_id)
            declared.sent_at = sent_credentials.etags_after_sending(context, self._digest)
        return self.ensure(context, declared)

    def xcoms(self, ensured: Ensured[BaseConnection]) -> dict[str, Any]:
        sent = None if ensured.change == "reused" else sent_credentials.to_remember(self._digest, ensured.etag)
        has_inlet = get_connector(self.arguments()["connector"]).name == "http-api"
        live = self.live(ensured) if has_inlet else None
        return {
            **super().xcoms(ensured),
            "inlet_url": live and live.inlet_url,
            sent_credentials.XCOM_KEY: sent,
        }


def source_credentials(conn_id: str | None) -> dict[str, Any]:
    """The source's secrets, from an Airflow connection; the log masks them from here on."""
    if not conn_id:
        return {}
    # The client's part of the package is slow to import, and a DAG file that names an operator sends nothing.
    from airflow_provider_aep.hooks.connection import fields_of

    secrets = fields_of(BaseHook.get_connection(conn_id), conn_id).auth_params()
    for key, value in secrets.items():
        if key != "username":
            _mask(value)
    return secrets


def _mask(value: Any) -> None:
    """Keep a secret, and whatever an extra nests, out of logs."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            _mask(one)
    elif not isinstance(value, bool | None):
        mask_secret(str(value))


class AepCreateSourceConnectionOperator(AepCreateOperator["SourceConnection"]):
    """Make sure a source connection (what is read, and in which format) is there. Returns its id; XCom key ``etag``.

    :param name: by which the connection is found again.
    :param connector: a name such as ``salesforce``, or a connection spec id.
    :param base_connection_id: the account it is read through; a Data Landing Zone has none.
    :param data_format: ``tabular`` for tables (the default), ``delimited``, ``json`` or ``parquet`` for files,
        ``json`` for streams (the default).
    :param source_params: tables: ``tableName`` and ``columns``; files: ``path``, and perhaps ``columnDelimiter``,
        ``encoding``, ``compressionType``; streams: as the source wants.
    :param description: shown in the UI.
    """

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
        self.keep(locals())

    def keep_lineage(self, context: Context, declared: SourceConnection, id_: str) -> None:
        self.keep_end(self.hook.get_conn(), source=declared)

    @property
    def resource_type(self) -> ResourceType[SourceConnection]:
        return resources.source_connection.SOURCE_CONNECTION


class AepCreateTargetConnectionOperator(AepCreateOperator["TargetConnection"]):
    """Make sure a target connection (the dataset written to) is there. Returns its id; XCom key ``etag``.

    :param name: by which the connection is found again.
    :param dataset_id: the dataset.
    :param schema_id: ``$id`` of the dataset's schema.
    :param schema_version: major version of the schema.
    :param data_format: how the data lake keeps the data; ``parquet_xdm`` is the only one that Adobe documents.
    :param description: shown in the UI.
    """

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
        self.keep(locals())

    def keep_lineage(self, context: Context, declared: TargetConnection, id_: str) -> None:
        dataset_id, schema = declared.params.data_set_id, declared.data.xdm_schema
        self.keep_end(self.hook.get_conn(), dataset_id=dataset_id, schema_id=schema.id if schema else None)

    @property
    def resource_type(self) -> ResourceType[TargetConnection]:
        return resources.target_connection.TARGET_CONNECTION
