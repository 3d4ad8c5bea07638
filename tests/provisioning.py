"""The seven steps of a CRM dataflow, straight through `ensure`: what tests and benchmarks build on."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.reconcile.resource_type import Ensured
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.dataset import DATASET
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.resources.schema import SCHEMA
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION

DELTA_COLUMN = {"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"}
COLUMNS = [{"name": name, "type": "string", "xdm": {"type": "string"}} for name in ("first_name", "last_name", "email")]


@dataclass(frozen=True)
class Chain:
    """The ids of one dataflow and of everything it stands on."""

    base_connection: str
    source_connection: str
    schema: str
    dataset: str
    target_connection: str
    mapping_set: str
    flow: str

    @property
    def ids(self):
        return asdict(self)


class Provisioning:
    """Builds CRM dataflows; `outcomes` remembers what each step did.

    :param frequency: ``once`` for a dataflow that is run on demand.
    :param pause: how to wait for lists; by default as the client does, and not at all where that would take its time.
    """

    def __init__(self, client, *, name="CRM", frequency="once", pause=None):
        self.client = client
        self.name = name
        self.frequency = frequency
        if client.sleep is time.sleep:
            pause = pause or (lambda seconds: None)
        self.ensurer = Ensurer(client.send, pause or client.sleep, client.now)
        self.outcomes: list[Ensured] = []

    def build(self):
        base = self._ensure(
            BASE_CONNECTION,
            BaseConnection.declare(
                name=f"{self.name} base",
                connector="salesforce",
                auth_spec_name="Basic Authentication",
                credentials={"username": "crm@example.com", "password": "crm-password", "securityToken": "crm-token"},
            ),
        )
        source = self._ensure(
            SOURCE_CONNECTION,
            SourceConnection.declare(
                name=f"{self.name} source",
                connector="salesforce",
                base_connection_id=base,
                source_params={"tableName": "Accounts", "columns": COLUMNS},
            ),
        )
        schema = self._ensure(
            SCHEMA,
            Schema.declare(title=f"{self.name} schema", schema_class="https://ns.adobe.com/xdm/context/profile"),
        )
        dataset = self._ensure(DATASET, Dataset.declare(name=f"{self.name} dataset", schema_id=schema))
        target = self._ensure(
            TARGET_CONNECTION,
            TargetConnection.declare(name=f"{self.name} target", dataset_id=dataset, schema_id=schema),
        )
        mapping_set = self._ensure(
            MAPPING_SET,
            MappingSet.declare(
                schema_id=schema, mappings=[{"source": "email", "destination": "personalEmail.address"}]
            ),
        )
        flow = self._ensure(FLOW, self._flow(source, target, mapping_set))
        return Chain(base, source, schema, dataset, target, mapping_set, flow)

    def _flow(self, source, target, mapping_set):
        once = self.frequency == "once"
        return Flow.declare(
            name=f"{self.name} flow",
            flow_spec_id="14518937-270c-4525-bdec-c2ba7cce3860",
            source_connection_id=source,
            target_connection_id=target,
            mapping_set_id=mapping_set,
            delta_column=None if once else DELTA_COLUMN,
            # Far away, so that the run that AEP itself starts does not meet the ones a test starts.
            schedule_params={"frequency": "once", "start_time": int(time.time()) + 365 * 86_400}
            if once
            else {"frequency": self.frequency, "interval": 15 if self.frequency == "minute" else 1},
        )

    def _ensure(self, type_, declared):
        outcome = self.ensurer.ensure(type_, declared)
        self.outcomes.append(outcome)
        return outcome.id
