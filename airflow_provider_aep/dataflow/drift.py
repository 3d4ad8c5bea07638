"""Drift: what is live and no longer what files declare, without anything being done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from airflow_provider_aep.api.call import Send
from airflow_provider_aep.api.explore import try_sign_in
from airflow_provider_aep.dataflow.plan import Plan, PlannedResource
from airflow_provider_aep.dataflow.planner import Platform, plan
from airflow_provider_aep.dataflow.render import lines as lines_of_plan
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepApiError

# What a person can set, of each resource: anything else that is live and not declared is the platform's own.
_SETTABLE: Final = {
    "source_connection": ("description", "data", "params"),
    "target_connection": ("description", "data", "params"),
    "dataset": ("description", "tags"),
    "flow": ("description", "scheduleParams", "options", "transformations"),
}
_OWN: Final = ("/options/inletUrl", "/scheduleParams/startTime", "/tags/adobe/", "/tags/acp_")


@dataclass(frozen=True)
class Drift:
    """What is not as declared.

    :param refused: name of an account -> why the platform cannot sign in to its source.
    :param undeclared: address of a resource -> what is live and not declared: place -> value. For information.
    """

    plan: Plan
    refused: dict[str, str]
    undeclared: dict[str, dict[str, Any]]

    @property
    def is_empty(self) -> bool:
        """Whether all is as declared. What is live and not declared does not count."""
        return self.plan.is_empty and not self.refused

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON, with the accounts that are refused and what is not declared."""
        return {**self.plan.to_json(), "refused_accounts": self.refused, "undeclared": self.undeclared}

    def lines(self, note: str = "") -> Iterator[tuple[str, str]]:
        """The plan as text, as `render.lines` has it, and what else was found."""
        *planned, last = lines_of_plan(self.plan, note)
        yield from planned
        for name, why in self.refused.items():
            yield f"  x account {name!r}: {why}", "refuse"
        for address, found in self.undeclared.items():
            yield f"live and not declared: {address}", "title"
            yield from ((f"      {path.strip('/').replace('/', '.'):<28} {value}", "") for path, value in found.items())
        if self.refused or self.undeclared:
            yield "", ""
        yield last


def find_drift(
    client: Platform, specs: Iterable[DataflowSpec], *, full: bool = False, test_connections: bool = False
) -> Drift:
    """Compare what is live with what files declare.

    :param full: also tell what is live and not declared, and list the dataflows that no file names.
    :param test_connections: also let the platform sign in to each source, a request for each account.
    :raises AepConfigError: as for `plan`.
    """
    found = plan(client, specs, unmanaged=full)
    resources = [each for dataflow in found.dataflows for each in dataflow.resources]
    refused = _refused(client.send, resources) if test_connections else {}
    undeclared = {each.address: live for each in resources if (live := _undeclared(each))} if full else {}
    return Drift(found, refused, undeclared)


def _refused(send: Send, resources: Iterable[PlannedResource]) -> dict[str, str]:
    accounts = {
        each.type_.id_of(each.decision.live): each.decision.live
        for each in resources
        if each.step == "base_connection" and each.decision.live is not None
    }
    found = {str(live.name or id_): _why_refused(send, id_) for id_, live in accounts.items()}
    return {name: why for name, why in found.items() if why}


def _why_refused(send: Send, base_connection_id: str) -> str:
    try:
        signed_in = send(try_sign_in(base_connection_id))
    except AepApiError as problem:
        if problem.retryable:
            raise
        return f"the credentials are refused: {problem.detail or problem.title or problem.status}"
    return "" if signed_in else "the credentials are refused"


def _undeclared(planned: PlannedResource) -> dict[str, Any]:
    """What is live and not declared, of what a person can set."""
    live, keys = planned.decision.live, _SETTABLE.get(planned.step, ())
    if live is None or planned.destroy or not keys:
        return {}
    ours, theirs = _view(planned.declared), _view(live)
    found: dict[str, Any] = {}
    for key in keys:
        found.update(_beside(ours.get(key), theirs.get(key), f"/{key}"))
    return {path: value for path, value in found.items() if not path.startswith(_OWN)}


def _view(resource: Any) -> dict[str, Any]:
    """A resource on the wire; transformations by their names."""
    view: dict[str, Any] = resource.to_wire()
    if "transformations" in view:
        view["transformations"] = {part.get("name"): part.get("params") for part in view["transformations"]}
    return view


def _beside(declared: Any, live: Any, path: str) -> Iterator[tuple[str, Any]]:
    if live in (None, "", [], {}):
        return
    if isinstance(live, dict) and (declared is None or isinstance(declared, dict)):
        for key, value in live.items():
            yield from _beside((declared or {}).get(key), value, f"{path}/{key}")
    elif declared is None:
        yield path, live
