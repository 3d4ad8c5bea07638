"""Where Adobe's prose and samples overrule Adobe's specifications, each with the reason.

The contract is the specification with these changes. Pages are those of Experience League's "Sources" guides
unless another is named.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Disagreement:
    """In the operations that match (``METHOD path``, with wildcards), the value at `where` is to be `to`."""

    operations: str
    where: str
    to: Any
    why: str

    def is_about(self, operation):
        return fnmatchcase(f"{operation['method']} {operation['path']}", self.operations)

    def apply(self, operation):
        """Change an extracted operation."""
        *above, last = self.where.split("/")
        node = operation
        for key in above:
            node = node.setdefault(key, {})
        node[last] = self.to


def optional(schema):
    return {"required": False, "schema": schema}


TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
WHOLE = {"type": ["integer", "string"]}
OBJECT = {"type": "object"}

PATCH_INSTRUCTIONS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"enum": ["add", "replace", "remove"]},
            "path": {"type": "string", "pattern": "^/"},
            "value": {},
        },
        "if": {"properties": {"op": {"const": "remove"}}},
        "else": {"required": ["value"]},
    },
}

EXPLORE = "GET */connections/*/explore"
PARAMS = "body/schema/properties/params"
SCHEDULE = "body/schema/properties/scheduleParams/properties"
MAPPINGS = "body/schema/properties/mappings/items/properties"
TRANSFORMATION = "body/schema/properties/transformations/items/properties/params"

DISAGREEMENTS = [
    # Actions
    Disagreement("POST */action", "query/subOp", optional({}), "marked as required, and no sample sends one"),
    Disagreement("POST */*onnections/*/action", "query/op/schema/enum", ["publish"], "lower case (draft.md)"),
    Disagreement(
        "POST */flows/*/action",
        "query/op/schema/enum",
        ["enable", "disable", "publish"],
        "lower case (draft.md); finalizing is for providers only (error 1402-400)",
    ),
    Disagreement("POST */runs/*/action", "query/op/schema/enum", ["re-trigger"], "spelled so in retry-flows.md"),
    # JSON Patch
    Disagreement(
        "PATCH */flowservice/*",
        "body/schema",
        PATCH_INSTRUCTIONS,
        "every sample is an array with ops in lower case and a value of any type, none for remove "
        "(update.md, update-dataflows.md); the specification makes the body of a connection a single object",
    ),
    Disagreement(
        "PATCH */schemaregistry/*",
        "body/schema/items/properties/value",
        {},
        "samples set objects and arrays (XDM guide, schemas.md)",
    ),
    # Exploring a source
    Disagreement(
        EXPLORE,
        "query/objectType/schema/enum",
        ["root", "table", "file", "folder", "rest"],
        "lower case in every sample (explore/tabular.md)",
    ),
    Disagreement(
        EXPLORE,
        "query/fileType",
        optional({"enum": ["delimited", "json", "parquet"]}),
        "spelled so, and with parquet, in explore/cloud-storage.md",
    ),
    Disagreement(EXPLORE, "query/preview", optional(FLAG), "explore/cloud-storage.md"),
    Disagreement(EXPLORE, "query/filters", optional(TEXT), "base64 of a PQL filter (filter.md)"),
    Disagreement(EXPLORE, "query/columnDelimiter", optional(TEXT), "explore/cloud-storage.md"),
    Disagreement(EXPLORE, "query/compressionType", optional(TEXT), "not capitalised in explore/cloud-storage.md"),
    Disagreement(EXPLORE, "query/encoding", optional({"enum": ["UTF-8", "ISO-8859-1"]}), "explore/cloud-storage.md"),
    Disagreement(EXPLORE, "query/determineProperties", optional(FLAG), "data-landing-zone.md"),
    Disagreement(EXPLORE, "query/sourceParams", optional(TEXT), "base64 of JSON (create/payments/stripe.md)"),
    Disagreement(
        "GET */connectionSpecs/*/explore",
        "query",
        {
            name: optional(TEXT)
            for name in (
                *("objectType", "object", "fileType", "preview"),
                *("compressionType", "columnDelimiter", "encoding", "determineProperties"),
            )
        },
        "Data Landing Zone is explored by its specification (data-landing-zone.md)",
    ),
    # Drafts
    Disagreement("POST */*onnections", "query/mode", optional({"enum": ["draft"]}), "draft.md"),
    Disagreement("POST */flows", "query/mode", optional({"enum": ["draft"]}), "draft.md"),
    # Connections
    Disagreement(
        "POST */connections",
        "body/schema/properties/auth/properties/params",
        OBJECT,
        "each source has its own; the specification names two of one source",
    ),
    Disagreement("POST */connections", "body/schema/properties/providerId", TEXT, "kinesis.md sends it"),
    Disagreement("POST */sourceConnections", PARAMS, OBJECT, "each source has its own, not only path"),
    Disagreement(
        "POST */sourceConnections",
        "body/schema/properties/data/properties/properties",
        OBJECT,
        "delimiter and compression of files (collect/cloud-storage.md)",
    ),
    # Flows: the specification, the flow specs and the tutorials each have types of their own for these
    Disagreement("POST */flows", f"{SCHEDULE}/startTime", WHOLE, "a string in every tutorial"),
    Disagreement("POST */flows", f"{SCHEDULE}/interval", WHOLE, "an integer by the flow specs' own schema"),
    Disagreement("POST */flows", f"{SCHEDULE}/backfill", {"type": ["boolean", "string"]}, "a string in every tutorial"),
    Disagreement(
        "POST */flows",
        TRANSFORMATION,
        {"type": "object", "properties": {"mappingId": TEXT, "mappingVersion": WHOLE, "deltaColumn": OBJECT}},
        "mappingVersion is the number 0 and Copy has a deltaColumn in every tutorial",
    ),
    Disagreement(
        "POST */flows",
        "body/schema/properties/options",
        {
            "type": "object",
            "properties": {"errorDiagnosticsEnabled": FLAG, "partialIngestionPercent": {"type": "number"}},
        },
        "not in the specification (batch ingestion guide, partial.md)",
    ),
    # Runs
    Disagreement(
        "POST */runs",
        PARAMS,
        {
            "type": "object",
            "properties": {
                "startTime": WHOLE,
                "windowStartTime": WHOLE,
                "windowEndTime": WHOLE,
                "deltaColumn": OBJECT,
            },
        },
        "strings in on-demand-ingestion.md, and a delta column for tables",
    ),
    # The other services
    Disagreement("P* */mappingSets*", "body/schema/properties/xdmSchema", TEXT, "both tutorials send it"),
    Disagreement("P* */mappingSets*", "body/schema/properties/xdmVersion", TEXT, "both tutorials send it"),
    Disagreement("P* */mappingSets*", f"{MAPPINGS}/sourceAttribute", TEXT, "both tutorials send it"),
    Disagreement("P* */mappingSets*", f"{MAPPINGS}/destinationXdmPath", TEXT, "both tutorials send it"),
    Disagreement("P* */mappingSets*", f"{MAPPINGS}/identity", FLAG, "both tutorials send it"),
    Disagreement(
        "POST */mappingSets/preview",
        "body/schema/properties/data/items",
        OBJECT,
        "a row; the specification has the fields of a class of its JSON parser",
    ),
    Disagreement("POST */dataSets", "query/requestDataSource", optional(FLAG), "the streaming tutorial sends it"),
    Disagreement(
        "POST */tenant/schemas",
        "body/schema/properties/allOf/items",
        {"type": "object", "required": ["$ref"], "properties": {"$ref": TEXT}},
        'the specification names the property "$ref ", with a blank',
    ),
]

# Sandboxes are listed for the organisation, before one is chosen (sandbox guide, api/appendix.md).
WITHOUT_A_SANDBOX = {
    "GET /data/foundation/sandbox-management/",
    "GET /data/foundation/sandbox-management/sandboxes",
}

# Requests that none of the five specifications describes.
NOT_SPECIFIED = (
    "/ims/",  # the token: Adobe Developer Console's guides
    "/_emulator/",  # the emulator's own
    "/data/foundation/export/",  # error diagnostics, in prose only (quality/error-diagnostics.md)
)
