"""``airflow-aep schema``: the JSON Schema of spec files."""

from __future__ import annotations

from argparse import Namespace

from airflow_provider_aep.cli.terminal import print_json
from airflow_provider_aep.dataflow.json_schema import json_schema


def run(args: Namespace) -> int:
    """Print it, as it is published."""
    print_json(json_schema())
    return 0
