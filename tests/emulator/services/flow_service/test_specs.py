"""Connection specs and flow specs."""

from emulator.caller import (
    AZURE_BLOB,
    SALESFORCE,
    Caller,
    code_of,
)


def test_connection_specs(api: Caller) -> None:
    (spec,) = api.get('flow/connectionSpecs?property=name=="salesforce"').json()["items"]
    assert spec["id"] == SALESFORCE
    assert "Basic Authentication" in [auth["name"] for auth in spec["authSpec"]]
    assert api.one(f"flow/connectionSpecs/{AZURE_BLOB}")["attributes"]["category"] == "file"
    assert code_of(api.get("flow/connectionSpecs/none")) == "1439-404"
