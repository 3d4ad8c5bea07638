"""The dataset in Catalog, and the batches that land in it.

https://developer.adobe.com/experience-platform-apis/references/catalog/ (Datasets)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.media_types import schema_media_type
from airflow_provider_aep.models.tags import different_keys, key_of
from airflow_provider_aep.models.tolerant import Name, Time
from airflow_provider_aep.validation import Problems

_ENABLED = "enabled:true"


def _lists(value: Any) -> Any:
    """Tag -> its list; a single entry may be written bare, and there may be odd ones among them."""
    if not isinstance(value, dict):
        return value
    return {str(tag): one if isinstance(one, list) else [] if one is None else [one] for tag, one in value.items()}


class SchemaRef(AepModel):
    id: str | None = None
    content_type: str | None = None


class Dataset(AepModel):
    id: str | None = None
    name: Name = None
    description: Name = None
    schema_ref: SchemaRef | None = None
    tags: Annotated[dict[str, list[Any]] | None, BeforeValidator(_lists)] = None
    created: Time = None

    @classmethod
    def declare(
        cls,
        *,
        name: Any,
        schema_id: Any,
        enable_profile: Any = False,
        enable_identity: Any = False,
        tags: Any = None,
        description: Any = None,
    ) -> Self:
        """The dataset an author asks for.

        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"dataset {name!r}")
        problems.name("name", name)
        problems.text("description", description, required=False)
        problems.id("schema_id", schema_id, "schema")
        if tags is not None and not _is_tags(tags):
            problems.add("tags", f'must be a dict of lists of strings such as {{"team": ["crm"]}}, not {tags!r}')
            tags = None
        # The streaming tutorial's `profile` and `identity` tags do nothing; these are the reserved names.
        all_tags = dict(tags or {})
        for tag, field, value in (
            ("unifiedProfile", "enable_profile", enable_profile),
            ("unifiedIdentity", "enable_identity", enable_identity),
        ):
            if problems.flag(field, value):
                all_tags[tag] = _switched_on(problems, field, tag, all_tags.get(tag, []))
        problems.raise_if_any()
        return cls(
            name=name,
            description=description,
            schema_ref=SchemaRef(
                id=schema_id, content_type=schema_media_type(1, "application/vnd.adobe.xed-full-notext+json")
            ),
            tags=all_tags or None,
        )


def _switched_on(problems: Problems, field: str, tag: str, entries: list[str]) -> list[str]:
    """The declared entries of a reserved tag, with the one that switches it on."""
    if not different_keys([_ENABLED], entries):
        return entries
    contrary = [entry for entry in entries if key_of(entry) == key_of(_ENABLED)]
    if contrary:
        problems.add(f"tags.{tag}", f"holds {contrary[0]!r}, but {field} is true; leave one of them out")
    return [_ENABLED, *entries]


def _is_tags(tags: Any) -> bool:
    return isinstance(tags, Mapping) and all(
        isinstance(key, str) and isinstance(values, list) and all(isinstance(value, str) for value in values)
        for key, values in tags.items()
    )
