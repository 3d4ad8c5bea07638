"""The trigger that waits until the platform answers at all."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import Any

from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.runs.pacing import OutagePolicy
from airflow_provider_aep.runs.watch import RunWatcher
from airflow_provider_aep.triggers.base import AepTrigger

log = logging.getLogger(__name__)


class AepAnswerTrigger(AepTrigger):
    """Waits until the platform answers at all, for a task that began in an outage and so could not poll once.

    Each polls for itself, and not in a group as waits for runs do: what a group shares is a list of many ids, and here
    there is none. All keep to the pace of their connection (four requests at once, one pause after a 429), and each is
    over with the first response, whatever it says.
    """

    async def wait(self, watcher: RunWatcher) -> dict[str, Any]:
        """The event is ``{"answered": True, "timeout": False, "deadline": ...}``, or neither and a time-out."""
        # "Not found" gets no grace period here: it is an answer.
        outage = OutagePolicy(missing_since=0.0)
        while True:
            last = self.deadline is not None and time.time() >= self.deadline
            try:
                await watcher.pacer.poll(list_sandboxes(), last=last)
            except AepError as problem:
                # A refusal is an answer, too: the task will meet it and say so.
                if outage.is_transient(problem):
                    log.info("Still waiting for the platform to answer: %s", problem)
                    if last:
                        return {"answered": False, "timeout": True, "problem": str(problem)}
                    await self._sleep()
                    continue
            return {"answered": True, "timeout": False, "deadline": self.deadline}

    async def _sleep(self) -> None:
        # Jitter keeps tasks that were deferred together from polling together for ever.
        seconds = self.poll_interval * random.uniform(0.9, 1.1)
        left = self.deadline - time.time() if self.deadline is not None else seconds
        await asyncio.sleep(max(0.0, min(seconds, left)))
