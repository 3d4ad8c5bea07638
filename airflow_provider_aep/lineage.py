"""What is known of a dataflow, as OpenLineage tells it: where the data comes from, where it goes, column by column.

Nothing of OpenLineage is imported before Airflow's provider for it asks for something, so it need not be installed.

https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_aep.assets import dataset_name
from airflow_provider_aep.connectors import get_connector

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage
    from openlineage.client.event_v2 import InputDataset, OutputDataset

    from airflow_provider_aep.models.batch import Batch
    from airflow_provider_aep.models.flow_run import FlowRun
    from airflow_provider_aep.models.mapping_set import Mapping as FieldMapping
    from airflow_provider_aep.models.mapping_set import MappingSet
    from airflow_provider_aep.models.source_connection import SourceConnection

# Under which of its params a source says what is read: a table, a file or folder, a stream.
_OBJECT_PARAMS = ("tableName", "path", "stream")
# Of a calculated field: its texts in quotes; then attributes, which no parenthesis follows, written plainly or as
# ${...} (https://experienceleague.adobe.com/en/docs/experience-platform/data-prep/troubleshooting-guide).
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_ATTRIBUTE = re.compile(r"\$\{([^}]+)\}|(?<![\w.])([A-Za-z_](?:\w|\\.|\.(?=[A-Za-z_$])|\[[\d*]*\])*)(?![\w(]|\s*\()")
_WORDS = frozenset({"and", "or", "not", "null", "true", "false"})


@dataclass(frozen=True)
class Lineage:
    """What a task knows of the data it stands for.

    :param org_id: the IMS organisation.
    :param source: what is read.
    :param dataset_id: the dataset that is written to.
    :param schema_id: the `$id` of its schema.
    :param mapping_set: what fills which field of the schema.
    :param ended: the run or batch that moved the data, with its counts.
    """

    org_id: str
    sandbox: str
    source: SourceConnection | None = None
    dataset_id: str | None = None
    schema_id: str | None = None
    mapping_set: MappingSet | None = None
    ended: FlowRun | Batch | None = None

    def source_name(self) -> tuple[str, str] | None:
        """Namespace and name of what is read: the account, and the table, path or stream in it."""
        if self.source is None:
            return None
        connector = get_connector(self.source.connection_spec.id)
        # Without an account, a Data Landing Zone is that of its sandbox.
        account = self.source.base_connection_id or f"{self.org_id}/{self.sandbox}"
        params = self.source.params or {}
        named = [params[key] for key in _OBJECT_PARAMS if params.get(key)]
        return f"{connector.name}://{account}", str(named[0] if named else self.source.name or self.source.id)

    def columns(self) -> list[tuple[str, str | None]]:
        """Names and types of the columns of the source, if it tells them."""
        listed = ((self.source.params or {}) if self.source else {}).get("columns")
        found = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
        return [(str(one["name"]), one.get("type")) for one in found if one.get("name")]

    def written(self) -> tuple[int | None, int | None]:
        """How many records and how many bytes have landed, as far as the platform tells."""
        summary = self.ended.summary() if self.ended else {"records": {}, "bytes": {}}
        return summary["records"].get("output"), summary["bytes"].get("output")

    def fields(self) -> dict[str, FieldMapping]:
        """XDM path -> what fills it."""
        return {each.key: each for each in (self.mapping_set.mappings if self.mapping_set else []) if each.key}


def is_enabled() -> bool:
    """Whether Airflow's provider for OpenLineage is installed and sends its events anywhere."""
    try:
        from airflow.providers.openlineage.conf import is_disabled
    except ImportError:
        return False
    return not is_disabled()


def attributes_in(expression: str, columns: Iterable[str] = ()) -> list[str]:
    """The source attributes that a calculated field is made of, in the order of their first use.

    :param columns: of the source; where they are known, nothing else is an attribute.
    """
    known = set(columns)
    words = [quoted or plain for quoted, plain in _ATTRIBUTE.findall(_QUOTED.sub('""', expression))]
    found = dict.fromkeys(word for word in words if word.lower() not in _WORDS)
    return [word for word in found if not known or word in known]


