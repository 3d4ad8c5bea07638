"""What verbs show: tables and JSON on standard output, progress on standard error.

Colours only on a terminal and without ``NO_COLOR``. What comes from the platform is shown as it is, never as markup,
and without control characters: a name must not move the cursor.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

# Columns of a pipe or a file: a line is never broken there.
_WIDE: Final = 10_000

STYLES: Final = {"good": "green", "bad": "bold red", "warning": "yellow", "quiet": "dim"}


def printable(value: Any) -> str:
    """A value as one line of text without control characters; empty for None."""
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def cell(value: Any, style: str = "") -> Text:
    """A value for a table.

    :param style: a key of `STYLES`, if any.
    """
    return Text(printable(value), style=STYLES.get(style, ""))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: Sequence[str] = ()) -> None:
    """A table on standard output.

    :param columns: their titles; if all are empty, no line of titles is shown.
    :param rows: values, or what `cell` made of them.
    :param numbers: the columns that stand at the right.
    """
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(value if isinstance(value, Text) else cell(value) for value in row))
    console = _console(sys.stdout)
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        print(line.rstrip())


def print_text(value: Any = "", style: str = "") -> None:
    """A line on standard output.

    :param style: a key of `STYLES`, if any.
    """
    _console(sys.stdout).print(cell(value, style), soft_wrap=True)


def print_json(value: Any) -> None:
    """JSON on standard output, the same on a terminal and in a file."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


@contextmanager
def progress(description: str, total: float | None = None) -> Iterator[Callable[..., None]]:
    """Show on standard error, if it is a terminal, how far long work has come.

    Hands out ``advance(steps=1, description=None)``, which threads may share.

    :param total: steps, if they are known.
    """
    console = _console(sys.stderr)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        *([BarColumn(), TaskProgressColumn()] if total is not None else []),
        console=console,
        transient=True,
        # FORCE_COLOR, which CI sets, makes a console out of a file, where a spinner would leave its control codes.
        disable=not (console.is_terminal and sys.stderr.isatty()),
    )
    with bar:
        task = bar.add_task(printable(description), total=total)

        def advance(steps: float = 1, description: str | None = None) -> None:
            bar.update(task, advance=steps, description=None if description is None else printable(description))

        yield advance


def _console(file: Any) -> Console:
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console
