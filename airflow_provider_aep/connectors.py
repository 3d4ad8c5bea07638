"""What Adobe has published about sources: connector name, connection spec, flow spec, category.

Connection spec and flow spec ids are fixed and the same in every organisation. The tables below are what the
documentation names; the platform itself is the authority, so an id that is not here is accepted and only a
*name* that is not here is an error.

Adobe's reference: https://developer.adobe.com/experience-platform-apis/references/flow-service/ and, for one
page a source, https://experienceleague.adobe.com/en/docs/experience-platform/sources/home
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from airflow_provider_aep.exceptions import AepConfigError

SourceCategory = Literal["table", "file", "streaming", "unknown"]

DATA_LAKE_CONNECTION_SPEC_ID: Final = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
"""The connection spec of every target connection a source dataflow may have."""

_CRM: Final = "CRMToAEP"
_CLOUD: Final = "CloudStorageToAEP"
_REST: Final = "RestStorageToAEP"
_STREAM: Final = "Stream data with optional transformation"
_STREAM_MAPPED: Final = "Steam data with transformation"  # Adobe's own spelling, and the value on the wire

FLOW_SPEC_IDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        _CRM: "14518937-270c-4525-bdec-c2ba7cce3860",
        _CLOUD: "9753525b-82c7-4dce-8a9b-5ccfce2b9876",
        _REST: "6499120c-0b15-42dc-936e-847ea3c24d72",
        _STREAM: "d69717ba-71b4-4313-b654-49f9cf126d7a",
        _STREAM_MAPPED: "c1a19761-d2c7-4702-b9fa-fe91f0613e81",
    }
)
"""Flow spec name -> id, as published. Ask the platform first (GET /flowSpecs); this is what to fall back on.

Two more flow specs are published by id only, so they have no name to be found by:
d8a6f005-7eaf-4153-983e-e8574508b877 (HTTP API with data that is XDM already) and
15f8402c-ba66-4626-b54c-9f8e54244d61 (Marketo Engage activities).
"""


@dataclass(frozen=True)
class Connector:
    """One source.

    ``category`` says which source params the platform wants: ``table`` (``tableName`` and ``columns``), ``file``
    (``path``), ``streaming`` (no schedule, and no flow runs to wait for). ``unknown`` means that no such
    shape is published: the params are the source's own and pass through unchecked.

    ``flow_spec`` is the name of the flow spec that fits, or None where Adobe names none: then look for the
    flow spec whose ``sourceConnectionSpecIds`` lists ``connection_spec_id``. ``auth_specs`` are the values
    of ``auth.specName`` found in Adobe's samples; it is not complete, and empty means none was read.
    """

    name: str
    title: str
    connection_spec_id: str
    category: SourceCategory
    flow_spec: str | None
    auth_specs: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthParams:
    """The auth parameters of one auth spec, as Adobe's samples spell them; the list need not be complete."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_BASIC: Final = "Basic Authentication"
_OAUTH: Final = "OAuth2 Client Credential"

_GOOGLE_CLOUD: Final = "Basic Authentication for google-cloud"  # from the example of a connection spec in the OpenAPI

