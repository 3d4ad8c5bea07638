"""The verbs of the command line, said once for both of its front ends. Imports nothing that takes time."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from airflow_provider_aep.cli.arguments import (
    JSON,
    PLATFORM,
    SPECS,
    Argument,
    also_deleted,
    argument,
    duration,
    moment,
)
from airflow_provider_aep.exceptions import AepError


@dataclass(frozen=True)
class Verb:
    """One verb. ``module`` holds ``run(args)``, which is imported only when the verb is used.

    ``run`` returns the exit code (None is 0), and raises an ``AepError`` with one sentence for whatever the caller can
    mend.
    """

    name: str
    help: str
    module: str
    arguments: tuple[Argument, ...]

    def run(self, args: Namespace) -> int:
        """Import the verb's module and do it. Returns the exit code.

        :raises AepError: one sentence for the caller; the exit code is 1.
        """
        run: Callable[[Namespace], int | None] = import_module(self.module).run
        try:
            code = run(args) or 0
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever reads the output has read enough, as `head` does. Python would try to flush once more at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except OSError as error:
            raise AepError(f"{error}.") from error
        return code


def _verb(name: str, help: str, *arguments: Argument) -> Verb:
    """A verb whose module has its name."""
    return Verb(name, help, f"airflow_provider_aep.cli.{name}", arguments)


_FLOW_NAMES: Final = argument(
    "names", "names, patterns (*, ?, [...]) or ids of dataflows (default: all)", metavar="NAME", nargs="*"
)

_YES: Final = argument("--yes", "do not ask", action="store_true")

VERBS: Final = (
    _verb(
        "emulator",
        "Start a local Experience Platform, and print the Airflow connection that leads to it",
        argument("--port", "0 takes any free port (default: 8099)", type=int, default=8099),
        argument("--host", "listen on this address, as 0.0.0.0 for containers (default: 127.0.0.1)", metavar="ADDRESS"),
        argument(
            "--allow-host",
            "a name with a dot by which clients reach the emulator; may be repeated",
            metavar="NAME",
            action="append",
        ),
        argument("--connection-file", "write the connection here as JSON once the emulator listens", metavar="FILE"),
        argument("--state-file", "keep everything made in this file", metavar="FILE"),
        argument(
            "--spec",
            "a JSON file of connection specs or flow specs beside the published ones; may be repeated",
            metavar="FILE",
            action="append",
        ),
        argument("--profile", "behave as doctor --probe --out FILE found a real platform to do", metavar="FILE"),
        argument("--speed", "emulated seconds in a real one (default: 1)", type=float, default=1.0),
        argument(
            "--auto-advance",
            "move the emulated clock on by this much at each look at runs or batches (default: 0)",
            type=float,
            default=0.0,
            metavar="SECONDS",
        ),
    ),
    _verb(
        "lint",
        "Say everything that is wrong with spec files; asks the platform nothing. Exit code 1 if there are errors",
        *SPECS,
        argument("--sandbox", "for this sandbox alone (default: for each that a file lists)", metavar="NAME"),
        argument("--strict", "let warnings count as errors", action="store_true"),
        JSON,
    ),
    _verb("schema", "Print the JSON Schema of spec files, for editors"),
    _verb(
        "flows",
        "List the source dataflows of a sandbox: state, schedule, last run",
        _FLOW_NAMES,
        *PLATFORM,
        argument("--state", "only those in this state: enabled, disabled, draft ...", metavar="STATE"),
    ),
    _verb(
        "runs",
        "List the flow runs of a dataflow, or of all: status, records, failures",
        argument("flow", "a name, pattern or id of a dataflow (default: all)", metavar="FLOW", nargs="?"),
        *PLATFORM,
        argument(
            "--since",
            "runs made since then: how long ago (36h, 2d), or a time with its offset (default: 1d)",
            metavar="WHEN",
            type=moment,
            default="1d",
        ),
        argument("--failed", "only those that failed, or that dropped records or files", action="store_true"),
    ),
    _verb(
        "health",
        "Find the dataflows that fail, are silent, are about to end or are disabled; exit code 2 if there are any",
        _FLOW_NAMES,
        *PLATFORM,
        argument(
            "--silent-for",
            "an enabled batch dataflow without a new run for so long is silent, such as 36h or 2d "
            "(default: two intervals of its own schedule, but no less than an hour)",
            metavar="DURATION",
            type=duration,
        ),
    ),
    _verb(
        "plan",
        "Show what would make the platform equal to spec files, and what that does to the data; "
        "exit code 2 if there is anything",
        *SPECS,
        *PLATFORM,
        argument("--out", "also write the plan here, as JSON", metavar="FILE"),
        argument("--deep", "also hold what would be written against the source and the schema", action="store_true"),
        argument("--unmanaged", "also list the source dataflows that no file names", action="store_true"),
    ),
    _verb(
        "apply",
        "Make the platform equal to spec files",
        *SPECS,
        *PLATFORM,
        _YES,
        argument("--expect", "refuse any other plan than the one with this fingerprint", metavar="FINGERPRINT"),
        argument(
            "--allow-replace",
            "replace what the platform cannot change, and read everything again (reload) or begin now (continue)",
            choices=("reload", "continue"),
        ),
        argument("--allow-destroy", "delete the dataflows whose files say state: absent", action="store_true"),
        argument("--rotate-credentials", "send the secrets of live accounts again", action="store_true"),
        argument(
            "--on-failure",
            "if anything fails, keep what was made (default), or remove all of it",
            choices=("keep", "rollback"),
            default="keep",
        ),
        argument("--concurrency", "requests at a time, at first (default: 8)", type=int, default=8, metavar="N"),
    ),
    _verb(
        "destroy",
        "Delete the dataflows of spec files; what has landed stays",
        *SPECS,
        *PLATFORM,
        _YES,
        argument(
            "--with",
            "what else goes, of base-connection and dataset (with all of its data), separated by commas",
            dest="include",
            metavar="WHAT",
            type=also_deleted,
            default=(),
        ),
        argument("--dry-run", "only say what would be deleted", action="store_true"),
    ),
    _verb(
        "drift",
        "Find what is live and no longer what spec files declare; exit code 2 if there is anything",
        *SPECS,
        *PLATFORM,
        argument(
            "--full",
            "also show what is live and not declared, and the source dataflows that no file names",
            action="store_true",
        ),
        argument(
            "--test-connections", "also let the platform sign in to each source, by its account", action="store_true"
        ),
    ),
    _verb(
        "export",
        "Write live dataflows as files that plan nothing",
        argument("names", "names or ids of dataflows", metavar="NAME", nargs="*"),
        *PLATFORM,
        argument("--all", "all source dataflows of the sandbox", action="store_true"),
        argument("--out", "write a file for each into this folder, instead of printing them", metavar="DIR"),
        argument("--ids", "name everything by its id as well", action="store_true"),
    ),
    _verb(
        "connectors",
        "Show what is published about the sources, or about one: auth specs, credentials, parameters",
        argument("name", "a name such as salesforce, or a connection spec id", metavar="NAME", nargs="?"),
        JSON,
    ),
    _verb(
        "doctor",
        "Examine the connection, the credential and this installation; exit code 2 if there is something to mend",
        *PLATFORM,
        argument(
            "--probe",
            "find out, by reading only, which of our assumptions about the platform hold",
            action="store_true",
        ),
        argument(
            "--write", "with --probe: also by making drafts and small things, which are removed", action="store_true"
        ),
        argument("--yes", "with --write: do not ask", action="store_true"),
        argument("--out", "with --probe: write the profile of the platform here, as JSON", metavar="FILE"),
    ),
)
