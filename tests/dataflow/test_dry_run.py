"""Before anything is written the platform is asked; nothing but GETs and Data Prep's two dry runs is sent."""

import pytest

from airflow_provider_aep.exceptions import AepApiError, AepConfigError

from .world import COLUMNS, CRM, spec_of

MORE = {"mappings": {"person.name.lastName": "last_name"}}
DRY_RUNS = {"validate", "preview"}
FIELDS = {
    "person": {"type": "object", "properties": {"name": {"properties": {"firstName": {}, "lastName": {}}}}},
    "personalEmail": {"type": "object", "properties": {"address": {"type": "string"}}},
    "identityMap": {"type": "object"},
    "orders": {"type": "array", "items": {"properties": {"id": {"type": "string"}}}},
}


def dry_runs(world):
    """What was sent besides GETs, since the dataflow was made."""
    posts = [record for record in world.aep.requests if record.method != "GET"]
    return [record.path.rpartition("/")[2] for record in posts if record.path.rpartition("/")[2] in DRY_RUNS]


def problem(world, spec, **options):
    with pytest.raises(AepConfigError) as raised:
        world.plan(spec, **options)
    return str(raised.value)


def failed(text):
    return {"validationResponse": [{"status": "FAILED", "errors": [{"destination": "a.b", "exception": text}]}]}


class TestMappings:
    def test_those_of_a_live_dataflow_are_validated(self, world):
        world.make(spec_of())
        world.plan(spec_of(**MORE))
        assert dry_runs(world) == ["validate"]

    def test_what_fails_is_said(self, world):
        world.make(spec_of())
        world.aep.fault("POST", "*/validate", kind="status", status=200, body=failed("no such function"))
        assert problem(world, spec_of(**MORE)) == "CRM accounts: mappings: None -> a.b: no such function"

    def test_a_refusal_without_a_list_is_said(self, world):
        world.make(spec_of())
        world.aep.fault("POST", "*/validate", kind="status", status=400)
        assert problem(world, spec_of(**MORE)).startswith("CRM accounts: mappings: ")

    def test_an_outage_is_no_objection(self, world):
        world.make(spec_of())
        world.aep.fault("POST", "*/validate", kind="status", status=503)
        with pytest.raises(AepApiError):
            world.plan(spec_of(**MORE))

    def test_those_of_a_new_dataflow_only_on_request(self, world):
        """Its own POST validates them."""
        world.make(spec_of())
        new = spec_of(name="New", **MORE)
        world.plan(new)
        assert dry_runs(world) == []
        world.plan(new, deep=True)
        assert dry_runs(world) == ["validate"]

    def test_nothing_is_validated_that_stays(self, world):
        world.make(spec_of())
        world.plan(spec_of(), deep=True)
        assert dry_runs(world) == []

    def test_sample_rows_are_mapped(self, world):
        world.make(spec_of())
        rows = [{"first_name": "Jim", "email": "jim@example.com"}]
        said = problem(world, spec_of(**MORE, sample=rows), deep=True)
        assert said == "CRM accounts: sample: last_name -> person.name.lastName: the row has no such field"
        world.plan(spec_of(**MORE, sample=[{**rows[0], "last_name": "Seltzer"}]), deep=True)


class TestDeep:
    def test_only_gets_and_dry_runs_are_sent(self, world):
        world.make(spec_of())
        before = len(world.aep.requests)
        world.plan(
            spec_of(**MORE, sample=[dict.fromkeys(("first_name", "last_name", "email"), "x")]),
            spec_of(name="New", **MORE),
            deep=True,
        )
        sent = {(record.method, record.path.rpartition("/")[2]) for record in world.aep.requests[before:]}
        assert {path for method, path in sent if method != "GET"} == DRY_RUNS

    @pytest.mark.parametrize(
        ("destination", "unknown"),
        [
            ("person.name.lastNam", "'lastNam'; the nearest are 'lastName', 'firstName'"),
            ("persona.name", "'persona'; the nearest are 'person', 'personalEmail'"),
            ("orders[0].number", "'number'"),
        ],
    )
    def test_a_field_that_the_schema_does_not_have(self, world, destination, unknown):
        made = world.make(spec_of())
        digits = made["schema"].id.rpartition("/")[2]
        # The look-up of the schema comes first.
        world.aep.fault("GET", f"*{digits}", kind="status", status=200, body={"properties": FIELDS}, nth=2)
        said = problem(world, spec_of(mappings={destination: "last_name"}), deep=True)
        assert said == f"CRM accounts: mappings.{destination}: the schema has no field {unknown}"

    def test_what_is_shown_in_part_may_have_any_field(self, world):
        made = world.make(spec_of())
        digits = made["schema"].id.rpartition("/")[2]
        world.aep.fault("GET", f"*{digits}", kind="status", status=200, body={"properties": FIELDS}, nth=2)
        changed = {"identityMap.Email[0].id": "email", "orders[0].id": "last_name"}
        world.plan(spec_of(mappings=changed), deep=True)

    def test_a_column_that_the_table_does_not_have(self, world):
        world.make(spec_of())
        said = problem(world, spec_of(mappings={"person.name.lastName": "last_nam"}), deep=True)
        near = "'last_name', 'first_name'"
        assert said == f"CRM accounts: source.table 'Accounts' has no column 'last_nam'; the nearest are {near}"

    def test_a_declared_column_that_the_table_does_not_have(self, world):
        world.make(spec_of())
        columns = [*COLUMNS[:3], {"name": "Fax", "type": "string"}]
        assert "has no column 'Fax'" in problem(world, spec_of(source={"columns": columns}), deep=True)

    def test_what_is_new_altogether_is_asked_for_nothing(self, world):
        before = len(world.aep.requests)
        world.plan(spec_of(), deep=True)
        assert not [record for record in world.aep.requests[before:] if record.path.endswith("/explore")]

    def test_credentials_that_are_not_there(self, world):
        def missing(conn_id):
            raise AepConfigError(f"There is no connection {conn_id!r}.")

        said = problem(world, spec_of(), deep=True, credentials=missing)
        assert said == ("CRM accounts: base_connection.credentials_conn_id: There is no connection 'salesforce_crm'.")
        world.plan(spec_of(), credentials=missing)
        world.plan(spec_of(), deep=True, credentials=lambda conn_id: {})

    def test_a_dataflow_without_account_or_mappings(self, world):
        landing = {
            "name": "Landing",
            "connector": "data-landing-zone",
            "source": {"path": "/in", "data_format": "json"},
            "schema": CRM["schema"],
            "mappings": CRM["mappings"],
            "schedule": {"frequency": "once"},
        }
        world.plan(spec_of(landing), deep=True)
