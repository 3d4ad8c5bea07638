"""Drift: what somebody changed, what is live and undeclared, and accounts that are refused."""

import pytest

from airflow_provider_aep.dataflow.drift import find_drift
from airflow_provider_aep.exceptions import AepApiError

from .world import spec_of

DETAILED = {
    "options": {"errorDiagnosticsEnabled": True, "partialIngestionPercent": 5},
    "description": "by hand",
    "source": {"params": {"recursive": True}},
}


def drift(world, *specs, **options):
    return find_drift(world.client, specs or [spec_of()], **options)


def text(found):
    return [line for line, _ in found.lines()]


def test_nothing_has_drifted(world):
    world.make(spec_of())
    found = drift(world, full=True, test_connections=True)
    assert found.is_empty
    assert (found.refused, found.undeclared) == ({}, {})


def test_a_change_in_the_ui_is_drift(world):
    world.make(spec_of(schedule={"interval": 4}))
    found = drift(world)
    assert not found.is_empty
    assert "      schedule.interval            4 -> 1" in text(found)
    assert found.to_json()["summary"]["update"] == 1


def test_what_is_live_and_not_declared_is_told_for_information(world):
    world.make(spec_of(**DETAILED))
    world.make(spec_of(name="Another", source={"name": "Another"}, target={"name": "Another"}))
    found = drift(world, full=True)
    assert found.is_empty
    assert found.undeclared == {
        "CRM accounts/source_connection": {"/params/recursive": True},
        "CRM accounts/flow": {
            "/description": "by hand",
            "/options/errorDiagnosticsEnabled": True,
            "/options/partialIngestionPercent": 5,
        },
    }
    assert [name for name, _ in found.plan.unmanaged] == ["Another"]
    assert "live and not declared: CRM accounts/flow" in text(found)
    assert text(found)[-2] == ""
    assert found.to_json()["undeclared"] == found.undeclared


class TestConnections:
    @pytest.mark.parametrize("response", [{"result": False}, {"items": [{"result": False}]}, False, [False]])
    def test_an_account_that_is_refused_is_drift(self, world, response):
        world.make(spec_of())
        world.aep.fault("GET", "*/test", kind="status", status=200, body=response)
        found = drift(world, test_connections=True)
        assert not found.is_empty
        assert found.refused == {"Salesforce": "the credentials are refused"}
        assert "  x account 'Salesforce': the credentials are refused" in text(found)

    def test_an_error_says_why(self, world):
        world.make(spec_of())
        body = {"type": "/placeholder", "title": "Bad credentials", "status": 400, "detail": "Login failed"}
        world.aep.fault("GET", "*/test", kind="status", status=400, body=body, times=2)
        assert "Login failed" in drift(world, test_connections=True).refused["Salesforce"]

    def test_an_outage_says_nothing_about_credentials(self, world):
        world.make(spec_of())
        world.aep.fault("GET", "*/test", kind="status", status=503, times=None)
        world.client.patience = 0
        with pytest.raises(AepApiError):
            drift(world, test_connections=True)

    def test_what_two_dataflows_share_is_tested_once(self, world):
        specs = [spec_of(), spec_of(name="Another", source={"name": "Another"}, target={"name": "Another"})]
        for spec in specs:
            world.make(spec)
        drift(world, *specs, test_connections=True)
        assert sum(record.path.endswith("/test") for record in world.aep.requests) == 1


def test_what_is_to_be_absent_has_nothing_undeclared(world):
    world.make(spec_of(**DETAILED))
    assert drift(world, spec_of(state="absent"), full=True).undeclared == {}
