"""What a flow must satisfy to be created, published or updated."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError, SourcesError
from airflow_provider_aep.emulator.services.flow_service import resources
from airflow_provider_aep.emulator.services.flow_service.schedule_rules import check_schedule
from airflow_provider_aep.emulator.services.flow_service.spec_validation import violations
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_schema, major_version
from airflow_provider_aep.emulator.services.specs.flow_specs import CRM_TO_AEP
from airflow_provider_aep.emulator.simulation.flow_reading import delta_column, frequency, transformation
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox


def flow_spec_of(platform: Platform, flow: Json) -> Json:
    return resources.named_spec(platform.specs.flow_specs, flow.get("flowSpec"))


def is_streaming(spec: Json) -> bool:
    """Whether the dataflows of the flow spec have no schedule."""
    return "scheduleSpec" not in spec


def check_forbidden_fields(flow: Json) -> None:
    """What POST /flows refuses although GET /flows shows it."""
    if "state" in flow:
        raise FlowServiceError("1410-400", "`State` is not allowed in the create flow request.")
    if "mode" in flow:
        raise SourcesError("1368-400", "Mode is not allowed in flow request. Please check your request and try again.")


def check_flow(platform: Platform, sandbox: Sandbox, flow: Json, *, new: bool) -> None:
    """All rules; `new` includes the one that a new flow may not start in the past."""
    spec = flow_spec_of(platform, flow)
    source = _end(sandbox, flow, "source", spec)
    target = _end(sandbox, flow, "target", spec)
    if is_streaming(spec):
        if flow.get("scheduleParams") is not None:
            raise SourcesError("1318-400", f"scheduleParams is not supported by the flow spec {spec['name']}.")
    else:
        check_schedule(platform, flow, spec, new=new)
    if spec["id"] == CRM_TO_AEP:
        _check_delta_column(platform, flow, new=new)
    _check_transformations(sandbox, flow, spec, target)
    _refuse_violations("options", flow.get("options") or {}, spec.get("optionSpec", {}).get("spec", {}))
    for end in (source, target):
        if end["state"] == "draft":
            raise FlowServiceError("1416-400", f"The connection {end['id']} is in draft state; publish it first.")


def _end(sandbox: Sandbox, flow: Json, side: str, spec: Json) -> Json:
    """The one source or target connection of the flow, if its spec is one the flow spec joins."""
    ids = flow.get(f"{side}ConnectionIds")
    if ids is None or (isinstance(ids, list) and None in ids):
        raise SourcesError(
            "1338-400",
            f"The {side} connection ID can't be null in flowRequest. "
            f"Please provide valid {side} connection ID in flowRequest.",
        )
    if not isinstance(ids, list) or len(ids) != 1:
        size = len(ids) if isinstance(ids, list) else 0
        raise SourcesError(
            "1321-400",
            f"The length of {side}ConnectionIds should be one, supplied size is {size}. "
            "Please provide valid size and try again.",
        )
    end = resources.referenced(sandbox, f"{side}Connections", ids[0])
    if end["connectionSpec"]["id"] not in spec[f"{side}ConnectionSpecIds"]:
        raise FlowServiceError(
            "1413-400",
            f"The spec ID provided is invalid: the flow spec {spec['name']} does not take the {side} "
            "connection spec "
            f"{end['connectionSpec']['id']}. Please provide a valid spec ID and try again.",
        )
    return end


def _check_transformations(sandbox: Sandbox, flow: Json, spec: Json, target: Json) -> None:
    schemas = {each["name"]: each["spec"] for each in spec["transformationSpecs"]}
    given: list[Json] = flow.get("transformations") or []
    for each in given:
        if each.get("name") not in schemas:
            raise SourcesError("1318-400", f"The transformation {each.get('name')} is not part of the flow spec.")
    _check_encryption(sandbox, flow)
    for each in given:
        _refuse_violations(each["name"], each.get("params") or {}, schemas[each["name"]])
    if transformation(flow, "Mapping") is not None:
        _check_mapping(sandbox, flow, target)
    elif not is_streaming(spec):
        raise SourcesError(
            "1370-400",
            "The source columns could not be fetched for ingestion because the mapping "
            "transformation is missing. "
            "Please add the mapping transformation and try again.",
        )


def _check_encryption(sandbox: Sandbox, flow: Json) -> None:
    """An encrypted file needs one of the keys that Connectors has made for the sandbox."""
    encryption = transformation(flow, "Encryption")
    if encryption is None:
        return
    params = encryption.get("params")
    if not params:
        raise SourcesError(
            "1202-400",
            f"The publicKeyId is missing in the flow's transformations={flow['transformations']}. "
            "Please provide publicKeyId in the request and try again.",
        )
    key_id = params.get("publicKeyId")
    if not key_id:
        raise SourcesError(
            "1309-400",
            "The encryption transformation provided is invalid because publicKeyId is missing in the params. "
            "Please provide publicKeyId and try again.",
        )
    if key_id not in sandbox["encryptionKeys"]:
        raise SourcesError(
            "1311-400",
            "The publicKeyId provided in params is invalid. Please provide a valid publicKeyId and try again.",
        )


def _check_delta_column(platform: Platform, flow: Json, *, new: bool) -> None:
    column = delta_column(flow)
    if frequency(flow) != "once":
        if not column:
            raise SourcesError(
                "1367-400",
                "The delta column is required in copy transformation when creating a CRM connector. "
                "Please provide delta column and try again.",
            )
        return
    # A run on demand patches its delta column into the flow, which must stay changeable afterwards.
    if column and new and platform.switches.refuse_delta_column_with_once:
        raise SourcesError(
            "1369-400",
            "The delta column in copy transform is not allowed when frequency is set to once. "
            "Please remove the delta column and try again.",
        )


def _check_mapping(sandbox: Sandbox, flow: Json, target: Json) -> None:
    params = (transformation(flow, "Mapping") or {}).get("params") or {}
    mapping_id, version = params.get("mappingId"), params.get("mappingVersion", 0)
    if not mapping_id:
        raise SourcesError(
            "1328-400",
            "The mapping transformation cannot be null when extracting mappingId. Please provide one.",
        )
    mapping_set = sandbox["mappingSets"].get(mapping_id)
    if mapping_set is None:
        raise FlowServiceError(
            "1419-400",
            f"Error while validating mapping with id {mapping_id}, version {version}. This could be "
            "because of "
            "inadequate permissions on mapped fields. Please check your mapping or contact your admin.",
        )
    versions = sandbox["mappingSetVersions"][mapping_id]
    if str(version) not in versions:
        raise FlowServiceError(
            "1412-400", "Invalid Mapping Version in request. Please provide correct mapping version."
        )
    _check_schemas_agree(sandbox, target, versions[str(version)])


def _check_schemas_agree(sandbox: Sandbox, target: Json, mapping_set: Json) -> None:
    dataset = sandbox["dataSets"].get(target["params"]["dataSetId"])
    if dataset is None:
        raise FlowServiceError(
            "2200-500",
            "There was a problem while calling the Catalog service for validating schema.",
            "External service request error",
        )
    reference, mapped = dataset["schemaRef"], mapping_set["schemaRef"]
    written = target["data"]["schema"]
    named = find_schema(sandbox, str(written["id"]))
    agree = reference["id"] == mapped["id"] == (named or {}).get("$id") and major_version(
        reference["contentType"]
    ) == major_version(mapped["contentType"]) == major_version(str(written["version"]))
    if not agree:
        raise FlowServiceError(
            "1425-400",
            f"Error while matching schema in target dataset {dataset['id']} with schema in mapping "
            f"{mapping_set['id']}. Schema with same id and version must be used in both mapping and "
            "target dataset.",
        )


def _refuse_violations(what: str, value: Any, schema: Json) -> None:
    found = violations(value, schema)
    if found:
        raise SourcesError("1318-400", f"{what}: {'; '.join(found)}. Please check the provided request and try again.")
