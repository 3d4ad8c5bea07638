"""The mapping set: which source attribute, expression or constant fills which field of the target schema.

Data Prep knows two dialects: an older one (`sourceAttribute`, `destinationXdmPath`), in which both tutorials are
written and which can say attributes only, and a newer one (`sourceType`, `source`, `destination`). Mappings are sent in
the older one as long as it can say them.

https://developer.adobe.com/experience-platform-apis/references/data-prep/ (Mapping sets)
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping as Dict
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ValidationError

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.dataset import SchemaRef
from airflow_provider_aep.models.media_types import major_version, schema_media_type
from airflow_provider_aep.models.tolerant import Lenient, Name, only_objects
from airflow_provider_aep.validation import Problems, validation_messages

log = logging.getLogger(__name__)

_ATTRIBUTE = "ATTRIBUTE"
_LONGEST_EXPRESSION = 4096
# What Data Prep shows of a mapping, and nobody but Data Prep can say: a copy of a live mapping holds it.
_SAID_BY_PLATFORM = frozenset(
    {"id", "createdDate", "createdBy", "modifiedDate", "modifiedBy", "matchScore", "functionVersion"}
)
# What a mapping and a mapping set may hold beside what is compared; PUT would remove it.
_BESIDE_A_MAPPING = ("name", "description")
_BESIDE_A_SET = ("inputSchema", "allowNullValues", "tags")
_SOURCE_TYPES = (_ATTRIBUTE, "EXPRESSION", "STATIC")
# How Data Prep spells a source type when it reads a mapping set back.
_SPELLINGS = {
    "text/x.schema-path": _ATTRIBUTE,
    "text/x.aep-xl": "EXPRESSION",
    "xdm:mapping-expression": "EXPRESSION",
}


class Mapping(AepModel):
    """One field of the target, in whichever dialect it was written."""

    source_type: str | None = None
    source: str | None = None
    destination: str | None = None
    source_attribute: str | None = None
    destination_xdm_path: str | None = None
    identity: bool | None = None
    identity_group: str | None = None
    version: int | None = None

    @property
    def key(self) -> str | None:
        """The target field, which identifies a mapping within its set."""
        return self.destination or self.destination_xdm_path

    @property
    def meaning(self) -> tuple[str | None, ...]:
        """Source type and source, the same for both dialects; of an identity also its group."""
        kind = self.source_type or _ATTRIBUTE
        identity = ("identity", self.identity_group) if self.identity else ()
        return _SPELLINGS.get(kind, kind), self.source or self.source_attribute, *identity

    def in_newer_dialect(self) -> Self:
        """The same; what both dialects share stays as it was written."""
        if self.destination:
            return self
        kind, source, *_ = self.meaning
        renamed = {"source_type": kind, "source": source, "destination": self.key}
        gone = {"source_attribute": None, "destination_xdm_path": None}
        defaults = {"identity": self.identity or None, "version": self.version or None}
        return self.model_copy(update=renamed | gone | defaults)


class OutputSchema(AepModel):
    schema_ref: SchemaRef | None = None


class MappingSet(AepModel):
    id: str | None = None
    version: int | None = None
    name: Name = None
    xdm_schema: str | None = None
    xdm_version: str | None = None
    output_schema: OutputSchema | None = None
    mappings: Annotated[list[Mapping], BeforeValidator(only_objects)] = []
    created_date: Annotated[int | str | None, Lenient] = None

    @classmethod
    def declare(cls, *, schema_id: Any, mappings: Any, name: Any = None, xdm_version: Any = "1.0") -> Self:
        """The mapping set an author asks for.

        A mapping set without a name cannot be found again; one is made from its content, so that equal declarations
        meet.

        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"mapping set for schema {schema_id!r}")
        problems.id("schema_id", schema_id, "schema")
        problems.name("name", name, required=False)
        problems.attempt(schema_media_type, xdm_version, "xdm_version")
        if not isinstance(mappings, list | tuple) or not mappings:
            problems.add(
                "mappings",
                'must list pairs such as {"source": "email", "destination": "personalEmail.address"}',
            )
            mappings = []
        read = [_read_mapping(problems, index, mapping) for index, mapping in enumerate(mappings)]
        keys = [mapping.key for mapping in read if mapping.key]
        # Data Prep takes such sets, so what Adobe's own form says of a live one has to be declarable.
        if not all(is_in_adobes_form(mapping) for mapping in mappings):
            for double in sorted({key for key in keys if keys.count(key) > 1}):
                problems.add("mappings", f"fill {double!r} more than once")
        problems.raise_if_any()
        declared = cls._in_dialect(schema_id, read, xdm_version)
        declared.name = name or f"airflow-{declared.digest}"
        left_out = _SAID_BY_PLATFORM & {key for given in mappings if isinstance(given, Dict) for key in given}
        if left_out:
            said = ", ".join(sorted(left_out))
            log.info("Mapping set %r: %s: only the platform says this, so it is not sent.", declared.name, said)
        return declared

    @classmethod
    def _in_dialect(cls, schema_id: str, mappings: list[Mapping], xdm_version: str) -> Self:
        if all(mapping.destination_xdm_path for mapping in mappings):
            return cls(version=0, xdm_schema=schema_id, xdm_version=xdm_version, mappings=mappings)
        reference = SchemaRef(id=schema_id, content_type=schema_media_type(xdm_version))
        return cls(
            version=0,
            output_schema=OutputSchema(schema_ref=reference),
            mappings=[mapping.in_newer_dialect() for mapping in mappings],
        )

    def in_newer_dialect(self) -> Self:
        """The same, as Adobe's samples of the dry runs have it."""
        if self.output_schema:
            return self
        reference = SchemaRef(id=self.schema_id, content_type=schema_media_type(self.xdm_version or "1.0"))
        mappings = [mapping.in_newer_dialect() for mapping in self.mappings]
        gone = {"xdm_schema": None, "xdm_version": None}
        return self.model_copy(
            update={**gone, "output_schema": OutputSchema(schema_ref=reference), "mappings": mappings}
        )

    def beside(self, live: Self) -> Self:
        """This mapping set, with what is live beside what was declared: it replaces the live one as a whole."""
        notes = {mapping.key: mapping.model_extra or {} for mapping in live.mappings}
        mappings = [mapping.with_extras(notes.get(mapping.key, {}), _BESIDE_A_MAPPING) for mapping in self.mappings]
        return self.with_extras(live.model_extra or {}, _BESIDE_A_SET).model_copy(update={"mappings": mappings})

    @property
    def schema_id(self) -> str | None:
        """The target schema's `$id`."""
        reference = self.output_schema.schema_ref if self.output_schema else None
        return reference.id if reference else self.xdm_schema

    @property
    def schema_version(self) -> int | None:
        """The target schema's major version, if it is told."""
        reference = self.output_schema.schema_ref if self.output_schema else None
        return major_version(reference.content_type if reference else self.xdm_version)

    @property
    def meaning(self) -> dict[str, tuple[Any, ...]]:
        """Target field -> source and identity: what two mapping sets must share to be equal. Of a field that several
        mappings fill, all of them in their order.
        """
        found: dict[str, list[tuple[str | None, ...]]] = {}
        for mapping in self.mappings:
            if mapping.key:
                found.setdefault(mapping.key, []).append(mapping.meaning)
        return {key: several[0] if len(several) == 1 else tuple(several) for key, several in found.items()}

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits of the schema and the meaning."""
        text = json.dumps([self.schema_id, sorted(self.meaning.items())])
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def is_in_adobes_form(given: Any) -> bool:
    """Whether a mapping is spelled as Data Prep spells it, in either dialect, and not as a pair."""
    return isinstance(given, Dict) and ("destinationXdmPath" in given or "sourceType" in given)


def _read_mapping(problems: Problems, index: int, given: Any) -> Mapping:
    field = f"mappings[{index}]"
    if isinstance(given, list | tuple) and len(given) in (2, 3) and all(isinstance(part, str) for part in given):
        given = dict(zip(("destination", "source", "type"), reversed(given), strict=False))
    if not isinstance(given, Dict):
        problems.add(field, f'must be a dict such as {{"source": "email", "destination": "a.b"}}, not {given!r}')
        return Mapping()
    if is_in_adobes_form(given):
        return _wire_mapping(problems, field, dict(given))
    unknown = sorted(set(given) - {"type", "source", "destination"})
    if unknown:
        problems.add(field, f"has unknown keys {', '.join(unknown)}; a pair has source, destination and perhaps type")
    problems.text(f"{field}.source", given.get("source"))
    problems.text(f"{field}.destination", given.get("destination"))
    kind = str(given.get("type") or _ATTRIBUTE).upper()
    if kind not in _SOURCE_TYPES:
        problems.add(f"{field}.type", f"is {given.get('type')!r}; it is one of {', '.join(_SOURCE_TYPES)}")
    source, destination = str(given.get("source")), str(given.get("destination"))
    if kind == "EXPRESSION" and len(source) > _LONGEST_EXPRESSION:
        problems.add(
            f"{field}.source", f"has {len(source)} characters; an expression has at most {_LONGEST_EXPRESSION}"
        )
    if kind != _ATTRIBUTE:
        return Mapping(source_type=kind, source=source, destination=destination)
    return Mapping(source_attribute=source, destination_xdm_path=destination, identity=False, version=0)


def _wire_mapping(problems: Problems, field: str, given: dict[str, Any]) -> Mapping:
    # Adobe's own form goes out as it came in; only what a mapping cannot do without is checked.
    for either in (("destinationXdmPath", "destination"), ("sourceAttribute", "source")):
        said = next((key for key in either if given.get(key) not in (None, "")), None)
        if said is None:
            problems.add(f"{field}.{either[0]}", "is missing")
        else:
            problems.text(f"{field}.{said}", given[said])
    kind = given.get("sourceType")
    if kind is not None and kind not in (*_SOURCE_TYPES, *_SPELLINGS):
        problems.add(f"{field}.sourceType", f"is {kind!r}; it is one of {', '.join(_SOURCE_TYPES)}")
    try:
        return Mapping.model_validate({key: value for key, value in given.items() if key not in _SAID_BY_PLATFORM})
    except ValidationError as problem:
        problems.found += validation_messages(field, problem)
        return Mapping()
