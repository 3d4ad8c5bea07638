"""``airflow-aep doctor``: what is wrong with an installation, and which of our assumptions hold on its platform."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from time import sleep
from typing import Any

from airflow_provider_aep.cli.connection import connect, connection_fields
from airflow_provider_aep.cli.terminal import cell, print_json, print_table, print_text, progress
from airflow_provider_aep.client.fields import ConnectionFields
from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.probe.access import Finding
from airflow_provider_aep.probe.doctor import examine


def run(args: Namespace) -> int:
    """Print what was found at each step. Returns 0 if all is well, 2 if there is something to mend.

    :raises AepError: the platform cannot be probed.
    """
    _check_options(args)
    findings = _examine(args)
    well = not any(finding.fault for finding in findings)
    report: dict[str, Any] = {"well": well, "findings": [asdict(finding) for finding in findings]}
    if not args.json:
        print_table(("step", "", "found"), [_row(finding) for finding in findings])
    if args.probe and well:
        report |= _probe(args)
    if args.json:
        print_json(report)
    return 0 if well else 2


def _check_options(args: Namespace) -> None:
    for option in ("write", "yes", "out"):
        if getattr(args, option) and not args.probe:
            raise AepConfigError(f"--{option} is for --probe: add it, or leave --{option} out.")


def _examine(args: Namespace) -> list[Finding]:
    fields: ConnectionFields | AepConfigError
    try:
        fields = connection_fields(args)
    except AepConfigError as problem:
        fields = problem
    findings = []
    with progress("Examining the installation") as advance:
        for finding in examine(fields, args.sandbox):
            findings.append(finding)
            advance()
    return findings


def _row(finding: Finding) -> list[object]:
    style = "bad" if finding.fault else "good"
    return [finding.step, cell(finding.fault or "ok", style), finding.text]


def _probe(args: Namespace) -> dict[str, Any]:
    # The table of assumptions and all its probes: an installation is examined without them.
    from airflow_provider_aep.probe.assumptions import ASSUMPTIONS
    from airflow_provider_aep.probe.profile import check_writable, probe_by_reading, probe_by_writing, profile_of

    client = connect(args)
    if args.write:
        check_writable(client)
        _confirm(client, args.yes)
    left: list[str] = []
    with progress("Probing the platform", len(ASSUMPTIONS) * (2 if args.write else 1)) as advance:
        results = probe_by_reading(client, advance)
        if args.write:
            results, left = probe_by_writing(client, results, pause=sleep, advance=advance)
    profile = profile_of(results)
    if args.out:
        Path(args.out).write_text(json.dumps(profile, indent=2) + "\n")
    if not args.json:
        print_text()
        rows = [(one.assumption.id, one.found, one.assumption.assumed, one.why_not) for one in results]
        print_table(("assumption", "found", "assumed", ""), [_result_row(*row) for row in rows])
        for what in left:
            print_text(f"left behind: {what}", "warning")
    return {"profile": profile, "left": left}


def _result_row(id_: str, found: Any, assumed: Any, why_not: str) -> Sequence[object]:
    style = "quiet" if found is None else "good" if found == assumed else "warning"
    shown: Callable[[Any], str] = json.dumps
    return [id_, cell("unknown" if found is None else shown(found), style), shown(assumed), why_not]


def _confirm(client: AepClient, yes: bool) -> None:
    """:raises AepConfigError: nobody said yes."""
    if yes:
        return
    what = (
        f"make a few drafts, a schema and a dataset in sandbox {client.sandbox!r} of {client.org_id}, and remove them"
    )
    if not sys.stdin.isatty():
        raise AepConfigError(f"--write would {what}: say so with --yes, as there is no terminal to ask.")
    if input(f"This will {what}. Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        raise AepConfigError("Nothing was made: there was no yes.")
