"""Whatever a file says, a plan writes nothing; and how it is spelled makes no difference."""

import contextlib
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_aep.dataflow.render import render
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.exceptions import AepConfigError

from .world import COLUMNS, CRM, World, spec_of

FILES = {
    "name": "S3 orders",
    "connector": "amazon-s3",
    "base_connection": {
        "name": "Bucket",
        "auth_spec_name": "Access Key",
        "auth_params": {"bucket": "orders", "port": 22},
    },
    "source": {
        "path": "/exports",
        "data_format": "delimited",
        "params": {"type": "folder", "recursive": True, "columnDelimiter": ";"},
    },
    "schema": CRM["schema"],
    "dataset": {"name": "Orders", "tags": {"team": ["crm:1", "web"]}},
    "mappings": {
        "person.name.firstName": "first",
        "person.name.lastName": {"expression": "upper(last)"},
        "personalEmail.address": {"static": "x@example.com"},
    },
    "schedule": {"frequency": "minute", "interval": 15, "backfill": True},
    "options": {"errorDiagnosticsEnabled": True, "partialIngestionPercent": 5},
}
TABLES = {**CRM, "source": {"table": "Accounts", "columns": COLUMNS}}

# Text that stands for the same: templates and YAML deliver such.
NUMBERS = {"15": 15, 15: "15", 1: "1", 5: "5", 22: "22"}
KEYED = ("columns", "field_groups", "team", "mappings")


@pytest.fixture(scope="module")
def world():
    with AepEmulator() as aep:
        world = World(aep)
        for document in (TABLES, FILES):
            world.make(spec_of(document))
        yield world


def respelled(value, rng, key=None):
    """The same in another spelling."""
    if isinstance(value, dict):
        items = [(name, respelled(inner, rng, name)) for name, inner in value.items()]
        rng.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        items = [respelled(inner, rng) for inner in value]
        if key in KEYED:
            rng.shuffle(items)
        return items
    if isinstance(value, bool):
        return rng.choice([value, str(value).lower()]) if key == "errorDiagnosticsEnabled" else value
    if isinstance(value, int):
        return rng.choice([value, str(value)])
    return value


def as_adobes_list(mappings, rng):
    """The mappings in Adobe's own form, in either dialect."""
    found = []
    for destination, source in mappings.items():
        if isinstance(source, dict):
            ((type_, text),) = source.items()
            found.append({"sourceType": type_.upper(), "source": text, "destination": destination})
        elif rng.random() < 0.5:
            found.append({"sourceAttribute": source, "destinationXdmPath": destination})
        else:
            found.append({"sourceType": "ATTRIBUTE", "source": source, "destination": destination})
    rng.shuffle(found)
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.sampled_from([TABLES, FILES]), seed=st.integers(0, 2**32), own_list=st.booleans())
def test_another_spelling_is_no_difference(world, document, seed, own_list):
    rng = random.Random(seed)
    spelled = respelled(document, rng)
    if own_list:
        spelled["mappings"] = as_adobes_list(spelled["mappings"], rng)
    plan = world.plan(spec_of(spelled))
    assert {each.address: each.differences for each in plan.dataflows[0].changing} == {}


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_a_fingerprint_does_not_depend_on_the_order_of_keys(world, seed):
    changed = {**FILES, "name": "New", "schedule": {"frequency": "day", "interval": 1}}
    spelled = respelled(changed, random.Random(seed))
    spelled["schedule"]["interval"] = 1
    ordered = {**spelled, "schema": changed["schema"], "dataset": changed["dataset"], "options": changed["options"]}
    ordered |= {"base_connection": changed["base_connection"]}
    assert world.plan(spec_of(ordered)).fingerprint == world.plan(spec_of(changed)).fingerprint


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "description": st.sampled_from(["d", "e"]),
        "schedule": st.sampled_from([{"interval": 30}, {"frequency": "day"}, {"backfill": False}]),
        "mappings": st.sampled_from([{"workPhone.number": "phone"}, {"person.name.firstName": "last_name"}]),
        "dataset": st.sampled_from([{"name": "Other"}, {"enable_profile": True}]),
        "schema": st.sampled_from([{"title": "Other"}, {"field_groups": []}]),
        "state": st.sampled_from(["enabled", "disabled", "absent"]),
        "name": st.just("New"),
        "sample": st.just([{"email": "x"}]),
    },
)


@settings(max_examples=60)
@given(document=st.sampled_from([TABLES, FILES]), changed=CHANGES, deep=st.booleans(), many=st.booleans())
def test_a_plan_writes_nothing(world, document, changed, deep, many):
    before, state = len(world.aep.requests), world.aep.state()
    specs = [spec_of(document, **changed), *(spec_of(name=f"Another {number}") for number in range(4 if many else 0))]
    with contextlib.suppress(AepConfigError):
        plan = world.plan(*specs, deep=deep, unmanaged=True)
        assert json.loads(json.dumps(plan.to_json())) == plan.to_json()
        assert render(plan).endswith(
            (f"Fingerprint {plan.fingerprint}.", "as declared.", "replace.", "this.", "destroy.")
        )
    sent = {(record.method, record.path.rpartition("/")[2]) for record in world.aep.requests[before:]}
    assert {path for method, path in sent if method != "GET"} <= {"validate", "preview", "v3"}
    assert world.aep.state() == state
