"""Whether a credential may use the platform, step by step: token, API key, organisation, sandbox, permissions.

https://experienceleague.adobe.com/en/docs/experience-platform/landing/troubleshooting
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from airflow_provider_aep.api import catalog, data_prep, flow_service, schema_registry
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.client.auth import CHECK_LOGIN
from airflow_provider_aep.client.remedies import remedy
from airflow_provider_aep.exceptions import AepApiError, AepError, AepUnreachableError
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


# The first request to the platform.
_FIRST: Final = "API key, organisation"
_PROXY_AUTHENTICATION: Final = 407
_TOO_MANY: Final = 429
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


def check_access(
    client: AepClient, services: Mapping[str, Call[Any]] = SERVICES, *, token_given: bool = False
) -> Iterator[Finding]:
    """The steps in their order, each taken when it is asked for. It ends with a fault that the next steps stand on; a
    permission is nothing that others stand on.

    :param client: with a patience of 0, as somebody waits.
    :param services: the services to ask for permission, and how.
    :param token_given: whether the token was issued elsewhere, so that IMS is not asked.
    """
    try:
        client.check_token()
    except AepError as problem:
        yield _fault_of("IMS", problem)
        return
    yield Finding("IMS", "not asked: the connection has an access_token" if token_given else "it gave a token")
    try:
        sandboxes = client.send(list_sandboxes())
    except AepError as problem:
        fault = _fault_of(_FIRST, problem)
        if token_given and fault.fault == "token-refused" and isinstance(problem, AepApiError):
            fault = replace(fault, text=_with_advice(problem, "token-given"))
        yield fault
        if fault.step != "Permission":
            return
    else:
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
    if not isinstance(problem, AepApiError):
        return Finding("IMS" if step == "IMS" else "Platform", str(problem), _reach_fault(step, problem))
    fault = _ims_fault(problem) if step == "IMS" else _platform_fault(step, problem, service)
    failing = "IMS" if step == "IMS" else _STEPS.get(fault, "Permission")
    return Finding(failing, _with_advice(problem, fault), fault)


def _with_advice(problem: AepApiError, fault: str) -> str:
    """The error in words, with what mends it here; that may be another thing than in a task."""
    advice = _ADVICE.get(fault) or (_NO_SERVICE if fault.startswith("no-service") else "")
    if not advice:
        return str(problem)
    said = str(problem).removesuffix(remedy(problem.code, problem.status, problem.title)).removesuffix(CHECK_LOGIN)
    return f"{said.rstrip(' .')}. {advice}"


def _platform_fault(step: str, problem: AepApiError, service: str) -> str:
    if (passing := _passing_fault(problem)) and not _is_elsewhere(step, problem):
        return passing
    if problem.code.startswith(("401", "403010")):
        return "token-refused"
    if problem.code in _BY_CODE:
        return _BY_CODE[problem.code]
    if _is_elsewhere(step, problem):
        return "not-the-platform"
    if problem.code.endswith(("2100-404", "2101-404")):
        return "sandbox-unknown"
    what = "no-service" if problem.status == 404 else "no-permission"
    return f"{what}-{(service or 'sandbox-management').lower().replace(' ', '-')}"


def _passing_fault(problem: AepApiError) -> str:
    """The fault of what passes without anybody's doing, or that the proxy causes; empty for what does not."""
    if problem.status == _PROXY_AUTHENTICATION:
        return "proxy-refuses"
    if problem.status == _TOO_MANY:
        return "rate-limited"
    return "platform-unwell" if problem.retryable else ""


def _is_elsewhere(step: str, problem: AepApiError) -> bool:
    """Whether a response is that of another server: the platform has the list of sandboxes, and speaks JSON."""
    if problem.status >= 500 or problem.status in (401, 403, 408, 425, _PROXY_AUTHENTICATION, _TOO_MANY):
        return False
    return not problem.from_platform or (step == _FIRST and problem.status in (200, 404))


def _reach_fault(step: str, problem: AepError) -> str:
    """No response came. Which of the ways it went wrong, only the sentence tells."""
    reason = str(problem)
    if not isinstance(problem, AepUnreachableError):
        return "connection-fields"
    if "ProxyError" in reason:
        return "proxy-refuses"
    if "SSLError" in reason:
        return "tls"
    if "no host of this name" in reason:
        return "dns"
    return "ims-unreachable" if step == "IMS" else "platform-unreachable"


def _ims_fault(problem: AepApiError) -> str:
    said = f"{problem.title} {problem.detail}"
    passing = _passing_fault(problem)
    if passing:
        return "ims-unwell" if passing == "platform-unwell" else passing
    if not problem.from_platform and problem.status not in (400, 401, 403):
        return "not-ims"
    return next((fault for word, fault in _IMS_WORDS.items() if word in said), "ims-refuses")


# In the order of what is looked for: "invalid_client" stands beside both.
_IMS_WORDS: Final = {
    "client_secret": "client-secret",
    "client_id": "client-id",
    "invalid_scope": "scopes",
    "invalid_client": "client-id",
}
_BY_CODE: Final = {
    "403000": "api-key",
    "403003": "api-key",
    "400003": "organisation",
    "403025": "organisation",
    "403027": "organisation",
}
# Fault -> the step at which it is; any other is one of permissions.
_STEPS: Final = {
    "token-refused": "IMS",
    "api-key": "API key",
    "organisation": "Organisation",
    "sandbox-unknown": "Sandbox",
    **dict.fromkeys(("proxy-refuses", "rate-limited", "platform-unwell", "not-the-platform"), "Platform"),
}
_PASSES: Final = "This passes: run doctor again in a few minutes. https://status.adobe.com says what Adobe knows of."
_IN_THE_WAY: Final = "or whether a proxy or a firewall answers in its place"
_ADVICE: Final = {
    "proxy-refuses": "The proxy wants a login: write it into `proxies` of the connection's extra, as "
    "http://user:password@host:port.",
    "rate-limited": "The organisation makes too many calls at the moment: run doctor again in a minute.",
    "platform-unwell": _PASSES,
    "ims-unwell": _PASSES,
    "token-given": "A token holds for a day at most: set a new access_token in the connection's extra; or leave it "
    "out, and set login (client id) and password (client secret).",
    "not-the-platform": f"This is not the platform: check the connection's host, {_IN_THE_WAY}.",
    "not-ims": f"This is not IMS: check ims_url in the connection's extra, {_IN_THE_WAY}.",
}
_NO_SERVICE: Final = "Nothing is there: ask whoever administers the organisation whether it has this service."
