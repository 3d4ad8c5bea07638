"""Connection specs: the fixed ids of sources and of the data lake."""

from __future__ import annotations

from airflow_provider_aep.emulator.state.json import Json

BATCH_PROVIDER = "0ed90a81-07f4-4586-8190-b40eccef1c5a"
STREAMING_PROVIDER = "521eee4d-8cbe-4906-bb48-fb6bd4450033"

DATA_LAKE = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
DATA_LANDING_ZONE = "26f526f2-58f4-4712-961d-e41bf1ccc0e8"
HTTP_API = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb"
#: the template of the self-serve streaming sources
GENERIC_STREAMING = "e77fd9d2-22a8-11ed-861d-0242ac120002"

#: id -> name
TABLE_SOURCES = {
    "3416976c-a9ca-4bba-901a-1f08f66978ff": "amazon-redshift",
    "38ad80fe-8b06-4938-94f4-d4ee80266b07": "dynamics",
    "d771e9c1-4f26-40dc-8617-ce58c4b53702": "google-adwords",
    "3c9b37f8-13a6-43d8-bad3-b863b941fedd": "google-big-query",
    "cc6a4487-9e91-433e-a3a3-9cf6626c1806": "hubspot",
    "3000eb99-cd47-43f3-827c-43caf170f015": "maria-db",
    "26d738e0-8963-47ea-aadf-c60de735468a": "mysql",
    "74a1c565-4e59-48d7-9d67-7c03b8a13137": "postgres",
    "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5": "salesforce",
    "4f63aa36-bd48-4e33-bb83-49fbcd11c708": "shopify",
    "cb66ab34-8619-49cb-96d1-39b37ede86ea": "salesforce-service-cloud",
    "eb13cb25-47ab-407f-ba89-c0125281c563": "service-now",
    "1f372ff9-38a4-4492-96f5-b9a4e4bd00ec": "sql-server",
    "37b6bf40-d318-4655-90be-5cd6f65d334b": "greenplum",
    "a49bcc7d-8038-43af-b1e4-5a7a089a7d79": "azure-synapse-analytics",
    "221c7626-58f6-4eec-8ee2-042b0226f03b": "paypal",
    "a8b6a1a4-5735-42b4-952c-85dce0ac38b5": "vertica",
    "6a8d82bc-1caf-45d1-908d-cadabc9d63a6": "spark",
    "aac9bbd4-6c01-46ce-b47e-51c6f0f6db3f": "hive",
    "8e6b41a8-d998-4545-ad7d-c6a9fff406c3": "odata",
    "ecde33f2-c56f-46cc-bdea-ad151c16cd69": "azure-table-storage",
    "102706fb-a5cd-42ee-afe0-bc42f017ff43": "phoenix",
    "09182899-b429-40c9-a15a-bf3ddbc8ced7": "ibm-db2",
    "0479cc14-7651-4354-b233-7480606c2ac3": "azure-data-explorer",
    "d6b52d86-f0f8-475f-89d4-ce54c8527328": "oracle",
    "a8f4d393-1a6b-43f3-931f-91a16ed857f4": "cassandra",
    "1fe283f6-9bec-11ea-bb37-0242ac130002": "couchbase",
    "fcad62f3-09b0-41d3-be11-449d5a621b69": "veeva-crm",
    "ea1c2a08-b722-11eb-8529-0242ac130003": "salesforce-marketing-cloud",
    "35d6c4d8-c9a9-11eb-b8bc-0242ac130003": "oracle-eloqua",
    "ff4274f2-c9a9-11eb-b8bc-0242ac130003": "oracle-responsys",
    "ba5126ec-c9ac-11eb-b8bc-0242ac130003": "oracle-service-cloud",
    "b2e08744-4f1a-40ce-af30-7abac3e23cf3": "snowflake",
    "929e4450-0237-4ed2-9404-b7e1e0a00309": "zoho-crm",
    "2acf109f-9b66-4d5e-bc18-ebb2adcff8d5": "square",
    "2fa8af9c-2d1a-43ea-a253-f00a00c74412": "teradata-vantage",
    "e9d7ec6b-0873-4e57-ad21-b3a7c65e310b": "databricks",
}

