"""The keys of credentials that Adobe's pages name: which of them lint keeps out of files."""

from airflow_provider_aep.connectors import AUTH_PARAMS
from airflow_provider_aep.dataflow.rules.source import is_secret

SECRETS = {
    *("accessKey", "accessKeyId", "s3AccessKey", "s3SecretKey", "sasKey", "secretAccessKey", "secretKey"),
    *("servicePrincipalKey", "keyFileContent", "privateKey", "privateKeyContent"),
    *("password", "passPhrase", "privateKeyPassphrase", "clientSecret", "clientSecretValue"),
    *("accessToken", "developerToken", "refreshToken", "s3SessionToken", "securityToken"),
    *("connectionString", "credentials", "sasUri"),
}


def test_a_secret_of_any_source_is_known_by_its_key():
    keys = {key for wanted in AUTH_PARAMS.values() for key in (*wanted.required, *wanted.optional)}
    assert {key for key in keys if is_secret(key, "anything")} == SECRETS
