"""What is wrong with a file, and where: one line each, as compilers and linters print it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong.

    :param file: the file as it was named; of a spec that was handed in as a dict, ``dict 1``.
    :param line: from 1; 0 if there is no file.
    :param column: from 1; 0 if there is no file.
    :param code: the rule, such as ``D004``.
    :param message: one sentence: the key, its value and a remedy.
    :param is_warning: whether it may be left as it is.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else f"{self.file}:"
        return f"{place} {self.code} {'warning: ' if self.is_warning else ''}{self.message}"


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are no warnings."""
    return [finding for finding in findings if not finding.is_warning]