FILE_SOURCES = {
    "ecadc60c-7455-4d87-84dc-2a0e293d997b": "amazon-s3",
    "4c10e202-c428-4796-9208-5f1f5732b1cf": "azure-blob",
    "b3ba5556-48be-44b7-8b85-ff2b69b46dc4": "adls-gen2",
    "be5ec48c-5b78-49d5-b8fa-7c89ec4569b8": "azure-file-storage",
    DATA_LANDING_ZONE: "landing-zone",
    "fb2e94c9-c031-467d-8103-6bd6e0a432f2": "ftp",
    "32e8f412-cdf7-464c-9885-78184cb113fd": "google-cloud-storage",
    "54e221aa-d342-4707-bcff-7a4bceef0001": "hdfs",
    "c85f9425-fb21-426c-ad0b-405e9bd8a46c": "oracle-object-storage",
    "b7bf2577-4520-42c9-bae9-cad01560f7bc": "sftp",
    "998b8ae3-cec0-43b7-8abe-40b1eb4ee069": "unnamed-file-source-1",
    "b7829c2f-2eb0-4f49-a6ee-55e33008b629": "unnamed-file-source-2",
}

#: the template of self-serve sources, the Generic REST API that page sources/sdk/update-flow-specs lists beside it, and
#: those of which a page below api/create shows the id
REST_SOURCES = {
    "2d46966e-4fcc-4015-9f9e-a67594e395a3": "generic-rest",
    "4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62": "generic-rest-api",
    "c8ce8c8c-37fb-4162-9fbf-c2f181e04a7a": "mailchimp-campaign",
    "2e8580db-6489-4726-96de-e33f5f60295f": "mailchimp-members",
    "fd2c8ff3-1de0-4f6b-8fa8-4264784870eb": "mixpanel",
    "cf16d886-c627-4872-9936-fb08d6cba8cc": "onetrust",
    "fdf850b4-5a8d-4a5a-9ce8-4caef9abb2a8": "oracle-netsuite",
    "f82aae23-91e7-4884-b25f-2d2159d841fd": "pinterest-ads",
    "d8ee38de-7ae9-4058-9610-c79ce75f8e92": "sap-commerce",
    "cc2c31d6-7b8c-4581-b49f-5c8698aa3ab3": "stripe",
    "59a4b493-a615-40f9-bd38-f823d0909a2b": "sugarcrm",
    "0a27232b-2c6e-4396-b8c6-c9fc24e37ba4": "zendesk",
}

#: Marketo Engage reads tables, by a flow spec of its own (page sources/tutorials/api/filter)
MARKETO_SOURCES = {"bf1f4218-73ce-4ff0-b744-48d78ffae2e4": "marketo"}

#: self-serve streaming sources, which send to the endpoint of their dataflow
WEBHOOK_SOURCES = {
    GENERIC_STREAMING: "generic-streaming",
    "073127a3-26e3-496c-9d94-9f48fb93fba8": "chatlio",
    "96479064-7b8a-4d69-b9ed-21c5683837ea": "customerio",
    "232dfabe-27aa-41c0-a7cf-9961661dc68b": "lava",
    "6ff5654f-19d5-427d-bd3e-c0ebc802389a": "pendo",
}

STREAMING_SOURCES = {
    HTTP_API: "Streaming_Connection",
    "bf9f5905-92b7-48bf-bf20-455bc6b60a4e": "azure-event-hubs",
    "86043421-563b-46ec-8e6c-e23184711bf6": "amazon-kinesis",
    "70116022-a743-464a-bbfe-e226a7f8210c": "google-pubsub",
    "51ae16c2-bdad-42fd-9fce-8d5dfddaf140": "snowflake-streaming",
    "d27d4907-7351-47dd-bbc2-05a04365703d": "unnamed-streaming-source",
    **WEBHOOK_SOURCES,
}

FAMILIES = {
    "table": TABLE_SOURCES | MARKETO_SOURCES,
    "file": FILE_SOURCES,
    "rest": REST_SOURCES,
    "streaming": STREAMING_SOURCES,
}

#: the auth spec of any other source is not checked: the platform may know more than Adobe's pages show
AUTH_SPEC_NAMES = {
    "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5": ["Basic Authentication", "OAuth2 Client Credential"],
    "86043421-563b-46ec-8e6c-e23184711bf6": ["Aws Kinesis authentication credentials"],
    HTTP_API: ["Streaming Connection"],
}

