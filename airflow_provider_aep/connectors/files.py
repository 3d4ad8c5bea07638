"""Cloud storage: sources of files."""

from __future__ import annotations

from typing import Final

from airflow_provider_aep.connectors.row import ANONYMOUS, BASIC, PRINCIPAL, Row, params

_ACCESS_KEY: Final = "Access Key"
# Of an account that sees one folder only; without them it sees the whole storage.
_BUCKET: Final = "bucketName folderPath"
_CONTAINER: Final = "container folderPath"
_SFTP: Final = "port maxConcurrentConnections folderPath disableChunking"

FILES: Final = (
    Row(
        "amazon-s3",
        "Amazon S3",
        "ecadc60c-7455-4d87-84dc-2a0e293d997b",
        "cloud-storage/s3",
        {_ACCESS_KEY: params("s3AccessKey s3SecretKey", f"s3SessionToken serviceUrl {_BUCKET}")},
        ("s3",),
    ),
    # Some Azure Blob pages print the Google Ads id (d771e9c1-...) in their table of credentials.
    Row(
        "azure-blob",
        "Azure Blob Storage",
        "4c10e202-c428-4796-9208-5f1f5732b1cf",
        "cloud-storage/blob",
        {
            "ConnectionString": params("connectionString", _CONTAINER),
            "SAS URI Authentication": params("sasUri", _CONTAINER),
            PRINCIPAL: params(
                "serviceEndpoint servicePrincipalId servicePrincipalKey accountKind tenant",
                _CONTAINER,
            ),
        },
        ("azure-blob-storage", "blob"),
    ),
    Row(
        "azure-data-lake-storage-gen2",
        "Azure Data Lake Storage Gen2",
        "b3ba5556-48be-44b7-8b85-ff2b69b46dc4",
        "cloud-storage/adls-gen2",
        {"Basic Authentication for adls-gen2": params("url servicePrincipalId servicePrincipalKey tenant")},
        ("adls-gen2",),
    ),
    Row(
        "azure-file-storage",
        "Azure File Storage",
        "be5ec48c-5b78-49d5-b8fa-7c89ec4569b8",
        "cloud-storage/azure-file-storage",
        {BASIC: params("host userId password")},
    ),
    Row(
        "ftp",
        "FTP",
        "fb2e94c9-c031-467d-8103-6bd6e0a432f2",
        "cloud-storage/ftp",
        {"Basic Authentication for FTP": params("host userName password")},
    ),
    # The auth spec is also in the example of a connection spec in the OpenAPI.
    Row(
        "google-cloud-storage",
        "Google Cloud Storage",
        "32e8f412-cdf7-464c-9885-78184cb113fd",
        "cloud-storage/google",
        {"Basic Authentication for google-cloud": params("accessKeyId secretAccessKey", _BUCKET)},
        ("gcs",),
    ),
    Row(
        "hdfs",
        "Apache HDFS",
        "54e221aa-d342-4707-bcff-7a4bceef0001",
        "cloud-storage/hdfs",
        {ANONYMOUS: params("url")},
    ),
    Row(
        "oracle-object-storage",
        "Oracle Object Storage",
        "c85f9425-fb21-426c-ad0b-405e9bd8a46c",
        "cloud-storage/oracle-object-storage",
        {_ACCESS_KEY: params("serviceUrl accessKey secretKey", _BUCKET)},
    ),
    # The cloud storage appendix prints bf367b0d-3d9b-4060-b67b-0d3d9bd06094, which no flow spec lists.
    Row(
        "sftp",
        "SFTP",
        "b7bf2577-4520-42c9-bae9-cad01560f7bc",
        "cloud-storage/sftp",
        {
            "Basic Authentication for sftp": params("host userName password", _SFTP),
            "SSH PublicKey Authentication for sftp": params("host userName privateKeyContent", f"passPhrase {_SFTP}"),
        },
    ),
)

LANDING_ZONES: Final = (
    Row(
        "data-landing-zone",
        "Data Landing Zone",
        "26f526f2-58f4-4712-961d-e41bf1ccc0e8",
        "cloud-storage/data-landing-zone",
    ),
)
"""Without an account: the zone is the sandbox's own."""
