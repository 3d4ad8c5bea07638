"""Databases: sources of tables."""

from __future__ import annotations

from typing import Final

from airflow_provider_aep.connectors.row import BASIC, PRINCIPAL, PRINCIPAL_KEY, STRING, Row, params

_HDINSIGHT: Final = "HDInsights Basic Authentication"
_CONNECTION_STRING: Final = params("connectionString")

DATABASES: Final = (
    Row(
        "amazon-redshift",
        "Amazon Redshift",
        "3416976c-a9ca-4bba-901a-1f08f66978ff",
        "databases/redshift",
        {BASIC: params("server database username password")},
        ("redshift",),
    ),
    # Its page wants a host, a user name and a password in the table, and a connection string in the sample.
    Row(
        "apache-hive",
        "Apache Hive on Azure HDInsight",
        "aac9bbd4-6c01-46ce-b47e-51c6f0f6db3f",
        "databases/hive",
        {_HDINSIGHT: params("", "connectionString host username password")},
    ),
    Row(
        "apache-spark",
        "Apache Spark on Azure HDInsight",
        "6a8d82bc-1caf-45d1-908d-cadabc9d63a6",
        "databases/spark",
        {_HDINSIGHT: params("host username password")},
    ),
    Row(
        "azure-data-explorer",
        "Azure Data Explorer",
        "0479cc14-7651-4354-b233-7480606c2ac3",
        "databases/data-explorer",
        {
            PRINCIPAL: params("endpoint database tenant servicePrincipalId servicePrincipalKey"),
        },
    ),
    Row(
        "azure-synapse-analytics",
        "Azure Synapse Analytics",
        "a49bcc7d-8038-43af-b1e4-5a7a089a7d79",
        "databases/synapse-analytics",
        {
            STRING: _CONNECTION_STRING,
            PRINCIPAL_KEY: params("server database tenant servicePrincipalId servicePrincipalKey"),
        },
        ("azure-synapse",),
    ),
    Row(
        "azure-table-storage",
        "Azure Table Storage",
        "ecde33f2-c56f-46cc-bdea-ad151c16cd69",
        "databases/ats",
        {STRING: _CONNECTION_STRING},
    ),
    Row(
        "cassandra",
        "Apache Cassandra",
        "a8f4d393-1a6b-43f3-931f-91a16ed857f4",
        "databases/cassandra",
        {BASIC: params("host port username password")},
    ),
    Row(
        "couchbase",
        "Couchbase",
        "1fe283f6-9bec-11ea-bb37-0242ac130002",
        "databases/couchbase",
        {STRING: _CONNECTION_STRING},
    ),
    Row(
        "databricks",
        "Databricks",
        "e9d7ec6b-0873-4e57-ad21-b3a7c65e310b",
        "databases/databricks",
        {"Access Token Authentication": params("domain clusterId accessToken database")},
    ),
    Row(
        "google-bigquery",
        "Google BigQuery",
        "3c9b37f8-13a6-43d8-bad3-b863b941fedd",
        "databases/bigquery",
        {
            BASIC: params("project clientId clientSecret refreshToken", "largeResultsDataSetId"),
            "Service Authentication": params("projectId keyFileContent", "largeResultsDataSetId datasetId"),
        },
        ("bigquery", "google-big-query"),  # the latter is the name on the platform's own connection spec
    ),
    Row(
        "greenplum",
        "Greenplum",
        "37b6bf40-d318-4655-90be-5cd6f65d334b",
        "databases/greenplum",
        {BASIC: _CONNECTION_STRING},
    ),
    Row(
        "hp-vertica",
        "HP Vertica",
        "a8b6a1a4-5735-42b4-952c-85dce0ac38b5",
        "databases/hp-vertica",
        {STRING: _CONNECTION_STRING},
        ("vertica",),
    ),
    Row(
        "ibm-db2",
        "IBM DB2",
        "09182899-b429-40c9-a15a-bf3ddbc8ced7",
        "databases/ibm-db2",
        {BASIC: params("server database username password", "authenticationType")},
        ("db2",),
    ),
    # The database tutorial's appendix drops the leading 3 ("000eb99-..."); the flow spec has the whole id.
    Row(
        "mariadb",
        "MariaDB",
        "3000eb99-cd47-43f3-827c-43caf170f015",
        "databases/mariadb",
        {STRING: _CONNECTION_STRING},
    ),
    Row(
        "microsoft-sql-server",
        "Microsoft SQL Server",
        "1f372ff9-38a4-4492-96f5-b9a4e4bd00ec",
        "databases/sql-server",
        {STRING: _CONNECTION_STRING},
        ("sql-server",),
    ),
    Row(
        "mysql",
        "MySQL",
        "26d738e0-8963-47ea-aadf-c60de735468a",
        "databases/mysql",
        {STRING: _CONNECTION_STRING, BASIC: params("server port database username password", "sslMode")},
    ),
    # The sample of basic authentication on its page has the id of MySQL.
    Row(
        "oracle-db",
        "Oracle DB",
        "d6b52d86-f0f8-475f-89d4-ce54c8527328",
        "databases/oracle",
        {
            "ConnectionString": _CONNECTION_STRING,
            BASIC: params("server port database username password schema sslMode"),
        },
        ("oracle",),
    ),
    Row(
        "phoenix",
        "Apache Phoenix",
        "102706fb-a5cd-42ee-afe0-bc42f017ff43",
        "databases/phoenix",
        {BASIC: params("host username password port httpPath enableSsl")},
    ),
    Row(
        "postgresql",
        "PostgreSQL",
        "74a1c565-4e59-48d7-9d67-7c03b8a13137",
        "databases/postgres",
        {STRING: _CONNECTION_STRING},
        ("postgres",),
    ),
    # The newest page has key pairs, and basic authentication where Experience Platform runs on AWS.
    Row(
        "snowflake",
        "Snowflake",
        "b2e08744-4f1a-40ce-af30-7abac3e23cf3",
        "databases/snowflake",
        {
            "KeyPair Authentication": params("account username database privateKey warehouse", "privateKeyPassphrase"),
            BASIC: params("host port username password database warehouse schema"),
            "ConnectionString": _CONNECTION_STRING,
            "Basic Authentication for Snowflake": _CONNECTION_STRING,
        },
    ),
    Row(
        "teradata-vantage",
        "Teradata Vantage",
        "2fa8af9c-2d1a-43ea-a253-f00a00c74412",
        "databases/teradata-vantage",
        {"ConnectionString": _CONNECTION_STRING},
    ),
)
