"""What verbs that plan have in common: the coloured lines, and what the plan has cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, Final

from airflow_provider_aep.cli.terminal import print_text

# What a line of a plan means -> a style of the terminal.
_STYLES: Final = {
    "create": "good",
    "update": "warning",
    "replace": "bad",
    "delete": "bad",
    "refuse": "bad",
    "warning": "quiet",
}


class Spent:
    """Requests and seconds since it was made."""

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
