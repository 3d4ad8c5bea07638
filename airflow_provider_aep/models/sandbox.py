"""A sandbox: one isolated copy of the platform within an organisation.

https://developer.adobe.com/experience-platform-apis/references/sandbox/
"""

from __future__ import annotations

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.tolerant import Name


class Sandbox(AepModel):
    name: str
    title: Name = None
    state: Name = None
    type: Name = None
