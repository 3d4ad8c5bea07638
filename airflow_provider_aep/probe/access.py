"""Whether a credential may use the platform, step by step: token, API key, organisation, sandbox, permissions.

https://experienceleague.adobe.com/en/docs/experience-platform/landing/troubleshooting
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from airflow_provider_aep.api import catalog, data_prep, flow_service, schema_registry
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepError, AepUnreachableError
from airflow_provider_aep.models.sandbox import Sandbox

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient


@dataclass(frozen=True)
class Finding:
    """What came of one step.

    :param step: what was looked at, e.g. ``Sandbox``.
    :param text: what was found; for a fault with what mends it.
    :param fault: the name of the fault, e.g. ``sandbox-unknown``; empty: all is well.
    """

    step: str
    text: str
    fault: str = ""


_CATALOG: Final = any_call("GET", f"{catalog.BASE}/dataSets", params={"limit": 1})
_DATA_PREP: Final = any_call("GET", f"{data_prep.BASE}/mappingSets", params={"limit": 1, "start": 0})
_SCHEMAS: Final = any_call(
    "GET",
    f"{schema_registry.BASE}/tenant/schemas",
    params={"orderby": "title", "limit": 1},
    headers={"Accept": "application/vnd.adobe.xed-id+json"},
)
FLOW_SERVICE: Final[Mapping[str, Call[Any]]] = {"Flow Service": flow_service.list_flow_specs("CRMToAEP")}
"""What a connection needs at least."""
SERVICES: Final[Mapping[str, Call[Any]]] = {
    **FLOW_SERVICE,
    "Catalog": _CATALOG,
    "Schema Registry": _SCHEMAS,
    "Data Prep": _DATA_PREP,
}
"""All that dataflows are made with: service -> a read that tells whether it may be used."""


def check_access(client: AepClient, services: Mapping[str, Call[Any]] = SERVICES) -> Iterator[Finding]:
    """The steps in their order, each taken when it is asked for. It ends with a fault that the next steps stand on.

    :param client: with a patience of 0, as somebody waits.
    :param services: the services to ask for permission, and how.
    """
    try:
        client.check_token()
    except AepError as problem:
        yield _fault_of("IMS", problem)
        return
    yield Finding("IMS", "it gave a token for this credential")
    try:
        sandboxes = client.send(list_sandboxes())
    except AepError as problem:
        yield _fault_of("API key, organisation", problem)
        return
    yield Finding("Organisation", f"{client.org_id} takes the API key and the token")
    found = _sandbox_finding(client, sandboxes)
    yield found
    if found.fault:
        return
    for service, call in services.items():
        try:
            client.send(call)
        except AepError as problem:
            yield _fault_of("Permission", problem, service)
        else:
            yield Finding("Permission", f"{service} can be read")


def _sandbox_finding(client: AepClient, sandboxes: list[Sandbox]) -> Finding:
    found = next((one for one in sandboxes if one.name == client.sandbox), None)
    if found is not None and found.state == "active":
        return Finding("Sandbox", f"{client.sandbox!r} is active, of type {found.type or 'unknown'}")
    state = f"is {found.state}" if found else "is not among those this credential may use"
    names = ", ".join(one.name for one in sandboxes if one.state == "active")
    fault = "sandbox-not-active" if found else "sandbox-unknown"
    return Finding("Sandbox", f"{client.sandbox!r} {state}. Active sandboxes: {names or 'none'}.", fault)


def _fault_of(step: str, problem: AepError, service: str = "") -> Finding:
    """The gateway checks token, key and organisation in one go; its code tells which of them it was."""
    return Finding(_failing_step(step, problem), str(problem), _fault_name(step, problem, service))


def _failing_step(step: str, problem: AepError) -> str:
    if step == "IMS":
        return step
    if not isinstance(problem, AepApiError) or problem.retryable:
        return "Platform"
    if problem.code.startswith(("401", "403010")):
        return "IMS"
    if problem.code in ("403000", "403003"):
        return "API key"
    if problem.code in ("400003", "403025", "403027"):
        return "Organisation"
    return "Permission" if isinstance(problem, AepAuthError) else step


def _fault_name(step: str, problem: AepError, service: str) -> str:
    if not isinstance(problem, AepApiError):
        return _reach_fault(step, problem)
    if problem.status == 407:
        return "proxy-refuses"
    if step == "IMS":
        return _ims_fault(problem)
    failing = _failing_step(step, problem)
    return {
        "Platform": "platform-unwell",
        "IMS": "token-refused",
        "API key": "api-key",
        "Organisation": "organisation",
    }.get(failing) or f"no-permission-{(service or 'sandbox-management').lower().replace(' ', '-')}"


def _reach_fault(step: str, problem: AepError) -> str:
    """No response came. Which of the ways it went wrong, only the sentence tells."""
    reason = str(problem)
    if not isinstance(problem, AepUnreachableError):
        return "connection-fields"
    if "ProxyError" in reason:
        return "proxy-refuses"
    if "SSLError" in reason:
        return "tls"
    return "ims-unreachable" if step == "IMS" else "platform-unreachable"


def _ims_fault(problem: AepApiError) -> str:
    said = f"{problem.title} {problem.detail}"
    if problem.retryable:
        return "ims-unwell"
    return next((fault for word, fault in _IMS_WORDS.items() if word in said), "ims-refuses")


# In the order of what is looked for: "invalid_client" stands beside both.
_IMS_WORDS: Final = {
    "client_secret": "client-secret",
    "client_id": "client-id",
    "invalid_scope": "scopes",
    "invalid_client": "client-id",
}
