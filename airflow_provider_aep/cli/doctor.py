"""``airflow-aep doctor``: what is wrong with an installation, and which of our assumptions hold on its platform."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from airflow_provider_aep.cli.connection import connect, connection_fields
from airflow_provider_aep.cli.terminal import cell, print_json, print_table, print_text, progress
from airflow_provider_aep.client.fields import ConnectionFields
from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.probe.access import Finding
from airflow_provider_aep.probe.doctor import examine

if TYPE_CHECKING:
    from airflow_provider_aep.probe.profile import Result


# Characters that are left for a reason where a terminal has 80 columns.
_SHORT: Final = 29


def run(args: Namespace) -> int:
    """Print what was found at each step. Returns 0 if all is well, 2 if there is something to mend.

    :raises AepError: the platform cannot be probed, or the profile cannot be written.
    """
    _check_options(args)
    findings = _examine(args)
    well = not any(finding.fault for finding in findings)
    report: dict[str, Any] = {"well": well, "findings": [asdict(finding) for finding in findings]}
    if not args.json:
        print_table(("step", "found"), [(finding.step, _found(finding)) for finding in findings])
    if args.probe and _is_sandbox_open(findings):
        report |= _probe(args)
    elif args.probe and not args.json:
        print_text()
        print_text("The platform was not probed: mend first what keeps this credential from the sandbox.", "warning")
    if args.json:
        print_json(report)
    if args.out and "profile" in report:
        _write_profile(args.out, report["profile"])
    return 0 if well else 2


def _check_options(args: Namespace) -> None:
    for option in ("write", "yes", "out"):
        if getattr(args, option) and not args.probe:
            raise AepConfigError(f"--{option} is for --probe: add it, or leave --{option} out.")
    if args.yes and not args.write:
        raise AepConfigError("--yes is for --write: add it, or leave --yes out.")
    if args.out and (not Path(args.out).parent.is_dir() or Path(args.out).is_dir()):
        raise AepConfigError(f"--out must be a file in a folder that there is, not {args.out!r}.")


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


def _found(finding: Finding) -> Text:
    """One cell, as a sentence needs all the width that a terminal has."""
    return cell(finding.fault or "ok", "bad" if finding.fault else "good").append_text(cell(f"  {finding.text}"))


def _is_sandbox_open(findings: Sequence[Finding]) -> bool:
    """Whether there is something to probe: one service that is not permitted does not keep the others from it."""
    return any(finding.step == "Sandbox" and not finding.fault for finding in findings)


def _probe(args: Namespace) -> dict[str, Any]:
    # The table of assumptions and all its probes: an installation is examined without them.
    from airflow_provider_aep.probe.assumptions import ASSUMPTIONS
    from airflow_provider_aep.probe.profile import check_writable, probe_by_reading, probe_by_writing, profile_of

    client = connect(args)
    if args.write:
        check_writable(client)
        _confirm(client, args)
    left: list[str] = []
    with progress("Probing the platform", len(ASSUMPTIONS) * (2 if args.write else 1)) as advance:
        results = probe_by_reading(client, advance)
        if args.write:
            results, left = probe_by_writing(client, results, pause=sleep, advance=advance)
    profile = profile_of(results)
    if not args.json:
        _print_results(results)
        for what in left:
            print_text(f"left behind: {what}", "warning")
    return {"profile": profile, "left": left}


def _print_results(results: Sequence[Result]) -> None:
    """A table, and below it what is too long for its last column at 80 columns, once each."""
    notes: dict[str, int] = {}

    def noted(text: str) -> str:
        return text if len(text) <= _SHORT else f"note {notes.setdefault(text, len(notes) + 1)}"

    print_text()
    rows = []
    for one in results:
        found, assumed = one.found, json.dumps(one.assumption.assumed)
        style = "quiet" if found is None else "good" if found == one.assumption.assumed else "warning"
        named = isinstance(found, list) and bool(found)
        shown = "unknown" if found is None else f"{len(found)} named" if named else json.dumps(found)
        rows.append([one.assumption.id, cell(shown, style), assumed, noted(", ".join(found) if named else one.why_not)])
    print_table(("assumption", "found", "assumed", ""), rows)
    if notes:
        print_text()
        print_table(("note", ""), [(number, text) for text, number in notes.items()])


def _write_profile(file: str, profile: dict[str, Any]) -> None:
    try:
        Path(file).write_text(json.dumps(profile, indent=2) + "\n")
    except OSError as problem:
        raise AepConfigError(f"--out {file!r} cannot be written: {problem.strerror}.") from None


def _confirm(client: AepClient, args: Namespace) -> None:
    """:raises AepConfigError: nobody said yes."""
    if args.yes:
        return
    what = (
        f"make a few drafts, a schema and a dataset in sandbox {client.sandbox!r} of {client.org_id}, and remove them"
    )
    if not sys.stdin.isatty():
        raise AepConfigError(f"--write would {what}: say so with --yes, as there is no terminal to ask.")
    kept = "What the platform does not let go, such as a schema in use, stays and is named at the end."
    # The JSON alone is standard output.
    print(f"This will {what}. {kept} Go on? [y/N] ", end="", flush=True, file=sys.stderr if args.json else sys.stdout)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise AepConfigError("Nothing was made: there was no yes.")
