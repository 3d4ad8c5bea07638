"""``airflow-aep destroy``: delete the dataflows of spec files."""

from __future__ import annotations

from argparse import Namespace

from airflow_provider_aep.cli.connection import connect
from airflow_provider_aep.cli.planned import confirm, print_report
from airflow_provider_aep.cli.terminal import print_json, progress
from airflow_provider_aep.dataflow.destroy import destroy
from airflow_provider_aep.dataflow.lint import load_checked
from airflow_provider_aep.dataflow.report import Report


def run(args: Namespace) -> int:
    """Say what goes, ask on a terminal, and delete it. Returns 1 if something failed.

    :raises AepError: the files have errors, one of them is protected, or nobody said yes. Nothing was deleted.
    """
    client = connect(args)
    specs = load_checked(args.paths, sandbox=client.sandbox, only=args.only).dataflows
    if args.dry_run or not args.yes:
        with progress("Looking at what is live"):
            report = destroy(client, specs, include=args.include, dry_run=True)
        if args.dry_run or not report.of("would be deleted"):
            return _shown(report, as_json=args.json)
        print_report(report)
        confirm("Delete these?")
    with progress("Deleting") as advance:
        report = destroy(
            client,
            specs,
            include=args.include,
            progress=lambda outcome: advance(1, f"{outcome.dataflow}: {outcome.noun} {outcome.done}"),
        )
    return _shown(report, as_json=args.json)


def _shown(report: Report, *, as_json: bool) -> int:
    if as_json:
        print_json(report.to_json())
    else:
        print_report(report)
    return 0 if report.ok else 1
