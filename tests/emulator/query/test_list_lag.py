"""Lists that show each new object at a time of its own, while a read by its id shows it at once."""

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller


def test_a_list_fills_within_the_lag_and_not_in_the_order_of_creation(aep: AepEmulator, api: Caller) -> None:
    aep.switches.list_lag = 4.0
    schema_id = api.schema()
    made = [api.dataset(schema_id, f"d{number:02}") for number in range(20)]
    seen: list[str] = []
    for _ in range(5):
        shown = api.get("catalog/dataSets").json()
        assert set(shown) >= set(seen), "what was shown once stays"
        seen += [id_ for id_ in shown if id_ not in seen]
        aep.advance(1)
    assert sorted(seen) == sorted(made)
    assert seen != made


def test_every_list_lags_and_no_read_by_id(aep: AepEmulator, api: Caller) -> None:
    aep.switches.list_lag = 1e9
    schema_id = api.schema()
    connection = api.base_connection()
    mapping_set = api.mapping_set(schema_id)
    assert api.get("flow/connections").json()["items"] == []
    assert api.get(f"flow/connections/{connection}").status_code == 200
    schemas = api.get("schema/tenant/schemas", headers={"Accept": "application/vnd.adobe.xed-id+json"})
    assert schema_id not in [each["$id"] for each in schemas.json()["results"]]
    assert api.get("prep/mappingSets?limit=10&start=0").json()["data"] == []
    assert api.get(f"prep/mappingSets/{mapping_set}").status_code == 200
