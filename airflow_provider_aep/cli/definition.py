"""The verbs as Airflow's own sub-commands: ``airflow aep VERB``, on Airflow 3.2 and newer.

Airflow imports this module whenever any ``airflow`` command starts, so Airflow's classes are imported only
when it asks, and a verb's code only when the verb is used.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_aep.cli.verbs import VERBS, Verb

if TYPE_CHECKING:
    from airflow.cli.cli_config import CLICommand


def get_cli_commands() -> list[CLICommand]:
    """Return the command group ``aep``: the value of ``cli`` in the provider metadata."""
    from airflow.cli.cli_config import ActionCommand, Arg, GroupCommand

    commands = [
        ActionCommand(
            name=verb.name,
            help=verb.help,
            func=_airflow_function(verb),
            args=[Arg((argument.flag,), **argument.options) for argument in verb.arguments],
        )
        for verb in VERBS
    ]
    return [GroupCommand(name="aep", help="Adobe Experience Platform dataflows", subcommands=commands)]


def _airflow_function(verb: Verb) -> Callable[[Namespace], None]:
    def command(args: Namespace) -> None:
        from airflow_provider_aep.exceptions import AepError

        try:
            code = verb.run(args)
        except AepError as error:
            # Airflow shows a traceback for an exception, and only the sentence for this one; both exit 1.
            raise SystemExit(str(error)) from error
        except KeyboardInterrupt:
            code = 130
        if code:
            raise SystemExit(code)

    return command
