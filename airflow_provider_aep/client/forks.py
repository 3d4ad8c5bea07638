"""After a fork, a child shares no connection and no lock with its parent.

Two processes that read from one connection get each other's responses, and a lock that another thread held when the
process was forked is never released in the child.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """Holds connections or locks."""

    def after_fork(self) -> None:
        """Replace them: called in the child."""


_renewables: WeakSet[Renewable] = WeakSet()


def renew_after_fork(thing: Renewable) -> None:
    """Call `after_fork` of this object in every child process that is forked from now on."""
    _renewables.add(thing)


def _renew_all() -> None:
    for thing in list(_renewables):
        thing.after_fork()


os.register_at_fork(after_in_child=_renew_all)
