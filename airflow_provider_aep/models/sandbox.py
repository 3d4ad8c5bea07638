"""A sandbox: one isolated copy of the platform within an organisation.

https://developer.adobe.com/experience-platform-apis/references/sandbox/
"""

from __future__ import annotations

from airflow_provider_aep.models.base import AepModel


class Sandbox(AepModel):
    name: str
    title: str | None = None
    state: str | None = None
    type: str | None = None
