"""What all operators share."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from airflow.sdk import BaseOperator

from airflow_provider_aep import reconcile
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.task.failure import fail_without_retry
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.lineage import LineageMixin
from airflow_provider_aep.task.rendering import KeepTextMixin
from airflow_provider_aep.task.xcom import push

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.reconcile.resource_type import Ensured, IfExists, ResourceType

R = TypeVar("R")

CREATE_FIELDS = ("if_exists", *COMMON_FIELDS)


class AepOperator(LineageMixin, KeepTextMixin, BaseOperator):
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

    A class that names its `resource_type` declares the arguments of its own `__init__`, and these are template fields.

    :param if_exists: ``reuse`` an equal one and refuse a different one; ``update`` in place what the platform lets
        change; ``fail`` if there is one; ``create`` another one always.
    """

    declared_fields: ClassVar[tuple[str, ...]] = ()
    template_fields: Sequence[str] = CREATE_FIELDS

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "resource_type" in cls.__dict__:
            arguments = inspect.signature(cls.__init__).parameters.values()
            cls.declared_fields = tuple(each.name for each in arguments if each.kind is each.KEYWORD_ONLY)
            cls.template_fields = (*cls.declared_fields, *CREATE_FIELDS)

    def __init__(self, *, if_exists: IfExists = "reuse", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.if_exists = if_exists

    @property
    def resource_type(self) -> ResourceType[R]:
        """What the engine must know of the resource: an object in `airflow_provider_aep.resources`."""
        raise NotImplementedError

    def keep(self, arguments: Mapping[str, Any]) -> None:
        """Keep the declared arguments under their own names, as Airflow wants template fields.

        :param arguments: the ``locals()`` of `__init__`.
        """
        for field in self.declared_fields:
            setattr(self, field, arguments[field])

    def arguments(self) -> dict[str, Any]:
        """The declared arguments, after rendering."""
        return {field: getattr(self, field) for field in self.declared_fields}

    def declare(self) -> R:
        """The resource asked for: `declare` of its model, which `airflow_provider_aep.models` has.

        :raises AepConfigError: every problem at once.
        """
        return self.resource_type.declare(**self.arguments())

    def xcoms(self, ensured: Ensured[R]) -> dict[str, Any]:
        """XCom values besides the id and ``change``."""
        return {"etag": ensured.etag}

    def live(self, ensured: Ensured[R]) -> R:
        """The live resource; it is read if the platform has answered no more than its id."""
        if ensured.change == "reused":
            return cast("R", ensured.resource)
        return self.hook.send(self.resource_type.get(ensured.id))

    def keep_lineage(self, context: Context, declared: R, id_: str) -> None:
        """Keep what OpenLineage is to know of a resource that data comes from or goes to."""

    def run(self, context: Context) -> str:
        return self.ensure(context, self.declare())

    def ensure(self, context: Context, declared: R) -> str:
        """Make sure that the declared resource is there, and push what is known of it."""
        type_ = self.resource_type
        client = self.hook.get_conn()
        ensurer = reconcile.ensure.Ensurer(client.send, client.sleep, client.now, client.list_lag)
        ensured = ensurer.ensure(type_, declared, self.if_exists)
        push(context, change=ensured.change, **self.xcoms(ensured))
        self.keep_lineage(context, declared, ensured.id)
        self.log.info("%s %s %s: %s", ensured.change.capitalize(), type_.noun, type_.label(declared), ensured.id)
        return ensured.id
