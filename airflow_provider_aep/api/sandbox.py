"""Sandbox management: which sandboxes the caller may use.

https://developer.adobe.com/experience-platform-apis/references/sandbox/
"""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.models.sandbox import Sandbox

BASE = "/data/foundation/sandbox-management"


def _sandboxes(response: Any) -> Any:
    return response["sandboxes"]


def list_sandboxes() -> Call[list[Sandbox]]:
    return Call("GET", f"{BASE}/", list[Sandbox], sandboxed=False, unwrap=_sandboxes)
