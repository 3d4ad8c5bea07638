"""The transcripts of a page of the docs: its commands are run, and what they print is held against the page."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from named_tests import read_page

from airflow_provider_aep.cli.main import main

# What differs from run to run, in as many characters as it has.
_CHANGING = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d": "yyyy-mm-dd hh:mm",
}


@dataclass(frozen=True)
class Step:
    """A command of a page, and what the page says it prints."""

    command: str
    printed: str


def steps_of(page: str) -> list[Step]:
    """The commands in the console blocks of a page, in their order."""
    blocks = re.findall(r"^```console\n(.*?)^```$", read_page(page), re.MULTILINE | re.DOTALL)
    steps = []
    for block in blocks:
        for said in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = said.partition("\n")
            steps.append(Step(command, printed.strip("\n")))
    return steps


def replay(page: str, capsys) -> list[tuple[Step, Step]]:
    """Each step of a page, and the same as it went just now. ``$ echo $?`` tells the exit code of the one before."""
    code = 0
    replayed = []
    for step in steps_of(page):
        program, *arguments = shlex.split(step.command)
        if step.command == "echo $?":
            printed = f"{code}\n"
        else:
            assert program == "airflow-aep", step.command
            code = _code(arguments)
            printed = "".join(capsys.readouterr())
        replayed.append((_still(step), _still(Step(step.command, printed.strip("\n")))))
    return replayed


def _code(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


def _still(step: Step) -> Step:
    printed = step.printed
    for pattern, still in _CHANGING.items():
        printed = re.sub(pattern, still, printed)
    return Step(step.command, printed)
