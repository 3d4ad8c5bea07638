"""The console script ``airflow-aep``. It needs no Airflow to start, so it answers at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from airflow_provider_aep import __version__
from airflow_provider_aep.cli.verbs import VERBS
from airflow_provider_aep.exceptions import AepError

# EX_USAGE of sysexits.h. A CI would take argparse's own 2 for "there are changes".
WRONG_COMMAND_LINE: Final = 64


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code: the verb's own, 1 for an error, 130 interrupted.

    A command line that cannot be read ends the process with 64.
    """
    args = _parser().parse_args(argv)
    try:
        code: int = args.verb.run(args)
    except AepError as error:
        print(f"airflow-aep: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_COMMAND_LINE, f"{self.prog}: {message}. See {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="airflow-aep", description="Adobe Experience Platform dataflows.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        verb_parser = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
        verb_parser.set_defaults(verb=verb)
        for argument in verb.arguments:
            verb_parser.add_argument(argument.flag, **argument.options)
    return parser


if __name__ == "__main__":
    sys.exit(main())
