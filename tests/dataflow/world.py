"""Specs of dataflows, and a platform on which they were made."""

from __future__ import annotations

import copy

from direct import direct_client

from airflow_provider_aep.dataflow.planner import plan
from airflow_provider_aep.dataflow.resources import TYPES, declare, steps_of
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.reconcile.resource_type import Ensured

PROFILE = "https://ns.adobe.com/xdm/context/profile"
DETAILS = [f"https://ns.adobe.com/xdm/context/profile-{part}-details" for part in ("person", "personal")]
COLUMNS = [{"name": name, "type": "string"} for name in ("first_name", "last_name", "email", "phone")]
SECRETS = {"username": "crm@example.com", "password": "canary-password", "securityToken": "canary-token"}

CRM = {
    "apiVersion": "aep/v1",
    "kind": "Dataflow",
    "name": "CRM accounts",
    "connector": "salesforce",
    "base_connection": {
        "name": "Salesforce",
        "auth_spec_name": "Basic Authentication",
        "credentials_conn_id": "salesforce_crm",
    },
    "source": {"name": "CRM source", "table": "Accounts"},
    "schema": {"title": "CRM schema", "schema_class": PROFILE, "field_groups": DETAILS},
    "dataset": {"name": "CRM dataset"},
    "target": {"name": "CRM target"},
    "mappings": {"person.name.firstName": "first_name", "personalEmail.address": "email"},
    "delta_column": {"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"},
    "schedule": {"frequency": "hour", "interval": 1},
}

KINESIS = {
    "name": "Web events",
    "connector": "amazon-kinesis",
    "base_connection": {
        "name": "Kinesis",
        "auth_spec_name": "Aws Kinesis authentication credentials",
        "auth_params": {"region": "us-east-1"},
        "credentials_conn_id": "kinesis",
    },
    "source": {"params": {"stream": "web-events", "dataType": "raw", "reset": "latest"}},
    "schema": {"title": "Web visitors", "schema_class": PROFILE, "field_groups": DETAILS},
    "mappings": {"person.name.firstName": "firstName"},
}


def spec_of(document=CRM, **changes):
    """A spec; a change is merged into its part, and None takes a key away."""
    return DataflowSpec.model_validate(_merged(copy.deepcopy(document), changes))


def _merged(document, changes):
    for key, value in changes.items():
        if value is None:
            document.pop(key, None)
        elif isinstance(value, dict) and isinstance(document.get(key), dict):
            document[key] = _merged(document[key], value)
        else:
            document[key] = value
    return document


class World:
    """An emulated platform, and what was made on it."""

    def __init__(self, aep):
        self.aep = aep
        self.client = direct_client(aep)
        self.ensurer = Ensurer(self.client.send, lambda seconds: None, self.client.now, list_lag=0)

    def make(self, spec, columns=COLUMNS) -> dict[str, Ensured]:
        """What an apply of a new dataflow makes, step by step."""
        ids, made = {}, {}
        for step in steps_of(spec):
            declared = declare(spec, step, ids, columns)
            if step == "base_connection":
                declared.auth.params.update(SECRETS)
            made[step] = self.ensurer.ensure(TYPES[step], declared)
            ids[step] = made[step].id
        return made

    def plan(self, *specs, **options):
        return plan(self.client, specs, **options)

    def plan_of(self, spec, **options):
        (planned,) = self.plan(spec, **options).dataflows
        return planned

    def touch(self, collection, id_, **audit):
        """As if somebody had changed an object a minute after it was made."""
        with self.aep._platform.lock:
            record = self.aep._platform.sandboxes[self.aep.sandbox][collection][id_]
            record.update({"updatedAt": record["createdAt"] + 60_000, **audit})


def actions(planned):
    """Step -> actions, of what does not stay as it is."""
    return {each.step: each.actions for each in planned.resources if each.actions != ("no-op",)}


def changes(planned, step):
    """Path -> (live, declared), as people are shown them."""
    return {each.path: (each.live, each.declared) for each in planned.resource(step).differences}


def texts(planned, step):
    """Code -> text of the consequences."""
    return {each.code: each.text for each in planned.resource(step).consequences}
