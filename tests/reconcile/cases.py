"""One declared resource of each of the seven types, and what tests do with it: vary, count, edit behind its back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from direct import Naps, asked, direct_client

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.reconcile.resource_type import ResourceType
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.dataset import DATASET
from airflow_provider_aep.resources.flow import FlowType
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.resources.schema import SCHEMA
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION

PROFILE = "https://ns.adobe.com/xdm/context/profile"
EVENT = "https://ns.adobe.com/xdm/context/experienceevent"
DETAILS = "https://ns.adobe.com/xdm/context/profile-person-details"
COLUMNS = [{"name": name, "type": "string", "xdm": {"type": "string"}} for name in ("first_name", "email")]
SECRETS = {"username": "crm@example.com", "password": "canary-password", "securityToken": "canary-token"}
CRM = "14518937-270c-4525-bdec-c2ba7cce3860"
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def long_after():
    """A time at which nothing is fresh any more."""
    return 4e9


class UncheckedFlowType(FlowType):
    """Dataflows that are not held against their flow spec and source: these requests would be in a test's way."""

    def prepare(self, send, declared, now):
        return declared.with_start(time.time())


class World:
    """A client, an ensurer that does not sleep, and what the declared resources stand on, made when first needed."""

    def __init__(self, aep):
        self.aep = aep
        self.client = direct_client(aep)
        self.naps = Naps(aep.advance)

    @property
    def ensurer(self) -> Ensurer:
        """A task: it has no memory of the others."""
        return Ensurer(self.client.send, self.naps, now=long_after)

    @property
    def lists_are_whole(self):
        """Whether one list is all that a look takes on this platform; if not, it costs more requests."""
        switches = self.aep.switches
        brief = (
            switches.brief_flow_service_lists,
            switches.brief_schema_lists,
            switches.brief_mapping_set_lists,
            switches.refuse_end_name_filters,
        )
        return not any(brief)

    @cached_property
    def base_id(self):
        return self.make(BASE_CONNECTION, declare_base_connection(self, name="stand"))

    @cached_property
    def source_id(self):
        return self.make(SOURCE_CONNECTION, declare_source_connection(self, name="stand"))

    @cached_property
    def schema_id(self):
        return self.make(SCHEMA, Schema.declare(title="stand", schema_class=PROFILE))

    @cached_property
    def other_schema_id(self):
        return self.make(SCHEMA, Schema.declare(title="other stand", schema_class=PROFILE))

    @cached_property
    def dataset_id(self):
        return self.make(DATASET, Dataset.declare(name="stand", schema_id=self.schema_id))

    @cached_property
    def other_dataset_id(self):
        return self.make(DATASET, Dataset.declare(name="other stand", schema_id=self.schema_id))

    @cached_property
    def target_id(self):
        return self.make(TARGET_CONNECTION, declare_target_connection(self, name="stand"))

    @cached_property
    def other_target_id(self):
        return self.make(TARGET_CONNECTION, declare_target_connection(self, name="other stand"))

    @cached_property
    def mapping_set_id(self):
        return self.make(MAPPING_SET, declare_mapping_set(self, name="stand"))

    def make(self, type_, declared):
        """Make one without `ensure`; returns its id."""
        return type_.id_of(self.client.send(type_.create(declared)))

    def writes(self) -> list[str]:
        return [f"{record.method} {record.path}" for record in self.aep.requests if record.method in WRITES]


def declare_base_connection(world, **changes):
    arguments = {
        "name": "CRM",
        "connector": "salesforce",
        "auth_spec_name": "Basic Authentication",
        "credentials": SECRETS,
    }
    return BaseConnection.declare(**arguments | changes)


def declare_source_connection(world, **changes):
    arguments = {
        "name": "CRM",
        "connector": "salesforce",
        "base_connection_id": world.base_id,
        "source_params": {"tableName": "Accounts", "columns": COLUMNS},
    }
    return SourceConnection.declare(**arguments | changes)