# (name, title, connection spec id, auth specs...)
_TABLE: Final[tuple[tuple[str, ...], ...]] = (
    (
        "microsoft-dynamics",
        "Microsoft Dynamics",
        "38ad80fe-8b06-4938-94f4-d4ee80266b07",
        "Basic Authentication for Dynamics-Online",
    ),
    # The CRM tutorial prints this id with a further c in front ("ccfc0fee1-..."), which is not a UUID.
    ("salesforce", "Salesforce", "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", _BASIC, _OAUTH),
    ("veeva-crm", "Veeva CRM", "fcad62f3-09b0-41d3-be11-449d5a621b69"),
    ("zoho-crm", "Zoho CRM", "929e4450-0237-4ed2-9404-b7e1e0a00309"),
    ("salesforce-service-cloud", "Salesforce Service Cloud", "cb66ab34-8619-49cb-96d1-39b37ede86ea", _OAUTH),
    ("servicenow", "ServiceNow", "eb13cb25-47ab-407f-ba89-c0125281c563"),
    ("oracle-service-cloud", "Oracle Service Cloud", "ba5126ec-c9ac-11eb-b8bc-0242ac130003"),
    ("amazon-redshift", "Amazon Redshift", "3416976c-a9ca-4bba-901a-1f08f66978ff"),
    ("apache-hive", "Apache Hive on Azure HDInsight", "aac9bbd4-6c01-46ce-b47e-51c6f0f6db3f"),
    ("apache-spark", "Apache Spark on Azure HDInsight", "6a8d82bc-1caf-45d1-908d-cadabc9d63a6"),
    ("azure-data-explorer", "Azure Data Explorer", "0479cc14-7651-4354-b233-7480606c2ac3"),
    ("azure-synapse-analytics", "Azure Synapse Analytics", "a49bcc7d-8038-43af-b1e4-5a7a089a7d79"),
    ("azure-table-storage", "Azure Table Storage", "ecde33f2-c56f-46cc-bdea-ad151c16cd69"),
    ("cassandra", "Apache Cassandra", "a8f4d393-1a6b-43f3-931f-91a16ed857f4"),
    ("couchbase", "Couchbase", "1fe283f6-9bec-11ea-bb37-0242ac130002"),
    ("databricks", "Databricks", "e9d7ec6b-0873-4e57-ad21-b3a7c65e310b"),
    ("google-bigquery", "Google BigQuery", "3c9b37f8-13a6-43d8-bad3-b863b941fedd"),
    ("greenplum", "Greenplum", "37b6bf40-d318-4655-90be-5cd6f65d334b"),
    ("hp-vertica", "HP Vertica", "a8b6a1a4-5735-42b4-952c-85dce0ac38b5"),
    ("ibm-db2", "IBM DB2", "09182899-b429-40c9-a15a-bf3ddbc8ced7"),
    # The database tutorial's appendix drops the leading 3 ("000eb99-..."); the flow spec has the whole id.
    ("mariadb", "MariaDB", "3000eb99-cd47-43f3-827c-43caf170f015"),
    ("microsoft-sql-server", "Microsoft SQL Server", "1f372ff9-38a4-4492-96f5-b9a4e4bd00ec"),
    ("mysql", "MySQL", "26d738e0-8963-47ea-aadf-c60de735468a"),
    ("oracle-db", "Oracle DB", "d6b52d86-f0f8-475f-89d4-ce54c8527328"),
    ("phoenix", "Apache Phoenix", "102706fb-a5cd-42ee-afe0-bc42f017ff43"),
    ("postgresql", "PostgreSQL", "74a1c565-4e59-48d7-9d67-7c03b8a13137"),
    ("snowflake", "Snowflake", "b2e08744-4f1a-40ce-af30-7abac3e23cf3", "Basic Authentication for Snowflake"),
    ("teradata-vantage", "Teradata Vantage", "2fa8af9c-2d1a-43ea-a253-f00a00c74412"),
    ("google-ads", "Google Ads", "d771e9c1-4f26-40dc-8617-ce58c4b53702"),
    ("hubspot", "HubSpot", "cc6a4487-9e91-433e-a3a3-9cf6626c1806"),
    ("oracle-eloqua", "Oracle Eloqua", "35d6c4d8-c9a9-11eb-b8bc-0242ac130003"),
    ("oracle-responsys", "Oracle Responsys", "ff4274f2-c9a9-11eb-b8bc-0242ac130003"),
    # One localised page prints this id with a further c in front.
    (
        "salesforce-marketing-cloud",
        "Salesforce Marketing Cloud",
        "ea1c2a08-b722-11eb-8529-0242ac130003",
        _OAUTH,
    ),
    ("paypal", "PayPal", "221c7626-58f6-4eec-8ee2-042b0226f03b"),
    ("square", "Square", "2acf109f-9b66-4d5e-bc18-ebb2adcff8d5"),
    ("shopify", "Shopify", "4f63aa36-bd48-4e33-bb83-49fbcd11c708"),
    ("generic-odata", "Generic OData", "8e6b41a8-d998-4545-ad7d-c6a9fff406c3"),
)

