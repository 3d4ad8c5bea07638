"""What became of an apply, or of a destroy: resource by resource, and why a dataflow is not as its file says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from airflow_provider_aep.exceptions import AepApplyError, AepError

Done = Literal[
    "created", "reused", "updated", "replaced", "deleted", "would be deleted", "gone", "left", "failed", "not reached"
]

# In the order in which a report names them.
DONE: Final[tuple[Done, ...]] = (
    "created",
    "updated",
    "replaced",
    "deleted",
    "would be deleted",
    "gone",
    "left",
    "reused",
    "failed",
    "not reached",
)


@dataclass(frozen=True)
class Outcome:
    """What became of one resource.

    :param noun: Adobe's name for what it is.
    :param done: ``gone`` for one that was to be deleted and was not there; ``left`` for one that was to go and stays.
    :param said: the error, or why it is left, as a sentence.
    """

    dataflow: str
    step: str
    noun: str
    name: str
    done: Done
    id: str | None = None
    said: str = ""

    def __str__(self) -> str:
        id_ = f" ({self.id})" if self.id else ""
        said = f": {self.said}" if self.said else ""
        return f"{self.noun} {self.name!r}{id_} {self.done}{said}"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON; without what is not known."""
        found = {
            "address": f"{self.dataflow}/{self.step}",
            "noun": self.noun,
            "name": self.name,
            "done": self.done,
            "id": self.id,
            "said": self.said or None,
        }
        return {key: value for key, value in found.items() if value is not None}


@dataclass
class Report:
    """What an apply or a destroy did.

    :param fingerprint: of the plan that was applied.
    :param ids: dataflow -> step -> the id of its resource.
    :param failures: dataflow -> why it is not as its file says.
    :param stopped: why nothing further was begun, in a sentence; empty if everything was tried.
    :param retryable: whether the same may succeed later with nobody changing anything.
    """

    fingerprint: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    retryable: bool = False

    def of(self, *done: Done) -> list[Outcome]:
        """The outcomes of these sorts."""
        return [outcome for outcome in self.outcomes if outcome.done in done]

    @property
    def ok(self) -> bool:
        """Whether every dataflow is as its file says."""
        return not self.failures

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.of("created", "updated", "replaced", "deleted"))

    def fail(self, dataflow: str, problem: AepError) -> None:
        """Note why a dataflow is not as its file says; the first reason counts."""
        self.failures.setdefault(dataflow, str(problem))
        self.retryable = self.retryable or problem.retryable

    def raise_if_failed(self) -> None:
        """:raises AepApplyError: a dataflow is not as its file says; the message is the whole report."""
        if self.failures:
            raise AepApplyError(str(self), self.to_json(), retryable=self.retryable)

    def changes(self) -> dict[str, str]:
        """Address -> what was done, of what was written."""
        written = self.of("created", "updated", "replaced", "deleted")
        return {f"{outcome.dataflow}/{outcome.step}": outcome.done for outcome in written}

    def to_json(self) -> dict[str, Any]:
        """As plain JSON. It holds no secret."""
        return {
            "format_version": "1.0",
            "fingerprint": self.fingerprint,
            "ok": self.ok,
            "summary": self.counts(),
            "ids": self.ids,
            "failures": self.failures,
            **({"stopped": self.stopped} if self.stopped else {}),
            "resources": [outcome.to_json() for outcome in self.outcomes],
        }

    def counts(self) -> dict[str, int]:
        """How many resources of each sort there are, without those of which there is none."""
        return {done: number for done in DONE if (number := len(self.of(done)))}

    def lines(self) -> Iterator[tuple[str, bool]]:
        """What was written, what is left and what failed, a line each, with whether it is bad."""
        for outcome in self.of("created", "updated", "replaced", "deleted", "would be deleted", "gone", "left"):
            yield f"{outcome.dataflow}: {outcome}", False
        for name, said in self.failures.items():
            if said != self.stopped:
                yield f"{name} failed: {said}", True
        if self.stopped:
            yield self.stopped, True
        counts = ", ".join(f"{number} {done}" for done, number in self.counts().items())
        yield f"Done: {counts or 'nothing'}.", not self.ok

    def __str__(self) -> str:
        return "\n".join(line for line, _ in self.lines())