def declare_schema(world, **changes):
    return Schema.declare(**{"title": "CRM", "schema_class": PROFILE} | changes)


def declare_dataset(world, **changes):
    return Dataset.declare(**{"name": "CRM", "schema_id": world.schema_id} | changes)


def declare_target_connection(world, **changes):
    arguments = {"name": "CRM", "dataset_id": world.dataset_id, "schema_id": world.schema_id}
    return TargetConnection.declare(**arguments | changes)


def declare_mapping_set(world, **changes):
    arguments = {
        "name": "CRM",
        "schema_id": world.schema_id,
        "mappings": [("first_name", "person.name.firstName"), ("email", "personalEmail.address")],
    }
    return MappingSet.declare(**arguments | changes)


def declare_flow(world, **changes):
    arguments = {
        "name": "CRM",
        "flow_spec_id": CRM,
        "source_connection_id": world.source_id,
        "target_connection_id": world.target_id,
        "mapping_set_id": world.mapping_set_id,
        # The look for the latest version would be in the way of tests that count requests.
        "mapping_set_version": 0,
        "delta_column": {"name": "LastModifiedDate"},
        "schedule_params": {"frequency": "hour", "interval": 1},
    }
    return Flow.declare(**arguments | changes)


@dataclass
class Case:
    """A type of resource and the arguments it is tested with.

    :param route: the end of the path of its list.
    :param collection: where the emulator keeps it.
    :param change: what may be changed in place, and `changed` the path by which it is named.
    :param unchangeable: what may not, and `reason` a word of the reason.
    :param unmanaged: what an other editor writes that was not declared.
    """

    type_: ResourceType[Any]
    route: str
    collection: str
    declare: Callable[..., Any]
    change: Mapping[str, Any]
    changed: str
    unchangeable: Callable[[World], Mapping[str, Any]]
    reason: str
    unmanaged: list[dict[str, Any]] = field(default_factory=list)

    def declared(self, world: World, **changes):
        return self.declare(world, **changes)

    def create_call(self, world: World, **changes):
        declared = self.type_.prepare(world.client.send, self.declared(world, **changes), world.client.now())
        return self.type_.create(declared)

    def ensure(self, world: World, if_exists="reuse", *, send=None, **changes):
        ensurer = Ensurer(send or world.client.send, world.naps, now=long_after)
        return ensurer.ensure(self.type_, self.declared(world, **changes), if_exists)

    def make_rival(self, world: World, call=None) -> str:
        """What another task makes a moment before ours: the clock moves, because in one millisecond chance decides."""
        id_ = str(self.type_.id_of(world.client.send(call or self.create_call(world))))
        world.aep.advance(0.1)
        return id_

    def live(self, world: World) -> dict[str, dict[str, Any]]:
        """id -> object, of those with the declared name."""
        everything = world.aep.state()[self.collection]
        return {id_: one for id_, one in everything.items() if (one.get("name") or one.get("title")) == "CRM"}

    def asked(self, world: World, method: str):
        return [record for record in asked(world.aep, method) if self.route in f"{record.path}/"]

    def edit(self, world: World, id_: str, patch: list[dict[str, Any]]):
        """Write as a person in the UI does, with the etag that is live."""
        etag = world.aep.state()[self.collection][id_].get("etag")
        base = f"/data/foundation/flowservice{self.route}{id_}"
        world.client.send(Call("PATCH", base, body=patch, if_match=etag))


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


def add(path, value):
    return {"op": "add", "path": path, "value": value}


