"""What verbs that plan, apply and destroy have in common: coloured lines, what a plan has cost, a question."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, Final

from airflow_provider_aep.cli.terminal import print_text
from airflow_provider_aep.dataflow.report import Report
from airflow_provider_aep.exceptions import AepConfigError

# What a line of a plan means -> a style of the terminal.
_STYLES: Final = {
    "create": "good",
    "update": "warning",
    "replace": "bad",
    "delete": "bad",
    "refuse": "bad",
    "warning": "quiet",
}


class Cost:
    """What a plan costs: the requests and seconds since this object was made."""

    def __init__(self) -> None:
        self._began = monotonic()
        self._requests = 0

    def counting(self, advance: Callable[[], None]) -> Callable[..., None]:
        """A client's `on_exchange` that counts, and moves a progress bar."""

        def count(*exchange: Any) -> None:
            self._requests += 1
            advance()

        return count

    def text(self) -> str:
        """Such as ``10 requests, 1.2 s``."""
        requests = "1 request" if self._requests == 1 else f"{self._requests} requests"
        return f"{requests}, {monotonic() - self._began:.1f} s"


def print_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Print the lines of a plan; on a terminal in colours."""
    for line, meaning in lines:
        print_text(line, _STYLES.get(meaning, ""))


def print_report(report: Report) -> None:
    """Print what became of each resource, why something failed, and how many there are."""
    for line, is_bad in report.lines():
        print_text(line, "bad" if is_bad else "")


def confirm(what: str) -> None:
    """Ask somebody at a terminal, who has to say yes.

    :raises AepConfigError: the answer is another one, or there is no terminal.
    """
    if not sys.stdin.isatty():
        raise AepConfigError("Nothing was done: without a terminal there is nobody to ask, so say --yes.")
    sys.stderr.write(f"{what} Only yes does: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != "yes":
        raise AepConfigError("Nothing was done.")
