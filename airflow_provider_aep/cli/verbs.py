"""The verbs of the command line, said once for both of its front ends. Imports nothing that takes time."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from airflow_provider_aep.cli.arguments import Argument, argument
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
        argument("--speed", "emulated seconds in a real one (default: 1)", type=float, default=1.0),
        argument(
            "--auto-advance",
            "move the emulated clock on by this much at each look at runs or batches (default: 0)",
            type=float,
            default=0.0,
            metavar="SECONDS",
        ),
    ),
)
