"""``airflow-aep lint``: what is wrong with spec files."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from airflow_provider_aep.cli.terminal import print_json, print_text
from airflow_provider_aep.dataflow.finding import errors
from airflow_provider_aep.dataflow.lint import lint


def run(args: Namespace) -> int:
    """Print a line for each finding, ``file:line:column code message``, and how many there are.

    Returns 1 if one of them counts.

    :raises AepConfigError: a path leads nowhere.
    """
    findings = lint(args.paths, sandbox=args.sandbox, only=args.only)
    bad = len(errors(findings))
    warnings = len(findings) - bad
    if args.json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            print_text(finding, "warning" if finding.is_warning else "bad")
        print_text(f"{_counted(bad, 'error')}, {_counted(warnings, 'warning')}.")
    return 1 if bad or (args.strict and warnings) else 0


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
