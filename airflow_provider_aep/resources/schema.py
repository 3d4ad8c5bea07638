"""Schemas. A live schema may have more field groups than were declared: schemas only grow."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api import schema_registry
from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.schema import RELATIONAL, Schema
from airflow_provider_aep.reconcile.diff import Change, Diff, differences
from airflow_provider_aep.reconcile.resource_type import ResourceType
from airflow_provider_aep.resources.patching import declared_part, patch_operation

# https://experienceleague.adobe.com/en/docs/experience-platform/xdm/api/schemas (Create a relational schema)
_NO_RELATIONAL = (
    "There is no schema {title!r}, and AepCreateSchemaOperator cannot make a relational one, because its fields and "
    "keys have no arguments. Make it in the UI, or with AepHook.request: POST it to "
    f'/data/foundation/schemaregistry/tenant/schemas with "meta:extends": ["{RELATIONAL}"], its fields in '
    'definitions.customFields and "allOf": [{{"$ref": "#/definitions/customFields"}}]; then, before there is a dataset '
    "of it, POST the descriptors of its primary key and version to /data/foundation/schemaregistry/tenant/descriptors. "
    "Once it is there, it is reused."
)


class SchemaType(ResourceType[Schema]):
    """Titles are unique: nobody can have come second, so there is nothing to delete."""

    noun = "schema"
    key_fields = ("title",)
    names_repeat = False
    deletable = False

    def declare(self, **arguments: Any) -> Schema:
        return Schema.declare(**arguments)

    def natural_key(self, resource: Schema) -> tuple[str | None, ...]:
        return (resource.title,)

    def label(self, resource: Schema) -> str:
        return repr(resource.title)

    def lookup(self, declared: Schema) -> Call[list[Schema]]:
        return schema_registry.list_schemas(declared.title)

    def list_all(self) -> Call[list[Schema]]:
        return schema_registry.list_schemas()

    def get(self, id_: str) -> Call[Schema]:
        return schema_registry.get_schema(id_)

    def created_at(self, live: Schema) -> int:
        # There is never a second one.
        return 0

    def is_summary(self, live: Schema) -> bool:
        return not live.all_of

    def diff(self, declared: Schema, live: Schema) -> Diff:
        # Without a description the title is sent as one, which declares nothing.
        compared = () if declared.description == declared.title else ("description",)
        found = differences(declared_part(declared, *compared), live.to_wire("description")) if compared else ()
        wanted, got = declared.parts, live.parts
        missing = [part for part in wanted if part not in got]
        if wanted[0] in missing:
            return (*found, Change("/class", wanted[0], got))
        return (*found, Change("/allOf", missing, got)) if missing else found

    def requires_replace(self, declared: Schema, live: Schema, now: float) -> dict[str, str]:
        return {"/class": "the class of a schema is for life"}

    def prepare(self, send: Send, declared: Schema, now: float) -> Schema:
        """:raises AepConfigError: a relational schema is to be made, for which there are no arguments."""
        if declared.is_relational:
            raise AepConfigError(_NO_RELATIONAL.format(title=declared.title))
        return declared

    def create(self, declared: Schema) -> Call[Schema]:
        return schema_registry.create_schema(declared)

    def update(self, declared: Schema, live: Schema, diff: Diff) -> Call[Schema]:
        patch = [patch_operation(change) for change in diff if change.path != "/allOf"]
        missing = [part for change in diff if change.path == "/allOf" for part in change.declared]
        for part in missing:
            patch.append({"op": "add", "path": "/allOf/-", "value": {"$ref": part}})
            if live.extends and part not in live.extends:
                patch.append({"op": "add", "path": "/meta:extends/-", "value": part})
        return schema_registry.update_schema(self.id_of(live), patch)


SCHEMA = SchemaType()
