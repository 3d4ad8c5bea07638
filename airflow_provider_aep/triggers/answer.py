"""The trigger that waits until the platform answers at all."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.runs.pacing import OutagePolicy
from airflow_provider_aep.runs.watch import RunWatcher
from airflow_provider_aep.triggers.base import AepTrigger
from airflow_provider_aep.triggers.poll import poll_until


class AepAnswerTrigger(AepTrigger):
    """Waits until the platform answers at all, for a task that began in an outage and so could not poll once.

    Each polls for itself, and not in a group as waits for runs do: what a group shares is a list of many ids, and here
    there is none. All keep to the pace of their connection (four requests at once, one pause after a 429), and each is
    over with the first response, whatever it says.
    """

    async def wait(self, watcher: RunWatcher) -> dict[str, Any]:
        """The event is ``{"answered": True, "timeout": False, "deadline": ...}``, or neither and a time-out."""
        try:
            polled = await poll_until(
                watcher.pacer,
                list_sandboxes(),
                lambda sandboxes: sandboxes,
                lambda sandboxes: True,
                what="the platform to answer",
                poll_interval=self.poll_interval,
                deadline=self.deadline,
                # "Not found" gets no grace period here: it is an answer.
                outage=OutagePolicy(missing_since=0.0),
            )
        except AepError:
            # A refusal is an answer, too: the task will meet it and say so.
            return self._answered()
        if polled.timed_out:
            return {"answered": False, "timeout": True, "problem": polled.problem}
        return self._answered()

    def _answered(self) -> dict[str, Any]:
        return {"answered": True, "timeout": False, "deadline": self.deadline}
