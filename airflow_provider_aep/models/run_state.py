"""What the status words of flow runs and batches mean, in whichever way Adobe's payloads, enums and prose spell them.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (``RunStatus``)
https://experienceleague.adobe.com/en/docs/experience-platform/ingestion/batch/overview (status of a batch)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class Phase(StrEnum):
    """How far a flow run or a batch has come. An unknown status is never success."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


_RUNS = {
    **dict.fromkeys(("scheduled", "queued", "inprogress"), Phase.RUNNING),
    **dict.fromkeys(("success", "completed", "partialsuccess"), Phase.SUCCEEDED),
    **dict.fromkeys(("failed", "partialfailure"), Phase.FAILED),
}
# "active" means success and "failure" failed; "retrying" and "stalled" may still go either way.
_BATCHES = {
    **dict.fromkeys(
        ("processing", "queued", "retrying", "stalled", "loading", "loaded", "staged", "staging"), Phase.RUNNING
    ),
    **dict.fromkeys(("success", "active"), Phase.SUCCEEDED),
    **dict.fromkeys(("failed", "failure", "aborted", "abandoned", "inactive", "deleted"), Phase.FAILED),
}


def run_phase(status: str | None) -> Phase:
    """The phase of a flow run, by its status."""
    return _phase(_RUNS, status)


def batch_phase(status: str | None) -> Phase:
    """The phase of a batch, by its status."""
    return _phase(_BATCHES, status)


def is_partial(status: str | None) -> bool:
    """Whether a run calls itself a success of which a part failed."""
    return _plain(status) == "partialsuccess"


def _phase(words: Mapping[str, Phase], status: str | None) -> Phase:
    return words.get(_plain(status), Phase.UNKNOWN)


def _plain(status: str | None) -> str:
    """Lower case, without ``_``, ``-`` and blanks."""
    return re.sub(r"[\s_-]", "", (status or "").lower())
