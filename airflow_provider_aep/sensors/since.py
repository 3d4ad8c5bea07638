"""From when on a run or a batch counts as the one that a sensor waits for."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airflow_provider_aep import api
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.models.times import epoch_seconds

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.client.http import AepClient

_DAY_MS = 24 * 60 * 60 * 1000


class Since:
    """A time on the platform's clock: as an author gave it, or the start of the DAG run by this machine's clock.

    :param given: a time in any spelling that `epoch_seconds` reads, or None.
    :param context: of the task; its DAG run counts where nothing is given.
    :param client: knows the platform's clock as soon as one request was answered.
    """

    def __init__(self, given: Any, context: Context, client: AepClient) -> None:
        self._given = given
        self._context = context
        self._client = client
        self._exactly: int | None = None

    def exactly(self) -> int:
        """The time in epoch milliseconds; the same whenever it is asked for."""
        if self._exactly is None:
            if self._given is None and self._client.clock_offset is not None and not self._client.clock_agreed:
                # The clock of one response, a cached one perhaps, must not decide which runs are new enough.
                with suppress(AepError):
                    self._client.send(api.sandbox.list_sandboxes(), patience=0)
            self._exactly = self._read()
        return self._exactly

    def roughly(self) -> int:
        """The time in epoch milliseconds, or a day earlier while the platform's clock is not known."""
        return self._read() - _DAY_MS if self._client.clock_offset is None else self.exactly()

    def _read(self) -> int:
        if self._given is not None:
            return epoch_seconds(self._given) * 1000
        start = self._context["dag_run"].start_date
        local = start.timestamp() if start else time.time()
        # The platform's clock is known to the second, so a run made in that second counts.
        return int((local + self._client.now() - time.time() - 1.0) * 1000)
