"""What all operators share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from airflow.sdk import BaseOperator

from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.reconcile.ensure import Ensured, Ensurer, IfExists, Kind
from airflow_provider_aep.task.failure import fail_without_retry
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.xcom import push

if TYPE_CHECKING:
    from airflow.sdk import Context

R = TypeVar("R")

CREATE_FIELDS = ("if_exists", *COMMON_FIELDS)


class AepOperator(BaseOperator):
    """A task that asks something of the platform.

    :param aep_conn_id: the Airflow connection, of type ``aep``.
    :param sandbox: the sandbox, instead of the connection's.
    """

    template_fields: Sequence[str] = COMMON_FIELDS
    ui_color = "#fbe3e1"

    def __init__(self, *, aep_conn_id: str = "aep_default", sandbox: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox

    @cached_property
    def hook(self) -> AepHook:
        return AepHook(self.aep_conn_id, self.sandbox)

    def execute(self, context: Context) -> Any:
        with fail_without_retry():
            return self.run(context)

    def run(self, context: Context) -> Any:
        """The task itself. Errors leave it as what they are."""
        raise NotImplementedError


class AepCreateOperator(AepOperator, Generic[R]):
    """A task that makes sure one resource is there.

    :param if_exists: ``reuse`` an equal one and refuse a different one; ``update`` in place what the platform lets
        change; ``fail`` if there is one; ``create`` another one always.
    """

    kind: Kind[R]
    template_fields: Sequence[str] = CREATE_FIELDS

    def __init__(self, *, if_exists: IfExists = "reuse", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.if_exists = if_exists

    def declare(self) -> R:
        """The resource asked for.

        :raises AepConfigError: every problem at once.
        """
        raise NotImplementedError

    def prepare(self, declared: R) -> R:
        """Last checks and additions before a new one is made."""
        return declared

    def facts(self, ensured: Ensured[R]) -> dict[str, Any]:
        """XCom values besides the id."""
        return {"etag": ensured.etag}

    def run(self, context: Context) -> str:
        declared = self.declare()
        client = self.hook.get_conn()
        ensurer = Ensurer(self.hook.send, client.sleep, client.now)
        ensured = ensurer.ensure(self.kind, declared, self.if_exists, self.prepare)
        push(context, change=ensured.change, **self.facts(ensured))
        self.log.info(
            "%s %s %s: %s", ensured.change.capitalize(), self.kind.noun, self.kind.label(declared), ensured.id
        )
        return ensured.id
