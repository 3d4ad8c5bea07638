"""connectors.py: what is published about sources, and how a source is found in it."""

import dataclasses
import re

import pytest

from airflow_provider_aep.connectors import (
    ALIASES,
    AUTH_PARAMS,
    CONNECTORS,
    DATA_LAKE_CONNECTION_SPEC_ID,
    FLOW_SPEC_IDS,
    Connector,
    get_connector,
)
from airflow_provider_aep.exceptions import AepConfigError

PAGES = "https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/create/"
# They send to an endpoint of the platform.
WEBHOOKS = dict.fromkeys(("chatlio", "customerio", "lava", "pendo"), "it has no account")
# Of these no page of Adobe's says how the platform signs in.
WITHOUT_AUTH_SPECS = {
    **WEBHOOKS,
    "data-landing-zone": "it has no account",
    "generic-rest": "a template: each source that is made of it has its own",
    "marketo-engage": "it has no page about its API",
}
# Requests of Adobe's pages: connector, auth spec, keys of auth.params.
PUBLISHED = [
    ("amazon-kinesis", "Aws Kinesis authentication credentials", "accessKeyId secretKey region"),
    ("amazon-redshift", "Basic Authentication", "server database password username"),
    ("amazon-s3", "Access Key", "s3AccessKey s3SecretKey s3SessionToken"),
    ("azure-blob", "ConnectionString", "connectionString container folderPath"),
    ("azure-blob", "SAS URI Authentication", "sasUri container folderPath"),
    ("azure-event-hubs", "Event Hub Azure Active Directory Auth", "tenantId clientId clientSecretValue namespace"),
    ("databricks", "Access Token Authentication", "domain clusterId accessToken database"),
    ("generic-rest-api", "oAuth2RefreshCode", "host accessToken"),
    ("google-bigquery", "Service Authentication", "projectId keyFileContent largeResultsDataSetId"),
    ("google-cloud-storage", "Basic Authentication for google-cloud", "accessKeyId secretAccessKey"),
    ("google-pubsub", "Topic & Subscription Based Authentication", "credentials topicName subscriptionName"),
    ("hdfs", "Anonymous Authentication", "url"),
    ("mysql", "Basic Authentication", "server port database username password sslMode"),
    ("oracle-eloqua", "Basic Authentication", "endpoint username password"),
    ("salesforce", "Basic Authentication", "username password securityToken"),
    ("salesforce", "OAuth2 Client Credential", "environmentUrl clientId clientSecret apiVersion"),
    ("sftp", "Basic Authentication for sftp", "host userName password"),
    ("snowflake", "KeyPair Authentication", "account username database privateKey privateKeyPassphrase warehouse"),
    ("stripe", "OAuth2 Refresh Code", "accessToken"),
    ("zoho-crm", "Basic Authentication", "endpoint accountsUrl clientId clientSecret accessToken refreshToken"),
]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_a_source_is_found_by_its_name():
    assert get_connector("salesforce") == Connector(
        name="salesforce",
        title="Salesforce",
        connection_spec_id="cfc0fee1-7dc0-40ef-b73e-d8b134c436f5",
        category="table",
        flow_spec="CRMToAEP",
        auth_specs=("Basic Authentication", "OAuth2 Client Credential"),
    )


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Amazon Kinesis", "amazon-kinesis"),
        ("AZURE_EVENT_HUBS", "azure-event-hubs"),
        (" google-pubsub ", "google-pubsub"),
        ("kinesis", "amazon-kinesis"),
        ("event-hubs", "azure-event-hubs"),
        ("Event Hubs", "azure-event-hubs"),
        ("bigquery", "google-bigquery"),
        ("google-big-query", "google-bigquery"),
        ("dynamics", "microsoft-dynamics"),
        ("s3", "amazon-s3"),
        ("pubsub", "google-pubsub"),
        ("86043421-563b-46ec-8e6c-e23184711bf6", "amazon-kinesis"),
        ("86043421-563B-46EC-8E6C-E23184711BF6", "amazon-kinesis"),
    ],
)
def test_a_source_is_found_however_it_is_written(written, name):
    assert get_connector(written).name == name


def test_a_source_newer_than_this_package_is_found_by_its_connection_spec_id():
    new = "0f0e0d0c-0b0a-4908-8706-050403020100"
    assert get_connector(new) == Connector(new, new, new, category="unknown", flow_spec=None)


