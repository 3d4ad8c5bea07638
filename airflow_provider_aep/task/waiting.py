"""What operators and sensors that wait share."""

from __future__ import annotations

# Seconds that the last look may take.
_LAST_LOOK = 10.0


def before_alarm(limit: float) -> float:
    """Seconds until a worker looks for the last time, which Airflow's alarm at `execution_timeout` would cut off."""
    return limit - min(_LAST_LOOK, limit / 20)