_FILE: Final[tuple[tuple[str, ...], ...]] = (
    ("amazon-s3", "Amazon S3", "ecadc60c-7455-4d87-84dc-2a0e293d997b", "Access Key"),
    # Some Azure Blob pages print the Google Ads id (d771e9c1-...) in their table of credentials.
    ("azure-blob", "Azure Blob Storage", "4c10e202-c428-4796-9208-5f1f5732b1cf", "SAS URI Authentication"),
    (
        "azure-data-lake-storage-gen2",
        "Azure Data Lake Storage Gen2",
        "b3ba5556-48be-44b7-8b85-ff2b69b46dc4",
    ),
    ("azure-file-storage", "Azure File Storage", "be5ec48c-5b78-49d5-b8fa-7c89ec4569b8"),
    ("data-landing-zone", "Data Landing Zone", "26f526f2-58f4-4712-961d-e41bf1ccc0e8"),
    ("ftp", "FTP", "fb2e94c9-c031-467d-8103-6bd6e0a432f2"),
    ("google-cloud-storage", "Google Cloud Storage", "32e8f412-cdf7-464c-9885-78184cb113fd", _GOOGLE_CLOUD),
    ("hdfs", "Apache HDFS", "54e221aa-d342-4707-bcff-7a4bceef0001"),
    ("oracle-object-storage", "Oracle Object Storage", "c85f9425-fb21-426c-ad0b-405e9bd8a46c", "Access Key"),
    # The cloud storage appendix prints bf367b0d-3d9b-4060-b67b-0d3d9bd06094, which no flow spec lists.
    ("sftp", "SFTP", "b7bf2577-4520-42c9-bae9-cad01560f7bc", "Basic Authentication for sftp"),
)

