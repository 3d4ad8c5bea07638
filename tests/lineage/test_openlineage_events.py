"""The events that Airflow sends to OpenLineage for the example DAGs, waiting in the worker and in the triggerer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource
from test_example_dags import load

pytest.importorskip("airflow.providers.openlineage", reason="Airflow's provider for OpenLineage is not installed")

HERE = Path(__file__).parent
# Of https://github.com/OpenLineage/OpenLineage (Apache-2.0), as they were in August 2026.
SCHEMAS = HERE / "schemas"
WAYS = ("sync", "deferred")
CRM, STREAMING, ON_DEMAND = "example_crm_dataflow", "example_streaming_dataflow", "example_on_demand_run"
# Where the schemas of facets are published. Those of Airflow itself have none of their own.
PUBLISHED = "https://openlineage.io/spec/facets/"


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """All events of `example_runs.py`, which runs in a process of its own."""
    file = tmp_path_factory.mktemp("openlineage") / "events.ndjson"
    transport = {"type": "file", "log_file_path": str(file), "append": True}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "example_runs.py")],
        env={**os.environ, "OPENLINEAGE__TRANSPORT": json.dumps(transport)},
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def event(events):
    """The event that ended a task, such as ``example_crm_dataflow.sync.success.flow``."""

    def event(job):
        ended = [each for each in events if each["job"]["name"] == job and each["eventType"] != "START"]
        assert len(ended) == 1
        return ended[0]

    return event


@pytest.fixture(scope="module")
def published():
    """Validates what has a schema of OpenLineage's own."""
    contents = [json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")]
    registry = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in contents)

    def validate(url, value):
        schema = registry.contents(url.partition("#")[0])
        jsonschema.Draft202012Validator(schema, registry=registry).validate(value)

    return validate


def facets(event):
    """(name, facet) of everything an event tells, as far as OpenLineage publishes it."""
    for part in (event["run"], event["job"], *event["inputs"], *event["outputs"]):
        for kept in ("facets", "inputFacets", "outputFacets"):
            for name, facet in part.get(kept, {}).items():
                if facet["_schemaURL"].startswith(PUBLISHED):
                    yield name, facet


def test_every_event_and_facet_is_as_openlineage_demands(events, published):
    seen = set()
    for event in events:
        published(event["schemaURL"], event)
        for name, facet in facets(event):
            seen.add(name)
            published(facet["_schemaURL"], {name: facet})
    ours = {"dataSource", "schema", "columnLineage", "documentation", "outputStatistics", "externalQuery"}
    assert {*ours, "errorMessage"} <= seen


def test_an_event_that_is_wrong_would_be_seen(published):
    with pytest.raises(jsonschema.ValidationError):
        published("https://openlineage.io/spec/2-0-2/OpenLineage.json", {"eventType": "COMPLETE"})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("outcome", ["success", "failed_copy"])
@pytest.mark.parametrize("task", ["flow", "first_run"])
def test_the_column_lineage_is_the_mapping_set(event, way, outcome, task):
    declared = {each["destination"]: each["source"] for each in load(CRM).get_task("mapping_set").mappings}
    ended = event(f"{CRM}.{way}.{outcome}.{task}")
    (source,), (target,) = ended["inputs"], ended["outputs"]
    fields = target["facets"]["columnLineage"]["fields"]
    assert {path: [used["field"] for used in field["inputFields"]] for path, field in fields.items()} == {
        path: [column] for path, column in declared.items()
    }
    for field in fields.values():
        (used,) = field["inputFields"]
        assert (used["namespace"], used["name"]) == (source["namespace"], source["name"])
        assert [(step["type"], step["subtype"]) for step in used["transformations"]] == [("DIRECT", "IDENTITY")]


@pytest.mark.parametrize("way", WAYS)
def test_a_run_tells_the_table_the_dataset_and_its_counts(event, way):
    ended = event(f"{CRM}.{way}.success.first_run")
    (source,), (target,) = ended["inputs"], ended["outputs"]
    assert source["namespace"].startswith("salesforce://")
    assert source["name"] == "Accounts"
    columns = {column["name"]: column["type"] for column in source["facets"]["schema"]["fields"]}
    assert columns["AnnualRevenue"] == "number"
    assert target["namespace"].startswith("aep://")
    assert target["name"].startswith("datasets/")
    assert [field["name"] for field in target["facets"]["schema"]["fields"]] == ["person", "personalEmail"]
    assert "https://ns.adobe.com/" in target["facets"]["documentation"]["description"]
    statistics = target["outputFacets"]["outputStatistics"]
    assert statistics["rowCount"] == 100
    assert statistics["size"] > 0
    assert ended["run"]["facets"]["externalQuery"]["source"] == "aep"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("job", [f"{CRM}.{{way}}.failed_copy.first_run", f"{ON_DEMAND}.{{way}}.failed_copy.run"])
def test_a_failed_run_tells_its_error_and_its_data(event, way, job):
    ended = event(job.format(way=way))
    assert ended["eventType"] == "FAIL"
    assert "CONNECTOR-1001-500" in ended["run"]["facets"]["errorMessage"]["message"]
    assert (len(ended["inputs"]), len(ended["outputs"])) == (1, 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_run_on_demand_tells_the_same(event, way):
    ended = event(f"{ON_DEMAND}.{way}.success.run")
    (target,) = ended["outputs"]
    assert target["outputFacets"]["outputStatistics"]["rowCount"] == 100
    assert list(target["facets"]["columnLineage"]["fields"]) == ["personalEmail.address"]


@pytest.mark.parametrize("way", WAYS)
def test_a_skipped_run_is_complete_and_has_written_nothing(event, way):
    ended = event(f"{ON_DEMAND}.{way}.empty.run")
    assert ended["eventType"] == "COMPLETE"
    assert ended["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_tells_the_dataset_that_the_dataflow_writes_to(event, way):
    batch, flow = (event(f"{STREAMING}.{way}.success.{task}") for task in ("first_batch", "flow"))
    (target,) = batch["outputs"]
    assert target["outputFacets"]["outputStatistics"]["rowCount"] > 0
    assert (target["namespace"], target["name"]) == tuple(flow["outputs"][0][key] for key in ("namespace", "name"))
    assert flow["inputs"][0]["namespace"].startswith("amazon-kinesis://")
    assert flow["inputs"][0]["name"] == "web-events"


def test_the_steps_of_a_dataflow_name_its_two_ends(event):
    steps = {task: event(f"{CRM}.sync.success.{task}") for task in load(CRM).task_ids}
    ends = {task: (len(each["inputs"]), len(each["outputs"])) for task, each in steps.items()}
    assert {task: end for task, end in ends.items() if end != (0, 0)} == {
        "source_connection": (1, 0),
        "dataset": (0, 1),
        "target_connection": (0, 1),
        "flow": (1, 1),
        "first_run": (1, 1),
    }
    assert len({each["outputs"][0]["name"] for each in steps.values() if each["outputs"]}) == 1
    assert len({each["inputs"][0]["namespace"] for each in steps.values() if each["inputs"]}) == 1


def test_without_an_answer_of_the_platform_there_is_no_lineage_and_no_failure(event):
    ended = event("no_lineage.run")
    assert (ended["eventType"], ended["inputs"], ended["outputs"]) == ("COMPLETE", [], [])