def test_an_unknown_name_is_refused_in_one_sentence_with_the_nearest_names():
    with pytest.raises(AepConfigError) as refusal:
        get_connector("salesfroce")
    message = str(refusal.value)
    assert "'salesfroce'" in message
    assert "nearest names are salesforce" in message
    assert "connection spec id" in message
    assert message.count(". ") == 0
    assert message.endswith(".")


@pytest.mark.parametrize(
    "value",
    [
        "",
        None,
        "qqqqqqqq",
        # As the CRM tutorial prints Salesforce's id: one character too many.
        "ccfc0fee1-7dc0-40ef-b73e-d8b134c436f5",
        "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5/../flows",
    ],
)
def test_what_is_neither_a_name_nor_a_uuid_is_refused(value):
    with pytest.raises(AepConfigError, match="Unknown connector"):
        get_connector(value)


@pytest.mark.parametrize(
    ("name", "right", "printed"),
    [
        ("salesforce", "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "ccfc0fee1-7dc0-40ef-b73e-d8b134c436f5"),
        ("mariadb", "3000eb99-cd47-43f3-827c-43caf170f015", "000eb99-cd47-43f3-827c-43caf170f015"),
        ("sftp", "b7bf2577-4520-42c9-bae9-cad01560f7bc", "bf367b0d-3d9b-4060-b67b-0d3d9bd06094"),
        ("azure-blob", "4c10e202-c428-4796-9208-5f1f5732b1cf", "d771e9c1-4f26-40dc-8617-ce58c4b53702"),
    ],
)
def test_ids_that_a_page_of_adobe_misprints_are_right_here(name, right, printed):
    assert get_connector(name).connection_spec_id == right != printed


def test_the_table_is_well_formed():
    ids = [connector.connection_spec_id for connector in CONNECTORS.values()]
    assert len(set(ids)) == len(ids) == 69
    assert all(UUID.fullmatch(each) for each in [*ids, *FLOW_SPEC_IDS.values(), DATA_LAKE_CONNECTION_SPEC_ID])
    for name, connector in CONNECTORS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert name == connector.name
        assert connector.flow_spec is None or connector.flow_spec in FLOW_SPEC_IDS
    assert set(ALIASES.values()) <= set(CONNECTORS)
    assert not set(ALIASES) & set(CONNECTORS)


def test_every_source_says_how_the_platform_signs_in_or_why_not():
    assert {name for name, connector in CONNECTORS.items() if not connector.auth_specs} == WITHOUT_AUTH_SPECS.keys()
    assert {name for name, connector in CONNECTORS.items() if not connector.needs_account} == {
        "data-landing-zone",
        *WEBHOOKS,
    }


def test_every_auth_spec_has_its_keys():
    named = {(name, auth_spec) for name, connector in CONNECTORS.items() for auth_spec in connector.auth_specs}
    assert AUTH_PARAMS.keys() == named
    for wanted in AUTH_PARAMS.values():
        keys = [*wanted.required, *wanted.optional]
        assert keys
        assert len(set(keys)) == len(keys)
        assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", key) for key in keys)


@pytest.mark.parametrize(("name", "auth_spec", "sent"), PUBLISHED)
def test_what_a_page_of_adobe_sends_has_the_keys_that_are_known(name, auth_spec, sent):
    wanted = AUTH_PARAMS[name, auth_spec]
    assert set(wanted.required) <= set(sent.split()) <= {*wanted.required, *wanted.optional}


def test_every_source_names_its_page():
    pages = [connector.page for connector in CONNECTORS.values() if connector.page]
    assert len(set(pages)) == len(pages)
    assert all(re.fullmatch(PAGES + r"[a-z-]+/[a-z0-9-]+", page) for page in pages)
    assert {name for name, each in CONNECTORS.items() if not each.page} == {"generic-rest", "marketo-engage"}


@pytest.mark.parametrize(
    ("category", "flow_specs"),
    [
        ("table", {"CRMToAEP"}),
        ("file", {"CloudStorageToAEP"}),
        ("streaming", {"Stream data with optional transformation", "Steam data with transformation", None}),
    ],
)
def test_a_kind_goes_with_its_flow_specs(category, flow_specs):
    assert {c.flow_spec for c in CONNECTORS.values() if c.category == category} == flow_specs


def test_what_is_published_cannot_be_changed():
    with pytest.raises(TypeError):
        CONNECTORS["salesforce"] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        get_connector("salesforce").category = "file"
