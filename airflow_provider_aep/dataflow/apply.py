"""Making the platform equal to the files: what a plan says, done.

A plan that refuses anything is not begun. There is no state file: what an apply made that was killed is found again, by
names and contents, by the next plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.dataflow.applying import Applying, Progress
from airflow_provider_aep.dataflow.choice import AllowReplace, has_lost_its_choice, why_not
from airflow_provider_aep.dataflow.concurrency import ConcurrencyLimit
from airflow_provider_aep.dataflow.plan import Plan, PlannedDataflow
from airflow_provider_aep.dataflow.planner import check_allow_replace, plan
from airflow_provider_aep.dataflow.provision import Credentials, Doing, needs_credentials
from airflow_provider_aep.dataflow.report import Report
from airflow_provider_aep.dataflow.resources import REPLACED
from airflow_provider_aep.dataflow.rollback import roll_back
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.reconcile.resource_type import IfExists

OnFailure = Literal["keep", "rollback"]

# allow_replace -> what it means, for people.
_CHOICES: Mapping[AllowReplace, str] = {
    "reload": '"reload" reads everything again',
    "continue": '"continue" begins now',
}


def apply(
    client: AepClient,
    what: Plan | Iterable[DataflowSpec],
    *,
    credentials: Credentials = lambda conn_id: {},
    allow_replace: AllowReplace = False,
    allow_destroy: bool = False,
    expect: str | None = None,
    rotate_credentials: bool = False,
    on_failure: OnFailure = "keep",
    if_exists: IfExists = "update",
    concurrency: int = 8,
    progress: Progress = lambda outcome: None,
) -> Report:
    """Make the platform equal to the specs, or do what a plan says that was made just now. Where some dataflows fail,
    the report says so.

    :param credentials: reads the secrets of a source from the Airflow connection of that id, before the first write.
    :param allow_replace: what becomes of the data of a dataflow that has to be replaced: ``reload`` (everything is read
        again), ``continue`` (from now on), or False, which refuses.
    :param allow_destroy: delete the dataflows whose files say ``state: absent``.
    :param expect: the fingerprint of the plan that was approved.
    :param on_failure: ``rollback`` removes what this apply made, if anything fails.
    :param progress: called with what became of each resource, from any thread.
    :raises AepError: a spec or an argument is wrong; the plan is not the expected one, or refuses. Nothing was written.
    """
    _check_choices(allow_replace, on_failure)
    if not isinstance(what, Plan):
        consents: dict[str, Any] = {"allow_replace": allow_replace, "allow_destroy": allow_destroy}
        options: dict[str, Any] = {"rotate_credentials": rotate_credentials, "if_exists": if_exists}
        what = plan(client, what, credentials=credentials, **consents, **options)
    check_expected(what, expect)
    check_allowed(what, allow_replace, allow_destroy)
    doing, slots = Doing(client, allow_replace, _credentials(what, credentials)), ConcurrencyLimit(concurrency)
    with client.observed_by(slots.on_exchange):
        report = Applying(doing, what, slots, progress).run()
        if report.failures and on_failure == "rollback":
            roll_back(doing.ensurer, report)
    return report


def _check_choices(allow_replace: AllowReplace, on_failure: OnFailure) -> None:
    check_allow_replace(allow_replace)
    if on_failure not in ("keep", "rollback"):
        raise AepConfigError(f"on_failure is {on_failure!r}; it is keep or rollback.")


def check_expected(planned: Plan, expect: str | None) -> None:
    """:raises AepConflictError: it is another plan than the one with that fingerprint."""
    if expect is not None and planned.fingerprint != expect:
        raise AepConflictError(
            f"The plan is not the one that was approved: its fingerprint is {planned.fingerprint}, and expected is "
            f"{expect}. Nothing was written. Look at the plan again, and approve it.",
            status=409,
        )


def check_allowed(planned: Plan, allow_replace: AllowReplace, allow_destroy: bool) -> None:
    """Refuse a plan of which something is not to be done: then nothing is.

    :raises AepConflictError: every reason, a line each.
    """
    reasons = [reason for dataflow in planned.dataflows for reason in _refusals(dataflow, allow_replace, allow_destroy)]
    reasons += _one_name_twice(planned)
    if reasons:
        raise AepConflictError("\n  ".join(["Nothing was written:", *dict.fromkeys(reasons)]), status=409)


def _refusals(dataflow: PlannedDataflow, allow_replace: AllowReplace, allow_destroy: bool) -> Iterable[str]:
    name = dataflow.spec.name
    for planned in dataflow.resources:
        if planned.decision.action == "refuse":
            said = planned.reason or "; ".join(planned.decision.reasons)
            yield f"{name}: the {planned.type_.noun} {planned.type_.label(planned.declared)} {said}"
    if any(planned.destroy for planned in dataflow.resources) and not allow_destroy:
        yield f"{name}: its file says state: absent, and it is deleted with allow_destroy (--allow-destroy) only."
    if any(planned.decision.action == "replace" for planned in dataflow.resources):
        flow = dataflow.resource("flow")
        reason = flow.reason if flow else ""
        if not allow_replace:
            yield f"{name}: it would have to be replaced ({reason}). {_say_what_becomes_of_the_data(dataflow)}"
        elif objection := why_not(dataflow, allow_replace):
            yield f"{name}: {objection}"
    elif has_lost_its_choice(dataflow) and not allow_replace:
        yield (
            f"{name}: its replacement was interrupted, and {name + REPLACED!r} does not say how it was meant. "
            f"{_say_what_becomes_of_the_data(dataflow)}"
        )


def _say_what_becomes_of_the_data(dataflow: PlannedDataflow) -> str:
    ways = [text for way, text in _CHOICES.items() if why_not(dataflow, way) is None]
    return f"Say what becomes of the data, with allow_replace (--allow-replace): {', '.join(ways)}."


def _one_name_twice(planned: Plan) -> Iterable[str]:
    """Each dataflow has connections of its own. Two that are made at once and called the same could not be told apart
    by an apply that is killed, or by another one at the same time.
    """
    first: dict[tuple[Any, ...], str] = {}
    for dataflow in planned.dataflows:
        for step in ("source_connection", "target_connection"):
            resource = dataflow.resource(step)
            if resource is None or resource.decision.action not in ("create", "replace"):
                continue
            name, *_ = key = resource.type_.natural_key(resource.declared)
            other = first.setdefault((step, *key), dataflow.spec.name)
            if other != dataflow.spec.name:
                yield (
                    f"{dataflow.spec.name}: {step.removesuffix('_connection')}.name is {name!r}, as of {other!r}, and "
                    "each dataflow gets a connection of its own: leave the name out of one of them, or choose another."
                )


def _credentials(planned: Plan, credentials: Credentials) -> dict[str, Mapping[str, Any]]:
    """The secrets that are sent, by their Airflow connections."""
    conn_ids = [
        dataflow.spec.base_connection.credentials_conn_id
        for dataflow in planned.dataflows
        for resource in dataflow.resources
        if needs_credentials(resource) and dataflow.spec.base_connection is not None
    ]
    return {conn_id: credentials(conn_id) for conn_id in dict.fromkeys(conn_ids) if conn_id}
