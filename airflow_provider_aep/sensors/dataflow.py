"""The sensor that waits for drift: for live resources that differ from what files declare."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator, PokeReturnValue

from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.task.failure import fail_without_retry
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.rendering import KeepTextMixin

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["AepDriftSensor"]

_DAY = 86_400.0


class AepDriftSensor(KeepTextMixin, BaseSensorOperator):
    """Wait until a plan is not empty: until somebody has changed what files declare. Returns the plan as JSON.

    Nothing is written. Between two plans the task gives its slot back (``mode="reschedule"``).

    :param specs: files, folders, globs or dicts, as one or a list; a path may be any ``ObjectStoragePath``.
    :param test_connections: also let the platform sign in to each source; credentials that are refused count as drift.
    :param poke_interval: seconds between two plans; by default a day.
    :param aep_conn_id: the Airflow connection, of type ``aep``.
    :param sandbox: the sandbox, instead of the connection's.
    """

    template_fields: Sequence[str] = ("specs", "test_connections", *COMMON_FIELDS)
    ui_color = "#fdf1e7"

    def __init__(
        self,
        *,
        specs: Any,
        test_connections: bool = False,
        poke_interval: float = _DAY,
        aep_conn_id: str = "aep_default",
        sandbox: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("mode", "reschedule")
        super().__init__(poke_interval=poke_interval, **kwargs)
        self.specs = specs
        self.test_connections = test_connections
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox

    @cached_property
    def hook(self) -> AepHook:
        return AepHook(self.aep_conn_id, self.sandbox)

    def execute(self, context: Context) -> Any:
        with fail_without_retry():
            return super().execute(context)

    def poke(self, context: Context) -> PokeReturnValue | bool:
        """Plan once. True as soon as the plan is not empty; the log shows it.

        :raises AepError: the files have errors, or the platform refuses.
        """
        # Imported here because a DAG file that names the sensor plans nothing.
        from airflow_provider_aep.dataflow.drift import find_drift
        from airflow_provider_aep.dataflow.lint import load_checked

        client = self.hook.get_conn()
        try:
            specs = load_checked(self.specs, sandbox=client.sandbox)
            found = find_drift(client, specs.dataflows, test_connections=self.test_connections)
        except AepError as problem:
            if not problem.retryable:
                raise
            self.log.warning("Looking again later: %s", problem)
            return False
        self.log.info("%s", "\n".join(line for line, _ in found.lines()))
        return False if found.is_empty else PokeReturnValue(is_done=True, xcom_value=found.to_json())
