"""The dataset in Catalog, and the batches that land in it.

https://developer.adobe.com/experience-platform-apis/references/catalog/ (Datasets)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator

from airflow_provider_aep.models.base import AepModel, listed
from airflow_provider_aep.models.media_types import schema_media_type
from airflow_provider_aep.models.tolerant import Name, Time
from airflow_provider_aep.validation import Problems

_ENABLED = ["enabled:true"]


class SchemaRef(AepModel):
    id: str | None = None
    content_type: str | None = None


class Dataset(AepModel):
    id: str | None = None
    name: Name = None
    schema_ref: SchemaRef | None = None
    tags: dict[str, Annotated[list[str], BeforeValidator(listed)]] | None = None
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
    ) -> Self:
        """The dataset an author asks for.

        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"dataset {name!r}")
        problems.text("name", name)
        problems.id("schema_id", schema_id, "schema")
        if tags is not None and not _is_tags(tags):
            problems.add("tags", f'must be a dict of lists of strings such as {{"team": ["crm"]}}, not {tags!r}')
            tags = None
        # The streaming tutorial's `profile` and `identity` tags do nothing; these are the reserved names.
        switches = {
            "unifiedProfile": problems.flag("enable_profile", enable_profile),
            "unifiedIdentity": problems.flag("enable_identity", enable_identity),
        }
        problems.raise_if_any()
        all_tags = {**(tags or {}), **{tag: _ENABLED for tag, on in switches.items() if on}}
        return cls(
            name=name,
            schema_ref=SchemaRef(
                id=schema_id, content_type=schema_media_type(1, "application/vnd.adobe.xed-full-notext+json")
            ),
            tags=all_tags or None,
        )


def _is_tags(tags: Any) -> bool:
    return isinstance(tags, Mapping) and all(
        isinstance(key, str) and isinstance(values, list) and all(isinstance(value, str) for value in values)
        for key, values in tags.items()
    )
