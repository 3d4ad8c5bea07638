"""``airflow-aep doctor``: what is wrong with an installation, and what mends it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from airflow_provider_aep.cli.connection import connection_fields
from airflow_provider_aep.cli.terminal import cell, print_json, print_table, progress
from airflow_provider_aep.client.fields import ConnectionFields
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.probe.access import Finding
from airflow_provider_aep.probe.doctor import examine


def run(args: Namespace) -> int:
    """Print what was found at each step. Returns 0 if all is well, 2 if there is something to mend.

    :raises AepError: the platform cannot be probed.
    """
    findings = _examine(args)
    if args.json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(("step", "", "found"), [_row(finding) for finding in findings])
    return 2 if any(finding.fault for finding in findings) else 0


def _examine(args: Namespace) -> list[Finding]:
    fields: ConnectionFields | AepConfigError
    try:
        fields = connection_fields(args)
    except AepConfigError as problem:
        fields = problem
    with progress("Examining the installation") as advance:
        findings = []
        for finding in examine(fields, args.sandbox):
            findings.append(finding)
            advance()
    return findings


def _row(finding: Finding) -> list[object]:
    style = "bad" if finding.fault else "good"
    return [finding.step, cell(finding.fault or "ok", style), finding.text]
