"""The platform's clock, by the `Date` of its responses. One alone does not move it: a cache may have kept it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

# Responses that must agree before the clock is set back.
_RESPONSES = 5
# Seconds by which two responses of one clock differ at most: a date is whole seconds, and a response takes its time.
_AGREE = 30.0


class PlatformClock:
    """How far the platform's clock is ahead of this machine's: the most that any of the last responses said.

    A response may be old, and none comes from the future: so a later time is believed at once, and an earlier one when
    all of the last responses agree.
    """

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=_RESPONSES)
        self.offset: float | None = None

    @property
    def agreed(self) -> bool:
        """Whether this machine's clock, or two responses, agree with the offset."""
        if self.offset is None:
            return False
        witnesses = [0.0, *self._offsets]
        return sum(abs(offset - self.offset) <= _AGREE for offset in witnesses) > 1

    def now(self) -> float:
        """The platform's time in epoch seconds; this machine's before the first response."""
        return time.time() + (self.offset or 0.0)

    def read_date(self, headers: Mapping[str, str]) -> None:
        """Take up the `Date` of a response, if there is one.

        :param headers: with case-insensitive keys.
        """
        try:
            # Dates are whole seconds, so the true time is half a second later on average.
            self.add(parsedate_to_datetime(headers["date"]).timestamp() + 0.5 - time.time())
        except (LookupError, ValueError, TypeError, OverflowError, OSError):
            return

    def add(self, seconds: float) -> None:
        """Take up what one response said."""
        self._offsets.append(seconds)
        self.offset = max(self._offsets)
