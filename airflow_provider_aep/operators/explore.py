"""The operator that explores a source: its tables, files and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_aep import api
from airflow_provider_aep.connectors import Connector, get_connector
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.explore import DATA_LANDING_ZONE, explore_params
from airflow_provider_aep.operators.base import AepOperator
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.xcom import push

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.api.call import Call
    from airflow_provider_aep.models.explored import Explored


class AepExploreConnectionOperator(AepOperator):
    """Look into a source.

    Returns its tables, files and folders, or the columns of a table, ready for ``source_params``, or of a file. Nested
    data has one entry per leaf: ``{"name": "owner.email", "type": "string"}``; what a list holds is named below the
    list. XCom key ``properties``: how a file is to be read, where the platform says so.

    :param base_connection_id: the account; a Data Landing Zone has none.
    :param connector: the source, by a name such as ``data-landing-zone`` or a connection spec id. Of an account it is
        looked up.
    :param object_path: a table, a file or a folder; left out for the root. A REST source has ``json`` here by default.
    :param object_type: ``root``, ``table``, ``file``, ``folder`` or ``rest``. Left out, it is taken from connector and
        path: a path without an ending, such as ``/exports``, is a folder unless `options` say how it is to be read.
    :param options: as Adobe spells them: ``fileType``, ``compressionType``, ``columnDelimiter``, ``encoding``,
        ``preview``, ``determineProperties`` (the platform finds out how a file is to be read), and ``sourceParams`` and
        ``filters`` as dicts. What the name of a file tells need not be said: ``leads.csv.gz`` is ``delimited`` and
        ``gzip``. A file whose name tells nothing is looked into by the platform.
    """

    template_fields: Sequence[str] = (
        "base_connection_id",
        "connector",
        "object_path",
        "object_type",
        "options",
        *COMMON_FIELDS,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"options": "json"}

    def __init__(
        self,
        *,
        base_connection_id: str | None = None,
        connector: str | None = None,
        object_path: str | None = None,
        object_type: str | None = None,
        options: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.base_connection_id = base_connection_id
        self.connector = connector
        self.object_path = object_path
        self.object_type = object_type
        self.options = options

    def run(self, context: Context) -> list[dict[str, Any]]:
        found = self.hook.send(self._call())
        push(context, properties=found.properties)
        names = ", ".join(str(one["name"]) for one in found.entries)
        self.log.info("%s: %s", self.object_path or "Root", names or "nothing")
        return found.entries

    def _call(self) -> Call[Explored]:
        source = self._source()
        params = explore_params(source, self.object_path, self.object_type, self.options)
        if source.connection_spec_id == DATA_LANDING_ZONE:
            if self.base_connection_id is not None:
                raise AepConfigError("base_connection_id must be left out: a Data Landing Zone has no base connection.")
            return api.explore.explore_connection_spec(DATA_LANDING_ZONE, params)
        if self.base_connection_id is None:
            raise AepConfigError(
                f"base_connection_id is missing: {source.title} is explored through a base connection, "
                "and only connector='data-landing-zone' without one."
            )
        return api.explore.explore_connection(self.base_connection_id, params)

    def _source(self) -> Connector:
        if self.connector is not None:
            return get_connector(self.connector)
        if self.base_connection_id is None:
            raise AepConfigError("Say base_connection_id, or connector='data-landing-zone': what is to be explored?")
        base = self.hook.send(api.flow_service.get_base_connection(self.base_connection_id))
        return get_connector(base.connection_spec.id)
