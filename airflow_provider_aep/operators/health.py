"""The operator that checks the health of the dataflows of a sandbox.

https://experienceleague.adobe.com/en/docs/experience-platform/dataflows/ui/monitor-sources
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_aep.operators.base import AepOperator
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.xcom import push
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.sdk import Context


class AepDataflowHealthOperator(AepOperator):
    """Find the source dataflows that fail, are silent, are about to end or are disabled, account by account.

    Returns ``{"well": ..., "checked": ..., "failing": ..., "silent": ..., "expiring": ..., "disabled": ...,
    "accounts": [{"base_connection_id", "name", "connector", "checked", "fails_as_a_whole", "flows": [{"flow_id",
    "name", "problems": {"failing": "a sentence"}, "run_id"}]}]}``; the numbers count dataflows. XCom key ``table``: the
    same as text, as in the log, for a message. The task succeeds whatever it finds: a short circuit or a branch on
    ``well`` goes on from there. A dataflow that is merely disabled leaves ``well`` true.

    :param flows: names of dataflows, patterns (``*``, ``?``, ``[...]``) or ids; left out: all of the sandbox.
    :param silent_for: seconds without a new run from which on an enabled batch dataflow is silent; left out: two
        intervals of its own schedule, but no less than an hour.
    """

    template_fields: Sequence[str] = ("flows", "silent_for", *COMMON_FIELDS)

    def __init__(
        self,
        *,
        flows: str | Sequence[str] | None = None,
        silent_for: float | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.flows = flows
        self.silent_for = silent_for

    def run(self, context: Context) -> dict[str, Any]:
        # A DAG file that names this operator does not pay for the import of what it reads.
        from airflow_provider_aep.runs.health import read_health

        names, silent_for = self._arguments()
        health = read_health(self.hook.get_conn(), names, silent_for)
        table = "\n".join(health.lines())
        self.log.info("%s", table)
        push(context, table=table)
        return health.to_json()

    def _arguments(self) -> tuple[list[str], float | None]:
        """What was rendered, checked: names, and seconds of silence."""
        problems = Problems(f"task {self.task_id!r}", "used")
        names = [self.flows] if isinstance(self.flows, str) else list(self.flows or [])
        for number, name in enumerate(names):
            problems.text(f"flows[{number}]", name)
        silent_for = None if self.silent_for is None else problems.number("silent_for", self.silent_for)
        problems.raise_if_any()
        return names, silent_for
