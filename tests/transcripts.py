"""The transcripts of a page of the docs: its commands are run, and what they print is held against the page."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from docs_pages import REPLAYED, Block, blocks, commands
from named_tests import read_page

from airflow_provider_aep.cli.main import main

# What differs from run to run, in as many characters as it has.
_CHANGING = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?": "yyyy-mm-dd hh:mm",
    r"\b([0-9a-f]{48}|[0-9a-f]{32}|[0-9a-f]{24})\b": "x" * 24,
    r"\b(airflow-|Fingerprint )([0-9a-f]{12}|[0-9a-f]{8})\b": r"\1xxxxxxxx",
    r"\d+ requests?, \d+\.\d s$": "n requests, 0.0 s",
    r"Airflow \d+\.\d+\.\d+": "Airflow x.y.z",
}


@dataclass(frozen=True)
class Step:
    """A command of a page, and what the page says it prints."""

    command: str
    printed: str


# What somebody else does meanwhile.
_MEANWHILE = re.compile(r"^% meanwhile: (.*)$", re.MULTILINE)


def replay(page: str, capsys, meanwhile=None) -> list[tuple[Step, Step]]:
    """Each step of a page, and the same as it went just now. ``$ echo $?`` tells the exit code of the one before.

    Files that the page shows are written below the working folder, at their place in the page; what it marks with
    ``% meanwhile:`` is done by the function of that name.
    """
    assert page in REPLAYED
    code = 0
    replayed = []
    parts = [each for each in blocks(page) if each.is_copied]
    parts += _MEANWHILE.finditer(read_page(page))
    for part in sorted(parts, key=lambda part: part.place if isinstance(part, Block) else part.start()):
        if not isinstance(part, Block):
            meanwhile[part[1]]()
        elif part.file:
            _write(Path(part.file), part.body, part.language)
        else:
            for step in [Step(command, said) for command, said in commands(part.body)]:
                if step.command == "echo $?":
                    printed = f"{code}\n"
                else:
                    code = _code(step.command)
                    printed = "".join(capsys.readouterr())
                replayed.append((_still(step), _still(Step(step.command, printed.strip("\n")))))
    return replayed


def _write(file: Path, text: str, form: str) -> None:
    if form != "diff":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return
    lines = text.splitlines(keepends=True)
    before, after = ("".join(line[1:] for line in lines if line[0] in marks) for marks in (" -", " +"))
    assert before in file.read_text(), f"the page changes what {file} does not hold: {before}"
    file.write_text(file.read_text().replace(before, after, 1))


def _code(command: str) -> int:
    program, *arguments = shlex.split(command)
    assert program == "airflow-aep", command
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


def _still(step: Step) -> Step:
    printed = step.printed
    for pattern, still in _CHANGING.items():
        printed = re.sub(pattern, still, printed, flags=re.MULTILINE)
    return Step(step.command, printed)
