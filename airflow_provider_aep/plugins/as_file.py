"""A live dataflow as a file, and how it differs from the file that declares it."""

from __future__ import annotations

from typing import Any

from airflow.configuration import conf

from airflow_provider_aep.dataflow.export import export_flow
from airflow_provider_aep.dataflow.lint import load_checked
from airflow_provider_aep.dataflow.planner import Platform, plan
from airflow_provider_aep.dataflow.render import render
from airflow_provider_aep.exceptions import AepApiError, AepConfigError


def as_file(client: Platform, flow_id: str, name: str) -> dict[str, Any]:
    """The text of its file, or why there is none; and the plan of the spec that declares it, if there is one.

    :raises AepError: the platform cannot be asked.
    """
    return {**_exported(client, flow_id), **_drift(client, name)}


def _exported(client: Platform, flow_id: str) -> dict[str, Any]:
    try:
        return {"yaml": export_flow(client.send, flow_id, now=client.now).to_yaml(), "problem": None}
    except (AepConfigError, AepApiError) as problem:
        # Not every dataflow can be written as a file, such as one with two sources.
        if isinstance(problem, AepApiError) and problem.retryable:
            raise
        return {"yaml": None, "problem": str(problem)}


def _drift(client: Platform, name: str) -> dict[str, Any]:
    """The plan as text; None where no file of the setting `[aep] dataflow_specs` declares the dataflow."""
    folders = [folder.strip() for folder in conf.get("aep", "dataflow_specs", fallback="").split(",") if folder.strip()]
    if not folders:
        return {"drift": None, "drifted": False}
    try:
        specs = load_checked(folders, sandbox=client.sandbox).dataflows
        declared = [spec for spec in specs if spec.name == name]
        if not declared:
            return {"drift": None, "drifted": False}
        planned = plan(client, declared)
    except AepConfigError as problem:
        return {"drift": str(problem), "drifted": True}
    return {"drift": render(planned), "drifted": not planned.is_empty}
