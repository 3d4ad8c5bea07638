"""Template fields that every operator and sensor has."""

from __future__ import annotations

COMMON_FIELDS = ("aep_conn_id", "sandbox")