_STREAMING: Final[tuple[tuple[str, ...], ...]] = (
    (
        "amazon-kinesis",
        "Amazon Kinesis",
        "86043421-563b-46ec-8e6c-e23184711bf6",
        "Aws Kinesis authentication credentials",
    ),
    # The same id is listed as a target of the streaming flow spec. That is no mistake of this table.
    (
        "azure-event-hubs",
        "Azure Event Hubs",
        "bf9f5905-92b7-48bf-bf20-455bc6b60a4e",
        "Azure EventHub authentication credentials",
    ),
    (
        "google-pubsub",
        "Google PubSub",
        "70116022-a743-464a-bbfe-e226a7f8210c",
        "Google PubSub authentication credentials",
    ),
    # With raw data. Data that is XDM already takes the flow spec without a name (see FLOW_SPEC_IDS).
    ("http-api", "HTTP API", "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "Streaming Connection"),
)


def _connectors() -> tuple[Connector, ...]:
    families: tuple[tuple[SourceCategory, str, tuple[tuple[str, ...], ...]], ...] = (
        ("table", _CRM, _TABLE),
        ("file", _CLOUD, _FILE),
        ("streaming", _STREAM, _STREAMING),
    )
    rows = [
        Connector(name, title, spec_id, category, flow_spec, tuple(auth_specs))
        for category, flow_spec, family in families
        for name, title, spec_id, *auth_specs in family
    ]
    snowflake_spec_id = "51ae16c2-bdad-42fd-9fce-8d5dfddaf140"
    rest_spec_id = "4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62"
    # The self-serve SDK's template for sources of one's own; its id stands in the sample of RestStorageToAEP.
    template_spec_id = "2d46966e-4fcc-4015-9f9e-a67594e395a3"
    marketo_spec_id = "bf1f4218-73ce-4ff0-b744-48d78ffae2e4"
    rest_auth_specs = (_BASIC, "oAuth2RefreshCode")
    return (
        *rows,
        Connector("snowflake-streaming", "Snowflake Streaming", snowflake_spec_id, "streaming", _STREAM_MAPPED),
        Connector("generic-rest-api", "Generic REST API", rest_spec_id, "unknown", _REST, rest_auth_specs),
        Connector("generic-rest", "Generic REST template", template_spec_id, "unknown", _REST),
        Connector("marketo-engage", "Marketo Engage", marketo_spec_id, "unknown", None),
    )


CONNECTORS: Final[Mapping[str, Connector]] = MappingProxyType({c.name: c for c in _connectors()})
"""Every source that Adobe's pages name, by connector name.

:meta hide-value:
"""

AUTH_PARAMS: Final[Mapping[tuple[str, str], AuthParams]] = MappingProxyType(
    {
        ("salesforce", _BASIC): AuthParams(
            ("username", "password", "securityToken"), optional=("environmentUrl", "apiVersion")
        ),
        ("amazon-kinesis", "Aws Kinesis authentication credentials"): AuthParams(
            ("accessKeyId", "secretKey", "region")
        ),
        ("google-cloud-storage", _GOOGLE_CLOUD): AuthParams(("accessKeyId", "secretAccessKey")),
        ("http-api", "Streaming Connection"): AuthParams(
            ("dataType",), optional=("sourceId", "name", "authenticationRequired")
        ),
    }
)
"""Connector and auth spec -> what it wants, for those of which a published sample was read."""

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "adls-gen2": "azure-data-lake-storage-gen2",
        "adwords": "google-ads",
        "azure-blob-storage": "azure-blob",
        "azure-synapse": "azure-synapse-analytics",
        "bigquery": "google-bigquery",
        "blob": "azure-blob",
        "db2": "ibm-db2",
        "dynamics": "microsoft-dynamics",
        "dynamics-365": "microsoft-dynamics",
        "event-hubs": "azure-event-hubs",
        "eventhub": "azure-event-hubs",
        "eventhubs": "azure-event-hubs",
        "gcs": "google-cloud-storage",
        "google-big-query": "google-bigquery",  # the name on the platform's own connection spec
        "google-pub-sub": "google-pubsub",
        "kinesis": "amazon-kinesis",
        "marketo": "marketo-engage",
        "odata": "generic-odata",
        "oracle": "oracle-db",
        "postgres": "postgresql",
        "pub-sub": "google-pubsub",
        "pubsub": "google-pubsub",
        "redshift": "amazon-redshift",
        "s3": "amazon-s3",
        "sql-server": "microsoft-sql-server",
        "vertica": "hp-vertica",
    }
)

_BY_SPEC_ID: Final[Mapping[str, Connector]] = MappingProxyType(
    {connector.connection_spec_id: connector for connector in CONNECTORS.values()}
)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def get_connector(name_or_spec_id: str) -> Connector:
    """Find a source by its name ("salesforce", "Amazon Kinesis", "event_hubs") or its connection spec id.

    Case does not matter, and blanks and underscores count as dashes. A connection spec id that this table
    does not know gives a connector of category ``unknown``, so that a source newer than this package can be used.

    :raises AepConfigError: the value is neither a known name nor a UUID.
    """
    # str(), because a templated value may arrive as None and deserves the same sentence.
    wanted = str(name_or_spec_id).strip().lower()
    if _UUID.fullmatch(wanted):
        return _BY_SPEC_ID.get(wanted) or Connector(wanted, wanted, wanted, "unknown", None)
    wanted = re.sub(r"[\s_]+", "-", wanted)
    connector = CONNECTORS.get(ALIASES.get(wanted, wanted))
    if connector is None:
        raise AepConfigError(_unknown(name_or_spec_id, wanted))
    return connector


def connector_name(connection_spec_id: str) -> str:
    """The name of the source with this connection spec; the id itself if this table does not know it."""
    known = _BY_SPEC_ID.get(connection_spec_id.lower())
    return known.name if known else connection_spec_id


def _unknown(value: object, wanted: str) -> str:
    near = difflib.get_close_matches(wanted, [*CONNECTORS, *ALIASES], n=3)
    nearest = f" (the nearest names are {', '.join(near)})" if near else ""
    return (
        f"Unknown connector {value!r}{nearest}: pass a name listed in "
        "airflow_provider_aep.connectors.CONNECTORS or the source's connection spec id, a UUID."
    )
