"""What the error of a write tells about the resource that was to be written."""

from __future__ import annotations

import re

from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepError

# Flow Service's codes for a resource that is initializing, updating, enabling or disabling.
_BUSY = re.compile(r"(FLOW-)?(1420|1421|1456|1457|1458)-400")

# Flow Service's codes for a filter that it does not take.
_NO_FILTER = re.compile(r"(FLOW-)?(1440|144[89]|145[0-4])-400")


def is_busy(problem: AepError) -> bool:
    """Whether the resource, or what it stands on, is between two states, which passes by itself."""
    return isinstance(problem, AepApiError) and _BUSY.fullmatch(problem.code) is not None


def is_refused_filter(problem: AepError) -> bool:
    """Whether a list is refused because it cannot be filtered so, or without a reason that can be read."""
    return isinstance(problem, AepApiError) and (
        _NO_FILTER.fullmatch(problem.code) is not None or _is_unexplained(problem)
    )


def is_stale(problem: AepError) -> bool:
    """Whether the etag is no longer the live one."""
    return isinstance(problem, AepConflictError)


def is_unreadable(problem: AepError) -> bool:
    """Whether it is a response of success that is not what was promised; the page of a proxy is none."""
    return isinstance(problem, AepApiError) and 200 <= problem.status < 300 and problem.from_platform


def may_be_taken(problem: AepError) -> bool:
    """Whether the name may be taken: the platform says so, or refuses without a reason that can be read."""
    return isinstance(problem, AepApiError) and (
        problem.code.endswith("1521-400") or problem.status == 409 or _is_unexplained(problem)
    )


def _is_unexplained(problem: AepApiError) -> bool:
    """Whether the platform refuses, and what it says cannot be read."""
    return problem.status == 400 and not problem.code and not problem.title


def say_not_known(problem: AepError, what: str, *, another: bool) -> None:
    """Let the error of a create say that nobody knows whether it had its effect.

    :param what: noun and label of the resource.
    :param another: whether one more was wanted, whatever there is: then a retry would make a second one.
    """
    advice = "a retry looks first."
    if another:
        problem.retryable = False
        advice = 'look before trying again, because if_exists="create" would make another.'
    said = str(problem).rstrip(".")
    problem.args = (f"{said}. Whether the {what} was made is not known; {advice}",)
