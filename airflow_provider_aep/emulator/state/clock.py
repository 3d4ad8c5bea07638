"""The emulator's clock: real time at a chosen speed, plus every advance. Tests move it; nothing sleeps."""

from __future__ import annotations

import time
from email.utils import formatdate

#: the year 9000: dates end with the year 9999, and tokens, keys and schedules look ahead
LATEST = 221_845_305_600


class Clock:
    def __init__(self, speed: float = 1.0, starts_at: float | None = None) -> None:
        self.speed = speed
        self._real_origin = time.time()
        self._origin = self._real_origin if starts_at is None else max(starts_at, self._real_origin)
        self._advanced = 0.0

    def now(self) -> float:
        """Epoch seconds."""
        return self._origin + (time.time() - self._real_origin) * self.speed + self._advanced

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        if not seconds >= 0:
            raise ValueError("the clock only moves forward")
        if not self.now() + seconds < LATEST:
            raise ValueError("the clock ends with the year 9000")
        self._advanced += seconds

    def http_date(self) -> str:
        return formatdate(self.now(), usegmt=True)
