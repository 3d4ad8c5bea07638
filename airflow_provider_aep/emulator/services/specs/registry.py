"""The specs of the platform: those that Adobe has published, and those registered here."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from airflow_provider_aep.emulator.services.specs.connection_specs import CONNECTION_SPECS, family
from airflow_provider_aep.emulator.services.specs.flow_specs import FLOW_SPEC_OF_FAMILY, FLOW_SPECS
from airflow_provider_aep.emulator.state.json import Json

TEXTS = ("name", "providerId", "version")


class Specs:
    """Specs belong to no sandbox. A registered one comes before a published one of the same id."""

    def __init__(self) -> None:
        self.connection_specs: ChainMap[str, Json] = ChainMap({}, CONNECTION_SPECS)
        self.flow_specs: ChainMap[str, Json] = ChainMap({}, FLOW_SPECS)

    def register(self, body: Any, new_id: str) -> Json:
        """Add the spec that Adobe shows or that an author wrote; without an `id` it gets the new one.

        A flow spec is told by its `sourceConnectionSpecIds`. A source that no flow spec takes joins the one of its
        family, as otherwise it were of no use; over Flow Service's API its author does that.

        :raises ValueError: the body is no spec.
        """
        checked = _checked(body)
        spec: Json = {**checked, "id": str(checked.get("id") or new_id)}
        if is_flow_spec(spec):
            self.flow_specs[spec["id"]] = spec
            return spec
        self.connection_specs[spec["id"]] = spec
        taken = any(spec["id"] in each["sourceConnectionSpecIds"] for each in self.flow_specs.values())
        category = family(spec)
        if category is not None and not taken:
            self.take(FLOW_SPEC_OF_FAMILY[category], spec["id"])
        return spec

    def take(self, flow_spec_id: str, connection_spec_id: str) -> None:
        """Let the flow spec take one more source."""
        flow_spec = self.flow_specs[flow_spec_id]
        sources = [*flow_spec["sourceConnectionSpecIds"], connection_spec_id]
        self.flow_specs[flow_spec_id] = {**flow_spec, "sourceConnectionSpecIds": sources}

    def add_connection_spec(self, body: Any, spec_id: str) -> Json:
        """:raises ValueError: the body is no connection spec."""
        spec: Json = {**_checked(body), "id": spec_id}
        self.connection_specs[spec_id] = spec
        return spec

    def add_flow_spec(self, body: Any, spec_id: str) -> Json:
        """:raises ValueError: the body is no flow spec."""
        spec: Json = {**_checked(body), "id": spec_id}
        if not is_flow_spec(spec):
            raise ValueError("a flow spec needs sourceConnectionSpecIds and targetConnectionSpecIds")
        self.flow_specs[spec_id] = spec
        return spec

    def registered(self) -> dict[str, dict[str, Json]]:
        """What is to be kept in the state file."""
        return {"connectionSpecs": dict(self.connection_specs.maps[0]), "flowSpecs": dict(self.flow_specs.maps[0])}

    def restore(self, registered: Mapping[str, Mapping[str, Json]]) -> None:
        self.connection_specs.update(registered["connectionSpecs"])
        self.flow_specs.update(registered["flowSpecs"])


def specs_in(content: Any) -> list[Any]:
    """One spec, a list of them, or the platform's response to a GET."""
    if isinstance(content, dict) and isinstance(content.get("items"), list):
        return list(content["items"])
    return content if isinstance(content, list) else [content]


def is_flow_spec(spec: Json) -> bool:
    return "sourceConnectionSpecIds" in spec


def _checked(body: Any) -> Json:
    if not isinstance(body, dict):
        raise ValueError("a spec must be a JSON object")
    missing = [name for name in TEXTS if not isinstance(body.get(name), str) or not body[name]]
    if missing:
        raise ValueError(f"a spec needs {', '.join(missing)} as a text")
    for name in ("attributes", "sourceSpec"):
        if not isinstance(body.get(name, {}), dict):
            raise ValueError(f"{name} must be an object")
    for name in ("sourceConnectionSpecIds", "targetConnectionSpecIds"):
        ids = body.get(name, [])
        if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
            raise ValueError(f"{name} must be a list of ids")
    if is_flow_spec(body):
        return _flow_spec(body)
    return body


def _flow_spec(body: Json) -> Json:
    """One page writes `transformationSpec` for `transformationSpecs`."""
    transformations = body.get("transformationSpecs", body.get("transformationSpec")) or []
    if not isinstance(transformations, list) or not all(_has_name(each) for each in transformations):
        raise ValueError("transformationSpecs must be a list of objects with a name")
    spec = {name: value for name, value in body.items() if name != "transformationSpec"}
    spec["transformationSpecs"] = [
        {"spec": {}, **each} for each in transformations if isinstance(each.get("name"), str)
    ]
    return {"targetConnectionSpecIds": [], **spec}


def _has_name(transformation: Any) -> bool:
    return isinstance(transformation, dict) and isinstance(transformation.get("name"), str)
