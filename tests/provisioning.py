"""The seven steps of a CRM dataflow, straight through `ensure`: what tests and benchmarks build on."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_spec import validate_against_spec
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.ensure import Ensured, Ensurer
from airflow_provider_aep.resources.kinds import (
    BASE_CONNECTION,
    DATASET,
    FLOW,
    MAPPING_SET,
    SCHEMA,
    SOURCE_CONNECTION,
    TARGET_CONNECTION,
)

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
    """

    def __init__(self, client, *, name="CRM", frequency="once", pause=None):
        self.client = client
        self.name = name
        self.frequency = frequency
        self.ensurer = Ensurer(client.send, pause or client.sleep)
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
        flow = self._ensure(FLOW, self._flow(source, target, mapping_set), self._prepare)
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

    def _prepare(self, flow):
        flow_spec = self.client.send(flow_service.get_flow_spec(flow.flow_spec.id))
        source = self.client.send(flow_service.get_source_connection(flow.source_connection_ids[0]))
        flow = flow.with_start(self.client.now())
        validate_against_spec(flow, flow_spec, source.connection_spec.id)
        return flow

    def _ensure(self, kind, declared, prepare=lambda declared: declared):
        outcome = self.ensurer.ensure(kind, declared, prepare=prepare)
        self.outcomes.append(outcome)
        return outcome.id
