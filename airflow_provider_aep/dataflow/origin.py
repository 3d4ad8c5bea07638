"""Where in the files each value of a merged spec stands: in the overlay, the dataflow, or a shared account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from airflow_provider_aep.dataflow.documents import Document, Steps
from airflow_provider_aep.dataflow.finding import Finding


@dataclass(frozen=True)
class Layer:
    """A part of a document, and where it stands in the merged spec.

    :param at: the way to the part within its document.
    :param under: the way to it within the merged spec.
    """

    document: Document
    at: Steps = ()
    under: Steps = ()
    is_overlay: bool = False

    def steps(self, steps: Steps) -> Steps | None:
        """The way within the document to that place of the merged spec; None if the layer has no part in it."""
        depth = len(self.under)
        return self.at + steps[depth:] if steps[:depth] == self.under and len(steps) >= depth else None


@dataclass(frozen=True)
class Origin:
    """The layers of one spec. A value in an earlier layer hides that in a later one."""

    layers: tuple[Layer, ...]

    @property
    def document(self) -> Document:
        """The document of the spec itself."""
        return next(layer.document for layer in self.layers if not layer.under)

    @property
    def line(self) -> int | None:
        """The line where the document begins in its file; None if there is no file."""
        return self.document.line or None

    def under(self, other: Origin, under: Steps) -> Origin:
        """These layers, and below them those of another spec, which was merged in at a place."""
        return Origin(self.layers + tuple(replace(layer, under=under) for layer in other.layers))

    def finding(
        self, code: str, steps: Steps, text: str, *, key: bool = False, is_warning: bool = False, overlay: str = ""
    ) -> Finding:
        """A finding at a value, or at its key; where no file has the value, at the nearest object around it.

        :param text: the rest of the sentence that the way to the value begins.
        :param overlay: the code instead, if the value stands in the overlay of a sandbox.
        """
        layer, place = next(self._places(steps, key=key))
        said = overlay if overlay and layer.is_overlay else code
        field = dotted(steps[len(layer.under) :])
        return Finding(layer.document.file, *place, said, f"{field} {text}.".lstrip(), is_warning)

    def _places(self, steps: Steps, *, key: bool) -> Iterator[tuple[Layer, tuple[int, int]]]:
        """The place of a value, then those of the objects around it; the document itself always has one."""
        for depth in range(len(steps), -1, -1):
            for layer in self.layers:
                way = layer.steps(steps[:depth])
                # What is missing is missing in the object that would have it, which its key names.
                place = layer.document.place(way, key=key or depth < len(steps)) if way is not None else None
                if place:
                    yield layer, place


def dotted(steps: Steps) -> str:
    """The way to a value as it is written in messages: ``source.columns[0].name``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
