"""``airflow-aep apply``: make the platform equal to spec files."""

from __future__ import annotations

from argparse import Namespace

from airflow_provider_aep.cli.connection import connect, credentials
from airflow_provider_aep.cli.planned import Cost, confirm, print_lines, print_report
from airflow_provider_aep.cli.terminal import print_json, progress
from airflow_provider_aep.dataflow.apply import apply, check_allowed, check_expected
from airflow_provider_aep.dataflow.lint import load_checked
from airflow_provider_aep.dataflow.planner import plan
from airflow_provider_aep.dataflow.render import lines


def run(args: Namespace) -> int:
    """Print the plan, ask on a terminal, do it, and print what was done. Returns 1 if something failed.

    :raises AepError: the files have errors, the plan is refused, or nobody said yes. Nothing was written.
    """
    cost = Cost()
    client = connect(args, on_exchange=cost.counting(lambda: None))
    with progress("Looking at what is live"):
        specs = load_checked(args.paths, sandbox=client.sandbox, only=args.only)
        found = plan(
            client,
            specs.dataflows,
            credentials=credentials,
            allow_replace=args.allow_replace or False,
            allow_destroy=args.allow_destroy,
            rotate_credentials=args.rotate_credentials,
        )
    if not args.json:
        print_lines(lines(found, cost.text()))
    check_expected(found, args.expect)
    check_allowed(found, args.allow_replace or False, args.allow_destroy)
    if not found.is_empty and not args.yes:
        confirm("Apply this plan?")
    with progress("Applying", total=sum(len(each.resources) for each in found.dataflows)) as advance:
        report = apply(
            client,
            found,
            credentials=credentials,
            allow_replace=args.allow_replace or False,
            allow_destroy=args.allow_destroy,
            on_failure=args.on_failure,
            concurrency=args.concurrency,
            progress=lambda outcome: advance(1, f"{outcome.dataflow}: {outcome.noun} {outcome.done}"),
        )
    if args.json:
        print_json(report.to_json())
    elif not found.is_empty:
        print_report(report)
    return 0 if report.ok else 1
