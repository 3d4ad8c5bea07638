"""Metrics ``aep.*`` through Airflow's own statistics: what was sent to the platform, and what came of it.

Airflow sends them where ``[metrics]`` says, and nowhere if it says nothing. Names are few: status and service are tags,
which plain StatsD drops. No id is in either.

https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/metrics.html
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

try:
    from airflow.sdk.observability.stats import Stats
except ImportError:  # Airflow 3.1
    from airflow.stats import Stats

if TYPE_CHECKING:
    from airflow_provider_aep.api.call import Call
    from airflow_provider_aep.models.batch import Batch
    from airflow_provider_aep.models.flow_run import FlowRun

_PLATFORM = "/data/foundation/"
# Hashes of the last tokens, of which each client of the process says that it uses them.
_known_tokens: deque[int] = deque(maxlen=64)


def count_exchange(call: Call[Any], status: int | None, seconds: float, attempt: int) -> None:
    """Count a request to the platform; see `OnExchange`."""
    service = call.path.removeprefix(_PLATFORM).split("/")[0] if call.path.startswith(_PLATFORM) else "other"
    tags = {"method": call.method, "service": service, "status": "none" if status is None else str(status)}
    Stats.incr("aep.requests", tags=tags)
    Stats.timing("aep.request_duration", seconds * 1000, tags=tags)
    if attempt > 1:
        Stats.incr("aep.retries", tags=tags)
    if status == 429:
        Stats.incr("aep.rate_limited", tags=tags)


def count_token(token: str) -> None:
    """Count a token that this process has not used before."""
    if hash(token) not in _known_tokens:
        _known_tokens.append(hash(token))
        Stats.incr("aep.token_refreshes")


def count_ended(ended: FlowRun | Batch, waited: float) -> None:
    """Count what a task has waited for: once for each of its tries.

    :param waited: seconds from the beginning of the try, its time in the triggerer included.
    """
    Stats.timing("aep.wait_duration", waited * 1000)
    for which in ("input", "output", "failed"):
        count = ended.records.get(which)
        if count:
            Stats.incr(f"aep.records.{which}", count)
