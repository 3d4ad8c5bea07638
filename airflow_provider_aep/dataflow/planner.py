"""Making a plan of many dataflows. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from airflow_provider_aep.api.call import Send
from airflow_provider_aep.dataflow.consequences import Consequences
from airflow_provider_aep.dataflow.decisions import Planning
from airflow_provider_aep.dataflow.dry_run import Credentials, DryRun
from airflow_provider_aep.dataflow.flow_specs import FlowSpecs
from airflow_provider_aep.dataflow.identity import Identity
from airflow_provider_aep.dataflow.inventory import Inventory, inventory_for
from airflow_provider_aep.dataflow.plan import Plan, PlannedDataflow
from airflow_provider_aep.dataflow.resources import REPLACED
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.reconcile.decide import check_if_exists
from airflow_provider_aep.reconcile.resource_type import IfExists
from airflow_provider_aep.resources.flow import FLOW

_ALLOW_REPLACE = (
    'allow_replace is {!r}; say what becomes of the data: "reload" (everything is read again, and lands a second time) '
    'or "continue" (what changed after the last window is not read), or False.'
)


class Platform(Protocol):
    """What a plan needs of an `AepClient`."""

    org_id: str
    sandbox: str

    @property
    def send(self) -> Send: ...

    def now(self) -> float: ...


def plan(
    client: Platform,
    specs: Iterable[DataflowSpec],
    *,
    credentials: Credentials | None = None,
    deep: bool = False,
    unmanaged: bool = False,
    allow_replace: Any = False,
    allow_destroy: bool = False,
    rotate_credentials: bool = False,
    if_exists: IfExists = "update",
) -> Plan:
    """What is to be done to make the platform equal to the specs. Nothing is written.

    :param credentials: reads the secrets of an Airflow connection; a plan without `deep` does not call it.
    :param deep: also hold what would be written against the source and the schema.
    :param unmanaged: also list the source dataflows that no spec names.
    :param allow_replace: ``reload``, ``continue`` or False, which only says what replacing would mean.
    :param allow_destroy: whether the dataflows whose files say ``state: absent`` may be deleted; the plan is the same,
        and its text then asks for no consent.
    :param rotate_credentials: send the credentials of live accounts again.
    :param if_exists: ``reuse`` refuses every difference.
    :raises AepConfigError: a spec declares what cannot be, or refers to what is not there: every problem at once.
    """
    check_allow_replace(allow_replace)
    check_if_exists(if_exists)
    specs = with_siblings(list(specs))
    inventory = inventory_for(client.send, specs)
    identity = Identity(inventory)
    consequences = Consequences(client.send, inventory, allow_replace, client.now)
    planning = Planning(identity, FlowSpecs(client.send), consequences, client.now, rotate_credentials, if_exists)
    dataflows, problems = _planned(planning, specs)
    dry_run = DryRun(client.send, deep, credentials)
    if not (problems := [*identity.missing, *problems]):
        problems = [f"{each.spec.name}: {said}" for each in dataflows for said in dry_run.problems(each)]
    if problems:
        several = "\n  ".join(["There is no plan:", *problems])
        raise AepConfigError(several if len(problems) > 1 else problems[0])
    others = _unmanaged(inventory, specs) if unmanaged else ()
    return Plan(client.org_id, client.sandbox, dataflows, others, allow_replace, allow_destroy)


def _planned(planning: Planning, specs: list[DataflowSpec]) -> tuple[tuple[PlannedDataflow, ...], list[str]]:
    """The dataflows, and what is wrong with those that cannot be planned."""
    found, problems = [], []
    for spec in specs:
        try:
            found.append(planning.plan(spec))
        except AepConfigError as problem:
            problems.append(f"{spec.name}: {problem}")
    return tuple(found), problems


def with_siblings(specs: list[DataflowSpec]) -> list[DataflowSpec]:
    """The specs, where a schema or an account that one refers to by name is declared in full by another."""
    schemas = {spec.schema_.title or spec.name: spec.schema_ for spec in specs if not spec.schema_.is_reference}
    accounts = {
        (spec.connector, spec.base_connection.name or spec.name): spec.base_connection
        for spec in specs
        if spec.base_connection and not spec.base_connection.is_reference
    }
    found = []
    for spec in specs:
        changes: dict[str, Any] = {}
        if spec.schema_.is_reference and spec.schema_.id is None:
            changes["schema_"] = schemas.get(spec.schema_.title or spec.name, spec.schema_)
        account = spec.base_connection
        if account and account.is_reference and account.id is None:
            changes["base_connection"] = accounts.get((spec.connector, account.name or spec.name), account)
        found.append(spec.model_copy(update=changes))
    return found


def _unmanaged(inventory: Inventory, specs: list[DataflowSpec]) -> tuple[tuple[str, str], ...]:
    """Names and ids of the source dataflows that no spec names."""
    names = {spec.name for spec in specs} | {spec.name + REPLACED for spec in specs}
    ids = {spec.id for spec in specs}
    flows = [flow for flow in inventory.all_of(FLOW) if not FLOW.other_purpose(flow)]
    return tuple((flow.name or "", str(flow.id)) for flow in flows if flow.name not in names and flow.id not in ids)


def check_allow_replace(allow_replace: Any) -> None:
    """:raises AepConfigError: it is none of ``reload``, ``continue`` and False."""
    if allow_replace not in (False, "reload", "continue"):
        raise AepConfigError(_ALLOW_REPLACE.format(allow_replace))
