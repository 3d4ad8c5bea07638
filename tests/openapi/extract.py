"""Cut the requests we make out of Adobe's API specifications: `python extract.py FOLDER`.

FOLDER holds flow-service.yaml, data-prep.yaml, catalog.yaml, schema-registry.yaml and sandbox.yaml from
AdobeDocs/experience-platform-apis, static/swagger-specs (Apache-2.0). The JSON files beside this script
are the result. Nobody edits them: where Adobe's pages overrule the specifications, see disagreements.py.
"""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import yaml

OPERATIONS = {
    "flow-service": [
        "GET POST /connections",
        "GET /connections/{BASE_CONNECTION_ID}",
        "PATCH DELETE /connections/{BASE_CONNECTION_ID}/",
        "GET /connections/{BASE_CONNECTION_ID}/explore",
        "GET /connections/{BASE_CONNECTION_ID}/test",
        "POST /connections/{BASE_CONNECTION_ID}/action",
        "GET /connectionSpecs",
        "GET /connectionSpecs/{CONNECTION_SPEC_ID}",
        "GET /connectionSpecs/{CONNECTION_SPEC_ID}/explore",
        "GET /flowSpecs",
        "GET /flowSpecs/{FLOW_SPEC_ID}",
        "GET POST /sourceConnections",
        "GET PATCH DELETE /sourceConnections/{SOURCE_CONNECTION_ID}",
        "POST /sourceConnections/{SOURCE_CONNECTION_ID}/action",
        "GET POST /targetConnections",
        "GET PATCH DELETE /targetConnections/{TARGET_CONNECTION_ID}",
        "POST /targetConnections/{TARGET_CONNECTION_ID}/action",
        "GET POST /flows",
        "GET PATCH DELETE /flows/{FLOW_ID}",
        "POST /flows/{FLOW_ID}/action",
        "GET POST /runs",
        "GET /runs/{RUN_ID}",
        "POST /runs/{RUN_ID}/action",
    ],
    "data-prep": [
        "GET POST /mappingSets",
        "POST /mappingSets/validate",
        "POST /mappingSets/preview",
        "GET PUT /mappingSets/{MAPPING_SET_ID}",
    ],
    "catalog": [
        "GET POST /dataSets",
        "GET PATCH DELETE /dataSets/{DATASET_ID}",
        "GET /batches",
        "GET /batches/{BATCH_ID}",
        "GET /lastBatches",
    ],
    "schema-registry": [
        "GET /stats",
        "GET /{CONTAINER_ID}/schemas",
        "GET /{CONTAINER_ID}/schemas/{SCHEMA_ID}",
        "POST /tenant/schemas",
        "PATCH DELETE /tenant/schemas/{SCHEMA_ID}",
    ],
    "sandbox": [
        "GET /sandbox-management/",
        "GET /sandbox-management/sandboxes",
        "GET /sandbox-management/sandboxes/{sandboxName}",
    ],
}
KEEP = (
    *("type", "enum", "items", "properties", "required", "additionalProperties"),
    *("maximum", "minimum", "maxLength", "minLength", "pattern", "allOf", "anyOf", "oneOf"),
)


def extract(spec, wanted):
    """The wanted operations of one specification, in the order they are wanted in."""
    found = []
    for line in wanted:
        *methods, path = line.split()
        for method in methods:
            found.append(operation(spec, method, path))
    return found


def operation(spec, method, path):
    described = spec["paths"][path][method.lower()]
    shared = spec["paths"][path].get("parameters", [])
    parameters = [resolve(spec, each) for each in [*shared, *described.get("parameters", [])]]
    request = {"method": method, "path": base_path(spec) + path}
    request["headers"] = sorted(
        each["name"].lower() for each in parameters if each["in"] == "header" and each.get("required")
    )
    request["query"] = {
        each["name"]: {
            "required": bool(each.get("required")),
            "schema": json_schema(spec, each.get("schema", each)),
        }
        for each in parameters
        if each["in"] == "query"
    }
    bodies = [each for each in parameters if each["in"] == "body"]  # Swagger 2
    if "requestBody" in described:
        body = resolve(spec, described["requestBody"])
        content = body["content"]["application/json"]
        bodies = [{"required": body.get("required"), "schema": content["schema"]}]
    for body in bodies:
        request["body"] = {
            "required": bool(body.get("required")),
            "schema": json_schema(spec, body["schema"]),
        }
    return request


def base_path(spec):
    if "basePath" in spec:
        return spec["basePath"]
    return urlsplit(spec["servers"][0]["url"].replace("{environment}", "platform")).path


def json_schema(spec, node, inside=()):
    """The part of a schema that can be violated, references replaced by what they name; recursion is cut."""
    while "$ref" in node:
        if node["$ref"] in inside:
            return {}
        inside = (*inside, node["$ref"])
        node = resolve(spec, node)
    schema = {}
    for key in KEEP:
        if key not in node:
            continue
        value = node[key]
        if key == "properties":
            value = {name: json_schema(spec, each, inside) for name, each in value.items()}
        elif key in {"allOf", "anyOf", "oneOf"}:
            value = [json_schema(spec, each, inside) for each in value]
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            value = json_schema(spec, value, inside)
        elif key == "required" and not isinstance(value, list):
            continue  # Swagger 2 says so of a parameter, not of its schema
        schema[key] = value
    return schema


def resolve(spec, node):
    if "$ref" not in node:
        return node
    for key in node["$ref"].removeprefix("#/").split("/"):
        spec = spec[key]
    return spec


def main(folder):
    for name, wanted in OPERATIONS.items():
        spec = yaml.safe_load((folder / f"{name}.yaml").read_text())
        extracted = {
            "source": f"AdobeDocs/experience-platform-apis, static/swagger-specs/{name}.yaml (Apache-2.0)",
            "operations": extract(spec, wanted),
        }
        text = json.dumps(extracted, indent=1)
        Path(__file__).with_name(f"{name}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