CASES = {
    "base connection": Case(
        BASE_CONNECTION,
        "/connections/",
        "connections",
        declare_base_connection,
        change={"description": "Accounts"},
        changed="/description",
        unchangeable=lambda world: {"auth_spec_name": "OAuth2 Client Credential"},
        reason="the way of signing in belongs to the connection",
        unmanaged=[add("/description", "of the sales team")],
    ),
    "source connection": Case(
        SOURCE_CONNECTION,
        "/sourceConnections/",
        "sourceConnections",
        declare_source_connection,
        change={"description": "Accounts"},
        changed="/description",
        unchangeable=lambda world: {"source_params": {"tableName": "Contacts", "columns": COLUMNS}},
        reason="does not pass a change on to the dataflow",
        unmanaged=[add("/description", "of the sales team")],
    ),
    "schema": Case(
        SCHEMA,
        "/tenant/schemas/",
        "schemas",
        declare_schema,
        change={"field_groups": [DETAILS]},
        changed="/allOf",
        unchangeable=lambda world: {"schema_class": EVENT},
        reason="the class of a schema is for life",
    ),
    "dataset": Case(
        DATASET,
        "/dataSets/",
        "dataSets",
        declare_dataset,
        change={"tags": {"team": ["crm"]}},
        changed="/tags/team",
        unchangeable=lambda world: {"schema_id": world.other_schema_id},
        reason="a dataset keeps its schema for life",
    ),
    "target connection": Case(
        TARGET_CONNECTION,
        "/targetConnections/",
        "targetConnections",
        declare_target_connection,
        change={"description": "Accounts"},
        changed="/description",
        unchangeable=lambda world: {"dataset_id": world.other_dataset_id},
        reason="does not pass a change on to the dataflow",
        unmanaged=[add("/description", "of the sales team")],
    ),
    "mapping set": Case(
        MAPPING_SET,
        "/mappingSets/",
        "mappingSets",
        declare_mapping_set,
        change={"mappings": [("first_name", "person.name.firstName"), ("mail", "personalEmail.address")]},
        changed="/mappings/personalEmail.address",
        unchangeable=lambda world: {"schema_id": world.other_schema_id},
        reason="a mapping set keeps its schema",
    ),
    "dataflow": Case(
        UncheckedFlowType(),
        "/flows/",
        "flows",
        declare_flow,
        change={"schedule_params": {"frequency": "hour", "interval": 6}},
        changed="/scheduleParams/interval",
        unchangeable=lambda world: {"target_connection_id": world.other_target_id},
        reason="keeps what it reads from, writes to and is made by",
        unmanaged=[add("/description", "of the sales team"), add("/labels", ["core/C12"])],
    ),
}

NAMES_REPEAT = [name for name in CASES if name != "schema"]
DELETABLE = [name for name, case in CASES.items() if case.type_.deletable]
EVERY_TYPE = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
WITH_ETAG = [name for name, case in CASES.items() if case.unmanaged]


def cases(*names):
    return pytest.mark.parametrize("case", [CASES[name] for name in names], ids=names)


class Sender:
    """A `send` with a plan: what happens before a request goes out, or instead of its response."""

    def __init__(self, world, method="POST", *, before=lambda: None, response=None, times=1):
        self._send = world.client.send
        self._method, self._before, self._answer, self._left = method, before, response, times

    def __call__(self, call):
        if call.method != self._method or not self._left:
            return self._send(call)
        self._left -= self._method != "GET"
        self._before()
        found = self._send(call)
        # A list that is refused is none that could be replaced.
        self._left -= self._method == "GET"
        return found if self._answer is None else self._answer(found)


class LateLists:
    """A `send` whose lists show a resource only some seconds after it was made."""

    def __init__(self, aep, type_, send, lag):
        self._aep, self._type, self._send, self._lag = aep, type_, send, lag

    def __call__(self, call):
        response = self._send(call)
        if not isinstance(response, list):
            return response
        latest = (self._aep.now() - self._lag) * 1000
        return [live for live in response if self._type.created_at(live) <= latest]


def server_error(response=None):
    """The response 500 to a request that had its effect."""
    raise AepApiError("POST ... was answered 500: no reason given", status=500, retryable=True)
