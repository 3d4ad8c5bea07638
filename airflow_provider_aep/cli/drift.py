"""``airflow-aep drift``: what is live and no longer what spec files declare."""

from __future__ import annotations

from argparse import Namespace

from airflow_provider_aep.cli.connection import connect
from airflow_provider_aep.cli.planned import Cost, print_lines
from airflow_provider_aep.cli.terminal import print_json, progress
from airflow_provider_aep.dataflow.drift import find_drift
from airflow_provider_aep.dataflow.lint import load_checked


def run(args: Namespace) -> int:
    """Print what has drifted. Returns 0 if nothing has, 2 if something has.

    :raises AepError: the files have errors, or the platform cannot be asked.
    """
    cost = Cost()
    with progress("Looking at what is live") as advance:
        client = connect(args, on_exchange=cost.counting(advance))
        specs = load_checked(args.paths, sandbox=client.sandbox, only=args.only)
        found = find_drift(client, specs.dataflows, full=args.full, test_connections=args.test_connections)
    if args.json:
        print_json(found.to_json())
    else:
        print_lines(found.lines(cost.text()))
    return 0 if found.is_empty else 2
