"""AepHook makes an AepClient of an Airflow connection. It knows the connection's fields and nothing of HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import BaseHook

from airflow_provider_aep import api
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.hooks.connection_form import connection_form_widgets, ui_field_behaviour
from airflow_provider_aep.validation import in_one_line

if TYPE_CHECKING:
    from airflow_provider_aep.api.call import Call
    from airflow_provider_aep.client.http import AepClient

T = TypeVar("T")

_TEST_TIMEOUT = (5.0, 10.0)


class AepHook(BaseHook):
    """Holds the credentials of one Airflow connection and the HTTP session made from them.

    Nothing is looked up before the first use.

    :param aep_conn_id: the Airflow connection, of type ``aep``.
    :param sandbox: the sandbox, instead of the connection's.
    """

    conn_name_attr = "aep_conn_id"
    default_conn_name = "aep_default"
    conn_type = "aep"
    hook_name = "Adobe Experience Platform"

    def __init__(self, aep_conn_id: str = default_conn_name, sandbox: str | None = None) -> None:
        super().__init__()
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox
        self._client: AepClient | None = None

    def get_conn(self) -> AepClient:
        """The client, made at the first call.

        :raises AepConfigError: every field of the connection that is missing or wrong.
        """
        if self._client is None:
            self._client = self._make_client(self.aep_conn_id)
        return self._client

    def _make_client(self, conn_id: str | None, **arguments: Any) -> AepClient:
        # HTTP is slow to import, and a DAG file that names a hook or an operator sends nothing.
        from airflow_provider_aep.hooks.connection import make_client

        connection = self.get_connection(self.aep_conn_id)
        return make_client(connection, conn_id, self.sandbox, **arguments)

    def send(self, call: Call[T]) -> T:
        """Send a call: a request as a value that knows how its response is read.

        :raises AepApiError: the platform refused, or its response cannot be read.
        :raises AepUnreachableError: no response came.
        :raises AepConfigError: the call cannot be sent.
        """
        return self.get_conn().send(call)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Ask any endpoint of the platform, also one that no operator knows.

        Returns the parsed JSON of the response, None if it has no body. Token, organisation, sandbox, retries and
        errors are as everywhere. It is one request: pages are not joined.

        :param path: such as ``/data/foundation/flowservice/connections``, without a host.
        :param params: the query; a sequence repeats its key.
        :param json: the body.
        :param headers: further headers, such as ``If-Match`` or another ``Accept``.
        :raises AepConfigError: the request cannot be sent: the path has a host, or a header is the connection's to say.
        :raises AepApiError: the platform refused, or its response cannot be read.
        :raises AepUnreachableError: no response came.
        """
        return self.send(api.request.any_call(method, path, params=params, body=json, headers=headers))

    def __getstate__(self) -> dict[str, Any]:
        """Of a copied or pickled hook: it makes a client of its own, because connections and locks cannot travel."""
        return {**self.__dict__, "_client": None}

    def test_connection(self) -> tuple[bool, str]:
        """Try step by step and name the step that fails: IMS, API key, organisation, sandbox, permission."""
        try:
            # Airflow tests a form's connection under a random name.
            client = self._make_client(None, shared=False, timeout=_TEST_TIMEOUT, patience=0)
        except AepConfigError as problem:
            return False, f"Connection fields: {in_one_line(str(problem))}"
        from airflow_provider_aep.probe.access import FLOW_SERVICE, check_access

        for found in check_access(client, FLOW_SERVICE):
            if found.fault:
                return False, f"{found.step}: {found.text}"
        return True, f"Organisation {client.org_id}, sandbox {client.sandbox!r}: dataflows can be read."

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        return ui_field_behaviour()

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        return connection_form_widgets()
