"""The base connection: how the platform signs in to a source ("account" in the UI).

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Connections)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr

from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.models.base import AepModel, Ref, Resource
from airflow_provider_aep.models.tolerant import Lenient, Name, object_or_empty
from airflow_provider_aep.validation import Problems


class Auth(AepModel):
    """`spec_name` is one of the auth specs of the connection spec; `params` holds the source's secrets."""

    spec_name: Name = None
    params: Annotated[dict[str, Any], BeforeValidator(object_or_empty)] = Field({}, repr=False)


class BaseConnection(Resource):
    name: Name = None
    description: Name = None
    auth: Annotated[Auth | None, Lenient] = None
    connection_spec: Ref
    _plain_params: dict[str, Any] = PrivateAttr(default_factory=dict)
    _sent_at: frozenset[str] = PrivateAttr(default=frozenset())

    @classmethod
    def declare(
        cls,
        *,
        name: Any,
        connector: Any,
        auth_spec_name: Any,
        auth_params: Any = None,
        credentials: Mapping[str, Any] | None = None,
        description: Any = None,
    ) -> Self:
        """The base connection an author asks for.

        :param credentials: the source's secrets, from an Airflow connection; they win over `auth_params`.
        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"base connection {name!r}")
        problems.name("name", name)
        problems.text("auth_spec_name", auth_spec_name)
        problems.text("description", description, required=False)
        if auth_params is not None and not isinstance(auth_params, Mapping):
            problems.add("auth_params", f"must be a dict of auth parameters, not a {type(auth_params).__name__}")
            auth_params = None
        problems.attempt(get_connector, connector)
        problems.raise_if_any()
        declared = cls(
            name=name,
            description=description,
            auth=Auth(spec_name=auth_spec_name, params={**(auth_params or {}), **(credentials or {})}),
            connection_spec=Ref(id=get_connector(connector).connection_spec_id),
        )
        declared._plain_params = {
            key: value for key, value in (auth_params or {}).items() if key not in (credentials or {})
        }
        return declared

    @property
    def plain_params(self) -> dict[str, Any]:
        """The declared auth parameters that are no secrets, by which a live connection can be compared."""
        return self._plain_params

    @property
    def sent_at(self) -> frozenset[str]:
        """The etags that the live connection is known to have got when these very parameters were sent."""
        return self._sent_at

    @sent_at.setter
    def sent_at(self, etags: frozenset[str]) -> None:
        self._sent_at = etags

    @property
    def inlet_url(self) -> str | None:
        """The streaming endpoint of an HTTP API connection, where the platform shows it."""
        url = (self.auth.params if self.auth else {}).get("inletUrl")
        return url if isinstance(url, str) and url else None

    def __repr__(self) -> str:
        # The parameters are secrets; a repr ends up in logs and tracebacks.
        return f"BaseConnection(id={self.id!r}, name={self.name!r}, connection_spec={self.connection_spec.id!r})"

    __str__ = __repr__
