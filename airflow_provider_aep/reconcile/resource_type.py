"""What the engine must know of one type of resource; `resources/` holds a class for each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.reconcile.diff import Diff

R = TypeVar("R")

IfExists = Literal["reuse", "update", "fail", "create"]

# When a resource was made, if it does not say so: later than all that do. Epoch milliseconds.
UNKNOWN_TIME = 2**63


@dataclass(frozen=True)
class Ensured(Generic[R]):
    """The resource that is now there.

    :param resource: what the platform answered: the live resource, or the answer to the create or the update.
    """

    id: str
    change: Literal["created", "reused", "updated"]
    resource: Any
    etag: str | None = None


class ResourceType(ABC, Generic[R]):
    """One type of resource: a schema, a dataset, a dataflow. `R` is its wire model, for declared and live ones alike.

    The implementations stand in `airflow_provider_aep/resources/`, one file a resource. Apart from `resolve`, `prepare`
    and `dependents`, which are handed a `send`, no method makes a request: each returns the `Call` to be sent.

    :cvar noun: Adobe's name for it.
    :cvar key_fields: where the parts of the natural key stand in a live resource, in the order of the key.
    :cvar names_repeat: False where the platform refuses a second one with the natural key.
    :cvar deletable: False where the platform has no call that deletes one: of several equal ones the oldest is used.
    """

    noun: ClassVar[str]
    key_fields: ClassVar[tuple[str, ...]] = ("name",)
    names_repeat: ClassVar[bool] = True
    deletable: ClassVar[bool] = True

    @abstractmethod
    def declare(self, **arguments: Any) -> R:
        """The resource an author asks for; the arguments are those of the create operator, after rendering.

        :raises AepConfigError: every problem at once.
        """

    @abstractmethod
    def natural_key(self, resource: R) -> tuple[str | None, ...]:
        """By what a declared resource is recognised among the live ones."""

    def label(self, resource: Any) -> str:
        """The natural key in a message."""
        return repr(self.natural_key(resource)[0] or resource.id)

    @abstractmethod
    def lookup(self, declared: R) -> Call[list[R]]:
        """The list in which the declared resource would be, if it exists. It may hold others as well."""

    @abstractmethod
    def list_all(self) -> Call[list[R]]:
        """The list of all resources of this type in the sandbox."""

    def list_some(self, ids: Sequence[str]) -> Call[list[R]] | None:
        """The list of those with these ids, at most 50; None where the platform documents no such list."""
        return None

    @abstractmethod
    def get(self, id_: str) -> Call[R]:
        """One by its id."""

    def get_listed(self, live: R) -> Call[R]:
        """One that a list shows, as a whole: in the version that the list shows."""
        return self.get(self.id_of(live))

    def read_again(self, send: Send, live: R) -> R:
        """A live resource as it is by now.

        :raises AepNotFoundError: it is gone.
        """
        return send(self.get(self.id_of(live)))

    def id_of(self, resource: Any) -> str:
        """The id of a live resource."""
        return str(resource.id)

    @abstractmethod
    def created_at(self, live: R) -> int:
        """When it was made, in epoch milliseconds; `UNKNOWN_TIME` if it does not say. Of several, the oldest stays."""

    def etag_of(self, resource: Any) -> str | None:
        """The etag of a live resource, or in the answer to a create or an update; None where there are no etags."""
        return None

    def is_summary(self, live: R) -> bool:
        """Whether a list shows too little of it to compare or change it; then it is read by its id."""
        return False

    def other_purpose(self, live: R) -> str:
        """What a live resource with the same natural key is, if it serves another purpose and so does not count, as the
        rest of a sentence; empty for one that counts.
        """
        return ""

    def warning(self, live: R) -> str:
        """What somebody who uses this live resource has to know, as the rest of a sentence; empty if nothing."""
        return ""

    @abstractmethod
    def diff(self, declared: R, live: R) -> Diff:
        """Where the live resource is not what was declared. What was not declared is not compared."""

    def newer(self, declared: R, live: R) -> Diff:
        """Where the platform has something newer than the live resource uses, and the author declared neither.

        An update changes it; reuse leaves it, with a warning.
        """
        return ()

    def sends_secrets(self, declared: R, live: R) -> bool:
        """Whether it declares what the platform never shows, so that an update sends it though nothing differs."""
        return False

    def requires_replace(self, declared: R, live: R, now: float) -> Mapping[str, str]:
        """Path -> why the platform cannot change what is at or below that path in place.

        :param now: the platform's time in epoch seconds.
        """
        return {}

    def resolve(self, send: Send, declared: R) -> R:
        """What was declared, with what the platform has to tell before it can be compared."""
        return declared

    def prepare(self, send: Send, declared: R, now: float) -> R:
        """Last checks and additions before a new one is made; not called for one that is there already.

        :param now: the platform's time in epoch seconds.
        :raises AepConfigError: the platform's own rules object to what was declared.
        """
        return declared

    @abstractmethod
    def create(self, declared: R) -> Call[Any]:
        """The call that makes it; the answer has an id."""

    @abstractmethod
    def update(self, declared: R, live: R, diff: Diff) -> Call[Any]:
        """The call that changes the live resource in place where it differs.

        :raises AepApiError: the platform shows no etag of it, without which it takes no change.
        """

    def delete(self, id_: str) -> Call[None]:
        """The call that deletes one.

        :raises AepConfigError: the platform has no such call.
        """
        raise AepConfigError(f"A {self.noun} cannot be deleted: the platform has no call for it.")

    def dependents(self, send: Send, id_: str) -> list[str]:
        """The ids of the resources that use this one, so that it cannot go; empty if that is not known."""
        return []