#: Adobe's pages collect/advertising, customer-success, marketing-automation and payments name a table in `path`
READ_BY_PATH = (
    "d771e9c1-4f26-40dc-8617-ce58c4b53702",
    "cb66ab34-8619-49cb-96d1-39b37ede86ea",
    "eb13cb25-47ab-407f-ba89-c0125281c563",
    "ba5126ec-c9ac-11eb-b8bc-0242ac130003",
    "cc6a4487-9e91-433e-a3a3-9cf6626c1806",
    "35d6c4d8-c9a9-11eb-b8bc-0242ac130003",
    "ff4274f2-c9a9-11eb-b8bc-0242ac130003",
    "ea1c2a08-b722-11eb-8529-0242ac130003",
    "221c7626-58f6-4eec-8ee2-042b0226f03b",
    "2acf109f-9b66-4d5e-bc18-ebb2adcff8d5",
)

#: the only sources whose rows may be filtered; of Marketo Engage the activities
FILTERABLE = (
    *MARKETO_SOURCES,
    "3c9b37f8-13a6-43d8-bad3-b863b941fedd",
    "38ad80fe-8b06-4938-94f4-d4ee80266b07",
    "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5",
    "b2e08744-4f1a-40ce-af30-7abac3e23cf3",
)

FORMATS = {
    "table": ("tabular",),
    "file": ("delimited", "json", "parquet"),
    "rest": ("json",),
    "streaming": ("json", "delimited", "raw", "xdm"),
}


def family(spec: Json) -> str | None:
    """table, file, rest or streaming; None for a target.

    The published specs say it in `attributes.category`. One that was registered may say anything there.
    """
    if "sourceSpec" not in spec:
        return None
    category = str(spec.get("attributes", {}).get("category")).lower()
    if category in FAMILIES:
        return category
    if spec["providerId"] == STREAMING_PROVIDER:
        return "streaming"
    params = spec["sourceSpec"].get("spec", {}).get("properties", {})
    return "table" if "tableName" in params else "rest"


def needs_account(spec: Json) -> bool:
    """Whether a source connection needs a base connection: not for a source without authentication."""
    return spec["sourceSpec"].get("attributes", {}).get("authRequired", True) is not False


def auth_spec_names(spec: Json) -> list[str]:
    """Empty if any name is taken."""
    return [str(auth.get("name")) for auth in spec.get("authSpec", []) if isinstance(auth, dict)]


def _row_filter() -> Json:
    """As page sources/tutorials/api/filter shows it for Google BigQuery."""
    return {
        "enabled": True,
        "queryLanguage": "SQL",
        "logicalOperators": ["and", "or", "not"],
        "comparisonOperators": ["=", "!=", "<", "<=", ">", ">=", "like", "in"],
        "columnNameEscapeChar": "`",
        "valueEscapeChar": "'",
    }


def _spec(spec_id: str, name: str, category: str) -> Json:
    streaming = category == "streaming"
    return {
        "id": spec_id,
        "name": name,
        "providerId": STREAMING_PROVIDER if streaming else BATCH_PROVIDER,
        "version": "1.0",
        "authSpec": [
            {"name": auth, "type": auth.replace(" ", ""), "spec": {"type": "object", "properties": {}}}
            for auth in AUTH_SPEC_NAMES.get(spec_id, [])
        ],
        "sourceSpec": {
            "name": category,
            "type": category,
            "attributes": {"authRequired": spec_id not in (DATA_LANDING_ZONE, *WEBHOOK_SOURCES)},
            "spec": {"type": "object", "properties": {}},
        },
        "exploreSpec": {"name": "Resource", "type": "Resource", "spec": {"type": "object", "properties": {}}},
        "attributes": {
            "category": category,
            "connectorName": name,
            "isSource": True,
            "isDraftModeSupported": True,
            "filterAtSource": _row_filter() if spec_id in FILTERABLE else {"enabled": False},
        },
    }


def _all() -> dict[str, Json]:
    specs = {}
    for category, sources in FAMILIES.items():
        for spec_id, name in sources.items():
            specs[spec_id] = _spec(spec_id, name, category)
    specs[DATA_LAKE] = {
        "id": DATA_LAKE,
        "name": "datalake",
        "providerId": BATCH_PROVIDER,
        "version": "1.0",
        "authSpec": [],
        "attributes": {"isSource": False},
    }
    return specs


CONNECTION_SPECS = _all()
