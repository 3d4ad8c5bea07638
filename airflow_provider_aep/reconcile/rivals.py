"""Rivals: tasks that make the same at the same moment, on a platform whose lists show it late. The protocol:

Assumed: a list shows each resource at a time of its own, at most LIST_LAG after it was made, and a read by its id shows
it at once. So a look tells of everything that was older than LIST_LAG.

    moment                    what is known                             what may be done
    looked, nothing there     what was made within LIST_LAG is hidden   POST
    looked, oldest is young   an older one may be hidden                wait for LIST_LAG, look again
    looked, oldest is not     none is older                             hand it out: nobody removes it
    POST answered             one's own id, and no more                 wait for LIST_LAG, look
      own is the oldest       none is older                             hand it out as created
      another is older        own was handed to nobody                  remove own, go on with the oldest
      own is not shown        the name is kept otherwise, or a list     read it by its id: an error, or as above
                              lags longer: then there may be another
    answer lost, looked       equal ones made since the first look are  remove them but for the oldest, and go on with
                              of lost requests, or handed to nobody     it; as created if it is equal. None: POST again
    died at any moment        nothing                                   the next task takes the oldest

Nobody removes anything but what has an older one beside it, and before it was handed out. So the oldest of all is never
removed; where a list lags longer than assumed two may be left, but never none.

LIST_LAG is the connection's `list_lag`. Every create of a name that may repeat has to wait: within it, a task that is
alone and one whose rival is hidden see the same. If the first one went on at once, so would the second and its rival.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from airflow_provider_aep.client.backoff import poll
from airflow_provider_aep.reconcile.decide import by_age, contenders
from airflow_provider_aep.reconcile.lookup import OneByOne
from airflow_provider_aep.reconcile.resource_type import UNKNOWN_TIME, ResourceType
from airflow_provider_aep.reconcile.write import ResourceWriter

R = TypeVar("R")
T = TypeVar("T")

# Seconds by which the clocks of the platform's machines may differ.
_CLOCKS_DIFFER = 1.0


class ResourceFinder(ResourceWriter):
    """Looks resources up, and knows when what a list shows can be trusted."""

    @property
    def look_up(self) -> OneByOne:
        return OneByOne(self.send)

    def settled(
        self,
        type_: ResourceType[R],
        declared: R,
        poll_once: Callable[[], list[R]],
        seen: tuple[float, list[R]] | None = None,
    ) -> list[R]:
        """What a list shows once nothing older than the oldest that counts can be hidden.

        :param poll_once: lists the resources with the declared one's natural key.
        :param seen: what `timed` returned for the last look, if there was one.
        """
        began, found = seen or self.timed(poll_once)
        counting = contenders(type_, declared, found)
        while counting and self.is_young(type_, counting[0], began):
            oldest = by_age(type_, counting[0])
            self.pause(self.list_lag)
            began, found = self.timed(poll_once)
            counting = contenders(type_, declared, found)
            if counting and by_age(type_, counting[0]) <= oldest:
                # Whatever it is, the pause has made it old enough.
                break
        return found

    def timed(self, poll_once: Callable[[], T]) -> tuple[float, T]:
        """The platform's time before a look, in epoch seconds, and what it showed: a look takes several requests, of
        which the list is the first.
        """
        before, found = self.now(), poll_once()
        # The first response may correct the clock.
        return min(before, self.now()), found

    def poll_later(self, poll_once: Callable[[], T], pauses: Sequence[float], until: Callable[[T], bool]) -> T:
        """What is seen after the first pause, or after a later one if that is not enough."""
        self.pause(pauses[0])
        return poll(poll_once, pauses[1:], until=until, sleep=self.pause)

    def is_young(self, type_: ResourceType[R], live: R, now: float | None = None) -> bool:
        """Whether it is so young that a list may hide an older one of its name.

        :param now: the platform's time in epoch seconds, if not this moment.
        """
        created_ms = type_.created_at(live)
        known = type_.names_repeat and created_ms != UNKNOWN_TIME and self.list_lag > 0
        at = self.now() if now is None else now
        return known and at * 1000 - created_ms < (self.list_lag + _CLOCKS_DIFFER) * 1000
