"""The arguments that verbs share, and how their values are read. Imports nothing that takes time."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final


@dataclass(frozen=True)
class Argument:
    """One argument of a verb: its flag, and what ``argparse.ArgumentParser.add_argument`` takes besides."""

    flag: str
    options: dict[str, Any] = field(default_factory=dict)


def argument(flag: str, help: str, **options: Any) -> Argument:
    """An argument with its help.

    :param flag: such as ``--json``, or the name of a positional one.
    :param options: what ``add_argument`` takes besides, of what Airflow's ``Arg`` takes, too: ``action``, ``choices``,
        ``default``, ``dest``, ``metavar``, ``nargs``, ``required``, ``type``.
    """
    return Argument(flag, {"help": help, **options})


_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def duration(text: str) -> float:
    """Seconds, of a number and its unit: ``90m``, ``36h``, ``2d``.

    :raises ArgumentTypeError: it is none, or not more than nothing.
    """
    read = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smhdw])", text.strip().lower())
    seconds = float(read[1]) * _UNITS[read[2]] if read else 0.0
    if not seconds:
        raise ArgumentTypeError(f"{text!r} is no duration: give a number and s, m, h, d or w, such as 90m, 36h or 2d")
    return seconds


def moment(text: str) -> timedelta | datetime:
    """How long ago (``36h``), or a point in time with its offset (``2030-01-31T06:00:00Z``).

    :raises ArgumentTypeError: it is neither.
    """
    try:
        return timedelta(seconds=duration(text))
    except ArgumentTypeError:
        pass
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise ArgumentTypeError(
            f"{text!r} is no moment: say how long ago, such as 36h or 2d, or a time with its offset, "
            "such as 2030-01-31T06:00:00Z"
        )
    return read


def also_deleted(text: str) -> list[str]:
    """What `destroy` deletes besides the dataflows, of names that commas separate.

    :raises ArgumentTypeError: one of them is something that is not deleted with a dataflow.
    """
    from airflow_provider_aep.dataflow.destroy import SHARED  # takes time

    names = [name for each in text.split(",") if (name := each.strip())]
    known = [step.replace("_", "-") for step in SHARED]
    for name in names:
        if name.replace("_", "-") not in known:
            raise ArgumentTypeError(f"{name!r} is none of {' and '.join(known)}")
    return [name.replace("-", "_") for name in names]


CONNECTION: Final = argument(
    "--connection",
    "the Airflow connection to the platform: AIRFLOW_CONN_<ID> in the environment, else as Airflow knows it "
    "(default: AIRFLOW_CONN_AEP_DEFAULT, else AEP_CLIENT_ID, AEP_CLIENT_SECRET, AEP_ORG_ID, AEP_SANDBOX ...)",
    metavar="ID",
)
SANDBOX: Final = argument("--sandbox", "the sandbox, instead of the connection's", metavar="NAME")
JSON: Final = argument("--json", "print JSON instead of text", action="store_true")
PATHS: Final = argument("paths", "a spec file, or a folder of them", metavar="PATH", nargs="+")
ONLY: Final = argument(
    "--only", "only dataflows with such a name (*, ?, [...]); may be repeated", metavar="GLOB", action="append"
)

PLATFORM: Final = (CONNECTION, SANDBOX, JSON)
"""Of every verb that reads or changes the platform."""
SPECS: Final = (PATHS, ONLY)
"""Of every verb that reads spec files, besides `PLATFORM`."""
