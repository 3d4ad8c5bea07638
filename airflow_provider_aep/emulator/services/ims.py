"""Adobe IMS: OAuth server-to-server tokens."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.errors import ImsError
from airflow_provider_aep.emulator.http.message import FORM, Request, Response
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.switches import AEP_SCOPES


def issue_token(platform: Platform, request: Request) -> Response:
    """POST /ims/token/v3. `expires_in` is in seconds."""
    form = request.body
    if request.content_type != FORM or not isinstance(form, dict):
        raise ImsError(400, "invalid_request", "The body must be application/x-www-form-urlencoded.")
    if form.get("grant_type") != "client_credentials":
        raise ImsError(400, "unsupported_grant_type", "The grant_type must be client_credentials.")
    if form.get("client_id") != platform.switches.client_id:
        raise ImsError(400, "invalid_client", "invalid client_id parameter")
    if form.get("client_secret") != platform.switches.client_secret:
        raise ImsError(401, "invalid_client", "invalid client_secret parameter")
    scopes = form.get("scope", "").split(",")
    unknown = [scope for scope in scopes if scope not in AEP_SCOPES]
    if unknown:
        raise ImsError(400, "invalid_scope", f"unknown scope: {unknown[0]!r}")
    lifetime = platform.switches.token_lifetime
    token = f"eyJhbGciOiJSUzI1NiJ9.{platform.identifiers.hex(64)}.{platform.identifiers.hex(32)}"
    platform.tokens[token] = {"clientId": form["client_id"], "expiresAt": platform.now() + lifetime}
    return Response(200, {"access_token": token, "token_type": "bearer", "expires_in": lifetime})
