"""Connectors: the Data Landing Zone's container and credentials, and the keys of encrypted files.

Pages sources/tutorials/api/create/cloud-storage/data-landing-zone and sources/tutorials/api/encrypt-data.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow_provider_aep.emulator.http.errors import SourcesError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

DAY_S = 86_400
#: type of landing zone -> its container
CONTAINERS = {"user_drop_zone": "dlz-user-container", "dlz_destination": "dlz-destination-container"}
CREDENTIALS_DAYS = 90
KEY_DAYS = 180
ALGORITHMS = ("PGP", "GPG")


def get_landing_zone(platform: Platform, request: Request) -> Response:
    """GET /landingzone?type=user_drop_zone."""
    return Response(200, {"containerName": CONTAINERS[_type(request)], "containerTTL": "7"})


def get_credentials(platform: Platform, request: Request) -> Response:
    """GET /landingzone/credentials?type=user_drop_zone: they stay the same until they are refreshed."""
    zone = _type(request)
    known = request.sandbox["landingZoneCredentials"]
    if zone not in known:
        known[zone] = _credentials(platform, zone)
    return Response(200, known[zone])


def refresh_credentials(platform: Platform, request: Request) -> Response:
    """POST /landingzone/credentials?type=user_drop_zone&action=refresh."""
    zone = _type(request)
    if request.first("action") != "refresh":
        raise SourcesError(
            "1705-400",
            "The provided data landing zone action is unsupported. Please provide a valid action and try again.",
        )
    request.sandbox["landingZoneCredentials"][zone] = _credentials(platform, zone)
    return Response(200, request.sandbox["landingZoneCredentials"][zone])


def create_encryption_key(platform: Platform, request: Request) -> Response:
    """POST /encryption/keys: a key pair, of which the platform keeps the private one."""
    body = request.body if isinstance(request.body, dict) else {}
    if body.get("encryptionAlgorithm") not in ALGORITHMS:
        raise SourcesError(
            "1204-400",
            "The provided encryption algorithm is invalid. Please provide a valid encryption algorithm and try again.",
        )
    params: Any = body.get("params")
    if not isinstance(params, dict) or not params.get("passPhrase"):
        raise SourcesError(
            "1205-400",
            "The passphrase is missing in the params section in the provided request. "
            "Please provide passPhrase in params and try again.",
        )
    key = {
        "publicKey": platform.identifiers.hex(128),
        "publicKeyId": platform.identifiers.uuid(),
        "expiryTime": str(int(platform.now()) + KEY_DAYS * DAY_S),
    }
    request.sandbox["encryptionKeys"][key["publicKeyId"]] = key
    return Response(200, key)


def _type(request: Request) -> str:
    zone = request.first("type") or ""
    if zone not in CONTAINERS:
        raise SourcesError(
            "1710-400",
            f"The provided landing zone of type: {zone} is not supported. "
            "Please provide a valid landing zone type and try again.",
        )
    return zone


def _credentials(platform: Platform, zone: str) -> Json:
    container, account = CONTAINERS[zone], f"dlblobstore{platform.identifiers.hex(12)}"
    token = f"sv=2020-04-08&si=dlz-{platform.identifiers.uuid()}&sr=c&sp=racwdlm&sig={platform.identifiers.hex(64)}"
    expires = datetime.fromtimestamp(platform.now() + CREDENTIALS_DAYS * DAY_S, UTC)
    return {
        "containerName": container,
        "SASToken": token,
        "storageAccountName": account,
        "SASUri": f"https://{account}.blob.core.windows.net/{container}?{token}",
        "expiryDate": expires.strftime("%Y-%m-%d"),
    }
