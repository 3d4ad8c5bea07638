"""Connectors: the landing zone's credentials and the keys of encrypted files."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import AZURE_BLOB, Caller, code_of

ZONE = "type=user_drop_zone"


def test_the_landing_zone_and_its_credentials(api: Caller) -> None:
    assert api.get(f"connectors/landingzone?{ZONE}").json() == {
        "containerName": "dlz-user-container",
        "containerTTL": "7",
    }
    path = f"connectors/landingzone/credentials?{ZONE}"
    first = api.get(path).json()
    assert first["SASUri"].endswith(f"/dlz-user-container?{first['SASToken']}")
    assert api.get(path).json() == first
    refreshed = api.post(f"{path}&action=refresh").json()
    assert refreshed["SASToken"] != first["SASToken"]
    assert api.get(path).json() == refreshed
    assert code_of(api.post(f"{path}&action=burn")) == "1705-400"
    assert code_of(api.get("connectors/landingzone?type=other")) == "1710-400"


def new_key(api: Caller) -> str:
    body = {"encryptionAlgorithm": "PGP", "params": {"passPhrase": "open sesame"}}
    key = api.made("connectors/encryption/keys", body)
    assert set(key) == {"publicKey", "publicKeyId", "expiryTime"}
    return str(key["publicKeyId"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"encryptionAlgorithm": "ROT13", "params": {"passPhrase": "x"}}, "1204-400"),
        ({"encryptionAlgorithm": "GPG", "params": {}}, "1205-400"),
        ({"encryptionAlgorithm": "GPG"}, "1205-400"),
    ],
)
def test_a_key_needs_an_algorithm_and_a_passphrase(api: Caller, body: object, code: str) -> None:
    assert code_of(api.post("connectors/encryption/keys", body)) == code


def test_a_dataflow_reads_encrypted_files_with_a_key(api: Caller) -> None:
    body = api.flow_body(AZURE_BLOB)
    mapping = body["transformations"]

    def code(**encryption: Any) -> str:
        transformations = [*mapping, {"name": "Encryption", **encryption}]
        return code_of(api.post("flow/flows", body | {"transformations": transformations}))

    assert code() == code(params={}) == "1202-400"
    assert code(params={"publicKeyId": ""}) == "1309-400"
    assert code(params={"publicKeyId": "none"}) == "1311-400"
    encryption = {"name": "Encryption", "params": {"publicKeyId": new_key(api)}}
    api.made("flow/flows", body | {"transformations": [*mapping, encryption]})


def test_only_file_sources_take_encryption(aep: AepEmulator, api: Caller) -> None:
    body = api.flow_body()
    body["transformations"].append({"name": "Encryption", "params": {"publicKeyId": new_key(api)}})
    assert code_of(api.post("flow/flows", body)) == "1318-400"
