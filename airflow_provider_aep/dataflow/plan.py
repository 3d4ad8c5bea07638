"""A plan: what is to be done about each resource of each dataflow, and what that does to the data.

Made by look-up and `decide`, without the doing (`planner.py`). It holds no secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from airflow_provider_aep.dataflow.choice import AllowReplace
from airflow_provider_aep.dataflow.document import dataflow_json, fingerprint, resource_json, summary
from airflow_provider_aep.dataflow.planned import Consequence, PlannedDataflow, PlannedResource

__all__ = ["Consequence", "Plan", "PlannedDataflow", "PlannedResource"]

FORMAT_VERSION: Final = "1.0"


@dataclass(frozen=True)
class Plan:
    """All dataflows of a plan.

    :param unmanaged: names and ids of source dataflows that no file names, if they were asked for.
    :param allow_replace: the consent to replace with which it was made: ``reload``, ``continue`` or False.
    :param allow_destroy: whether it was made with the consent to destroy.
    """

    org: str
    sandbox: str
    dataflows: tuple[PlannedDataflow, ...]
    unmanaged: tuple[tuple[str, str], ...] = ()
    allow_replace: AllowReplace = False
    allow_destroy: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return all(each.is_empty for each in self.dataflows)

    @property
    def summary(self) -> dict[str, int]:
        """How many resources are created, updated, replaced, destroyed, refused and left as they are. What several
        dataflows share is counted once.
        """
        return summary(self.dataflows)

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits of what it would do: organisation, sandbox, actions and changes; no etag, time or
        secret.
        """
        return fingerprint(self.org, self.sandbox, self.dataflows)

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON; without secrets. Readers ignore keys they do not know, and reject another major version."""
        resources = [resource_json(dataflow, each) for dataflow in self.dataflows for each in dataflow.resources]
        return {
            "format_version": FORMAT_VERSION,
            "org": self.org,
            "sandbox": self.sandbox,
            "fingerprint": self.fingerprint,
            "summary": self.summary,
            "resources": resources,
            "dataflows": [dataflow_json(dataflow) for dataflow in self.dataflows],
            "unmanaged": [{"name": name, "id": id_} for name, id_ in self.unmanaged],
        }
