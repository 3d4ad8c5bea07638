"""The verbs of the command line, said once for both of its front ends. Imports nothing that takes time."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final


@dataclass(frozen=True)
class Argument:
    """One argument of a verb: its flag, and what ``argparse.ArgumentParser.add_argument`` takes besides."""

    flag: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verb:
    """One verb. ``module`` holds ``run(args)``, which is imported only when the verb is used.

    ``run`` raises an ``AepError`` with one sentence for whatever the caller can mend.
    """

    name: str
    help: str
    module: str
    arguments: tuple[Argument, ...]

    def run(self, args: Namespace) -> None:
        """Import the verb's module and do it."""
        run: Callable[[Namespace], None] = import_module(self.module).run
        run(args)


VERBS: Final = (
    Verb(
        "emulator",
        "Start a local Experience Platform, and print the Airflow connection that leads to it",
        "airflow_provider_aep.cli.emulator",
        (
            Argument("--port", {"type": int, "default": 8099, "help": "0 takes any free port (default: 8099)"}),
            Argument(
                "--connection-file",
                {"metavar": "FILE", "help": "write the connection here as JSON once the emulator listens"},
            ),
            Argument("--state-file", {"metavar": "FILE", "help": "keep everything made in this file"}),
            Argument(
                "--spec",
                {
                    "metavar": "FILE",
                    "action": "append",
                    "help": "a JSON file of connection specs or flow specs beside the published ones; may be repeated",
                },
            ),
            Argument(
                "--speed",
                {"type": float, "default": 1.0, "help": "emulated seconds in a real one (default: 1)"},
            ),
            Argument(
                "--auto-advance",
                {
                    "type": float,
                    "default": 0.0,
                    "metavar": "SECONDS",
                    "help": "move the emulated clock on by this much with every request (default: 0)",
                },
            ),
        ),
    ),
)
