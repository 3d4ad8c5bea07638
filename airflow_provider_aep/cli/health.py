"""``airflow-aep health``: which dataflows fail, are silent, are about to end or are disabled."""

from __future__ import annotations

from argparse import Namespace

from airflow_provider_aep.cli.connection import connect
from airflow_provider_aep.cli.terminal import print_json, print_text, progress
from airflow_provider_aep.runs.health import Health, read_health


def run(args: Namespace) -> int:
    """Print the table. Returns 0 if all is well, 2 if not.

    :raises AepError: the platform cannot be asked, or no dataflow has a name that was given.
    """
    with progress("Looking at dataflows and their runs") as advance:
        client = connect(args, on_exchange=lambda *exchange: advance())
        health = read_health(client, args.names, args.silent_for)
    if args.json:
        print_json({"org": client.org_id, "sandbox": client.sandbox, **health.to_json()})
    else:
        _print(health, f"{client.sandbox} of {client.org_id}")
    return 0 if health.well else 2


def _print(health: Health, where: str) -> None:
    first, *lines = health.lines()
    print_text(f"{where}, {first}", "good" if health.well else "bad")
    for line in lines:
        print_text(line, _style(line))


def _style(line: str) -> str:
    if line.startswith("  failing"):
        return "bad"
    if line.startswith("  disabled"):
        return "quiet"
    return "warning" if line.startswith("  ") else ""