def operator_lineage(known: Lineage | None) -> OperatorLineage[Any, Any]:
    """What a task knows, as the methods of an operator return it to Airflow's provider for OpenLineage.

    Without inputs and outputs, Airflow takes the inlets and outlets of the task instead.
    """
    from airflow.providers.openlineage.extractors import OperatorLineage
    from openlineage.client.facet_v2 import external_query_run

    if known is None:
        return OperatorLineage()
    run = {}
    if known.ended is not None:
        run["externalQuery"] = external_query_run.ExternalQueryRunFacet(externalQueryId=known.ended.id, source="aep")
    return OperatorLineage(inputs=list(_inputs(known)), outputs=list(_outputs(known)), run_facets=run)


def _inputs(known: Lineage) -> Iterator[InputDataset]:
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import datasource_dataset, schema_dataset

    place = known.source_name()
    if place is None or known.source is None:
        return
    namespace, name = place
    title = get_connector(known.source.connection_spec.id).title
    facets: dict[str, Any] = {"dataSource": datasource_dataset.DatasourceDatasetFacet(name=title, uri=namespace)}
    columns = [schema_dataset.SchemaDatasetFacetFields(name=name, type=type_) for name, type_ in known.columns()]
    if columns:
        facets["schema"] = schema_dataset.SchemaDatasetFacet(fields=columns)
    yield InputDataset(namespace=namespace, name=name, facets=facets)


def _outputs(known: Lineage) -> Iterator[OutputDataset]:
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import documentation_dataset, output_statistics_output_dataset

    if known.dataset_id is None:
        return
    namespace, name = dataset_name(known.dataset_id, org_id=known.org_id, sandbox=known.sandbox)
    facets: dict[str, Any] = {}
    if known.schema_id:
        said = f"Dataset of Adobe Experience Platform with the XDM schema {known.schema_id}"
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(description=said)
    fields = known.fields()
    if fields:
        facets["schema"] = _schema(fields)
    if fields and known.source:
        facets["columnLineage"] = _column_lineage(known)
    rows, size = known.written()
    counts: dict[str, Any] = {}
    if (rows, size) != (None, None):
        counts["outputStatistics"] = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=rows, size=size
        )
    yield OutputDataset(namespace=namespace, name=name, facets=facets, outputFacets=counts)


def _schema(paths: Iterable[str]) -> Any:
    """The fields that the mapping set fills, nested as in XDM. Their types only Schema Registry knows."""
    from openlineage.client.facet_v2 import schema_dataset

    def nested(tree: dict[str, Any]) -> list[Any]:
        return [
            schema_dataset.SchemaDatasetFacetFields(name=name, fields=nested(inner)) for name, inner in tree.items()
        ]

    tree: dict[str, Any] = {}
    for path in paths:
        level = tree
        for name in path.split("."):
            level = level.setdefault(name, {})
    return schema_dataset.SchemaDatasetFacet(fields=nested(tree))


def _column_lineage(known: Lineage) -> Any:
    from openlineage.client.facet_v2 import column_lineage_dataset

    namespace, name = known.source_name() or ("", "")
    columns = [column for column, _ in known.columns()]
    fields = {}
    for path, mapping in known.fields().items():
        source_type, source = mapping.meaning[:2]
        expression = None if source_type == "ATTRIBUTE" else source
        used = {"ATTRIBUTE": [str(source)], "STATIC": []}.get(str(source_type))
        step = column_lineage_dataset.Transformation(
            type="DIRECT",
            subtype="IDENTITY" if expression is None else "TRANSFORMATION",
            description=expression or "",
            masking=False,
        )
        fields[path] = column_lineage_dataset.Fields(
            inputFields=[
                column_lineage_dataset.InputField(namespace=namespace, name=name, field=field, transformations=[step])
                for field in (attributes_in(str(source), columns) if used is None else used)
            ],
            # Deprecated, but the one place for what is made of no column: a constant, or now().
            transformationType="IDENTITY" if expression is None else str(source_type),
            transformationDescription=expression or "",
        )
    return column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields)
