"""``airflow-aep plan``: what would make the platform equal to spec files."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from airflow_provider_aep.cli.connection import connect, credentials
from airflow_provider_aep.cli.planned import Cost, print_lines
from airflow_provider_aep.cli.terminal import print_json, progress
from airflow_provider_aep.dataflow.lint import load_checked
from airflow_provider_aep.dataflow.planner import plan
from airflow_provider_aep.dataflow.render import lines


def run(args: Namespace) -> int:
    """Print the plan. Returns 0 if there is nothing to do, 2 if there is.

    :raises AepError: the files have errors, or the platform cannot be asked.
    """
    cost = Cost()
    with progress("Looking at what is live") as advance:
        client = connect(args, on_exchange=cost.counting(advance))
        specs = load_checked(args.paths, sandbox=client.sandbox, only=args.only)
        found = plan(client, specs.dataflows, credentials=credentials, deep=args.deep, unmanaged=args.unmanaged)
    document = found.to_json()
    if args.out:
        Path(args.out).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if args.json:
        print_json(document)
    else:
        print_lines(lines(found, cost.text()))
    return 0 if found.is_empty else 2
