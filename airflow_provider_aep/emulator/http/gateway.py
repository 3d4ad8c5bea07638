"""The guards of the routes: what a request must carry before its service sees it.

Adobe's gateway looks at the token, the key, the organisation and the type of the body; most services then want a
sandbox. A guard raises what the gateway would respond, or notes on the request whose it is and in which sandbox.
"""

from __future__ import annotations

import re

from airflow_provider_aep.emulator.http.errors import FlowServiceError, GatewayError
from airflow_provider_aep.emulator.http.message import Request
from airflow_provider_aep.emulator.state.platform import Platform

ORG_ID = re.compile(r"[0-9A-Za-z]+@[A-Za-z]+")
JSON_TYPES = ("application/json", "application/json-patch+json")


def open_to_all(platform: Platform, request: Request) -> None:
    """Adobe IMS, which gives out the tokens, the streaming inlets and the emulator's own routes."""


def needs_token(platform: Platform, request: Request) -> None:
    """Services that answer without a sandbox."""
    token = platform.live_token(_bearer(request))
    if token is None:
        raise GatewayError("401013", "Oauth token is not valid")
    key = request.headers.get("x-api-key")
    if not key:
        raise GatewayError("403000", "Api Key is required")
    if key != token["clientId"]:
        raise GatewayError("403003", "Api Key is invalid")
    request.client_id = key
    _check_organisation(platform, request)
    if request.method in ("POST", "PUT", "PATCH") and request.raw:
        _check_body(request)


def needs_sandbox(platform: Platform, request: Request) -> None:
    """All other services: everything is in a sandbox."""
    needs_token(platform, request)
    _enter_sandbox(platform, request)


def _bearer(request: Request) -> str:
    authorization = request.headers.get("authorization", "")
    scheme, _, token = authorization.partition(" ")
    if not authorization:
        raise GatewayError("403010", "Oauth token is missing.")
    return token.strip() if scheme.lower() == "bearer" else ""


def _check_body(request: Request) -> None:
    if request.content_type not in JSON_TYPES:
        raise FlowServiceError("1004-415", "The provided payload format is unsupported.")
    if isinstance(request.body, str):
        raise FlowServiceError("1000-400", "The request is invalid: the body is not valid JSON.", "Bad request")


def _check_organisation(platform: Platform, request: Request) -> None:
    org_id = request.headers.get("x-gw-ims-org-id")
    if not org_id:
        raise GatewayError("400003", "Missing header")
    if not ORG_ID.fullmatch(org_id):
        raise GatewayError("403027", "User region is missing")
    if org_id != platform.switches.org_id:
        raise GatewayError("403025", "Profile is not valid")


def _enter_sandbox(platform: Platform, request: Request) -> None:
    if "x-sandbox-id" in request.headers:
        raise FlowServiceError(
            "2110-400",
            "The header x-sandbox-id is not allowed with the user token. Please update the header and try again.",
        )
    name = request.headers.get("x-sandbox-name")
    if not name:
        raise FlowServiceError(
            "2105-400",
            "The header x-sandbox-name is missing in the request. Please add the header in the request and try again.",
        )
    if name == "*":
        raise FlowServiceError(
            "2111-403",
            "The header x-sandbox-name with value * is restricted with the user token. "
            "Please update the header and value and try again.",
        )
    sandbox = platform.sandboxes.get(name)
    if sandbox is None:
        raise FlowServiceError(
            "2100-404",
            f"The sandbox with the name '{name}' could not be found. "
            "Please ensure that the sandbox name is correct and try again.",
        )
    if sandbox.state != "active":
        raise FlowServiceError(
            "2101-404",
            f"The sandbox with the name '{name}' could not be found. Error from Sandbox Management API: "
            f"Sandbox with name '{name}' is {sandbox.state}.",
        )
    request.in_sandbox = sandbox
