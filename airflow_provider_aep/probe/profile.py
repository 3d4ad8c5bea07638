"""A profile of a platform: what probes found out about each assumption. It holds no names, ids or secrets.

As JSON: ``{"profile": 1, "provider": "0.1.0", "answers": {"run-id-lists": true, "largest-page": null, ...}}``, with the
answers by the ids of the assumptions; null is what could not be found out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from airflow_provider_aep import __version__
from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.exceptions import AepConfigError, AepError
from airflow_provider_aep.probe.assumptions import ASSUMPTIONS, Assumption
from airflow_provider_aep.probe.drafts import Drafts
from airflow_provider_aep.probe.material import Material
from airflow_provider_aep.validation import in_one_line

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

_FORMAT: Final = 1
_NOTHING_TO_SEE: Final = "the sandbox holds too little"
_WRITES: Final = "it takes --write"


@dataclass(frozen=True)
class Result:
    """What a probe found out.

    :param found: the answer; None: it could not be found out.
    :param why_not: why it could not.
    """

    assumption: Assumption
    found: Any = None
    why_not: str = ""


def check_writable(client: AepClient) -> None:
    """Whether a probe may write in the client's sandbox.

    :raises AepConfigError: it is no development sandbox.
    """
    found = next((one for one in client.send(list_sandboxes()) if one.name == client.sandbox), None)
    type_ = found.type if found else None
    if type_ != "development":
        said = f"is of type {type_!r}" if type_ else "does not say of what type it is"
        raise AepConfigError(
            f"Sandbox {client.sandbox!r} {said}: a probe writes in a development sandbox only. Name one with --sandbox."
        )


def probe_by_reading(client: AepClient, advance: Callable[[], Any] = lambda: None) -> list[Result]:
    """Find out what can be found out by reading.

    :param advance: called after each probe.
    """
    material = Material(client)
    results = []
    for assumption in ASSUMPTIONS:
        if assumption.probe is None:
            results.append(Result(assumption, why_not=_WRITES))
        else:
            results.append(_run(assumption, assumption.probe, material))
        advance()
    return results


def probe_by_writing(
    client: AepClient,
    results: Iterable[Result],
    *,
    pause: Callable[[float], None],
    advance: Callable[[], Any] = lambda: None,
) -> tuple[list[Result], list[str]]:
    """Find out the rest with drafts and small things, which are removed again.

    Returns all results, and a sentence for each thing that the platform did not let go.

    :param results: of `probe_by_reading`.
    :param pause: waits for seconds.
    :param advance: called after each probe.
    :raises AepConfigError: it is no development sandbox.
    """
    check_writable(client)
    drafts = Drafts(Material(client), pause)
    drafts.sweep()
    completed = []
    try:
        for result in results:
            assumption = result.assumption
            if result.found is None and assumption.writing_probe is not None:
                result = _run(assumption, assumption.writing_probe, drafts)
            completed.append(result)
            advance()
    finally:
        left = drafts.close()
    return completed, left


def _run(assumption: Assumption, probe: Callable[[Any], Any], source: Any) -> Result:
    try:
        found = probe(source)
    except AepError as problem:
        return Result(assumption, why_not=in_one_line(str(problem)))
    except (LookupError, TypeError, ValueError, AttributeError) as problem:
        # Whatever the platform shows instead of what its reference promises must not end the other probes.
        return Result(assumption, why_not=f"what it shows cannot be read ({type(problem).__name__})")
    return Result(assumption, found, "" if found is not None else _NOTHING_TO_SEE)


def profile_of(results: Iterable[Result]) -> dict[str, Any]:
    """The profile as JSON."""
    return _profile({result.assumption.id: result.found for result in results})


def assumed_profile() -> dict[str, Any]:
    """The profile of a platform on which every assumption holds."""
    return _profile({assumption.id: assumption.assumed for assumption in ASSUMPTIONS})


def opposite_profile() -> dict[str, Any]:
    """The profile of a platform on which no assumption holds."""
    return _profile({assumption.id: assumption.opposite for assumption in ASSUMPTIONS})


def _profile(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {"profile": _FORMAT, "provider": __version__, "answers": dict(answers)}
