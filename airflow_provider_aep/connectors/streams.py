"""Sources of messages."""

from __future__ import annotations

from typing import Final

from airflow_provider_aep.connectors.row import Row, params

STREAMS: Final = (
    Row(
        "amazon-kinesis",
        "Amazon Kinesis",
        "86043421-563b-46ec-8e6c-e23184711bf6",
        "cloud-storage/kinesis",
        {"Aws Kinesis authentication credentials": params("accessKeyId secretKey region")},
        ("kinesis",),
    ),
    # The same id is listed as a target of the streaming flow spec. That is no mistake of this table.
    Row(
        "azure-event-hubs",
        "Azure Event Hubs",
        "bf9f5905-92b7-48bf-bf20-455bc6b60a4e",
        "cloud-storage/eventhub",
        {
            "Azure EventHub authentication credentials": params("sasKeyName sasKey namespace", "eventHubName"),
            "Event Hub Azure Active Directory Auth": params("tenantId clientId clientSecretValue namespace"),
            "Event Hub Scoped Azure Active Directory Auth": params(
                "tenantId clientId clientSecretValue namespace eventHubName"
            ),
        },
        ("event-hubs", "eventhub", "eventhubs"),
    ),
    Row(
        "google-pubsub",
        "Google PubSub",
        "70116022-a743-464a-bbfe-e226a7f8210c",
        "cloud-storage/google-pubsub",
        {
            "Project Based Authentication": params("projectId credentials"),
            "Topic & Subscription Based Authentication": params("credentials topicName subscriptionName"),
            "Google PubSub authentication credentials": params("projectId credentials"),  # of an older page
        },
        ("google-pub-sub", "pub-sub", "pubsub"),
    ),
    # With raw data. Data that is XDM already takes the flow spec without a name (see FLOW_SPEC_IDS).
    Row(
        "http-api",
        "HTTP API",
        "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb",
        "streaming/http",
        {"Streaming Connection": params("dataType", "sourceId name authenticationRequired")},
    ),
)

MAPPED_STREAMS: Final = (
    Row(
        "snowflake-streaming",
        "Snowflake Streaming",
        "51ae16c2-bdad-42fd-9fce-8d5dfddaf140",
        "databases/snowflake-streaming",
        {"Basic Authentication for Snowflake": params("account database warehouse username password", "schema role")},
    ),
)
"""With a mapping always, by the flow spec that wants one."""

WEBHOOKS: Final = (
    Row("chatlio", "Chatlio webhook", "073127a3-26e3-496c-9d94-9f48fb93fba8", "marketing-automation/chatlio-webhook"),
    Row(
        "customerio",
        "Customer.io webhook",
        "96479064-7b8a-4d69-b9ed-21c5683837ea",
        "marketing-automation/customerio-webhook",
    ),
    Row("lava", "LAVA webhook", "232dfabe-27aa-41c0-a7cf-9961661dc68b", "loyalty/lava"),
    Row("pendo", "Pendo webhook", "6ff5654f-19d5-427d-bd3e-c0ebc802389a", "analytics/pendo-webhook"),
)
"""They send to the streaming endpoint of their dataflow, and need no account. Their flow spec has no published name."""
