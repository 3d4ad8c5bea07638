"""Sandbox management: the sandboxes of the organisation."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.errors import not_found
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.state.platform import Platform


def list_all(platform: Platform, request: Request) -> Response:
    """GET /sandbox-management/ and GET /sandbox-management/sandboxes."""
    described = [sandbox.described() for sandbox in platform.sandboxes.values()]
    return Response(200, {"sandboxes": described, "_page": {"limit": 200, "count": len(described)}, "_links": {}})


def get_one(platform: Platform, request: Request, name: str) -> Response:
    if name not in platform.sandboxes:
        raise not_found(f"Sandbox with name '{name}' not present. Please check if resource exists.")
    return Response(200, platform.sandboxes[name].described())
