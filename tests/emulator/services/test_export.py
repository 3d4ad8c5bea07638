"""The export of diagnostic files."""

import json

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller


def test_the_error_files_of_a_partial_run(aep: AepEmulator, api: Caller) -> None:
    aep.script_run("partial", records=100, failed_records=30)
    api.run(api.once_flow())
    aep.advance(100)
    (batch_id,) = aep.state()["batches"]
    meta = f"export/batches/{batch_id}/meta"
    (file,) = api.get(f"{meta}?path=row_errors").json()["data"]
    lines = api.get(f"{meta}?path=row_errors/{file['name']}").text.splitlines()
    assert len(lines) == 30
    assert set(json.loads(lines[0])) == {"_errors", "_filename", "_corrupt_record"}
    assert len(api.get(f"{meta}?path=row_error_samples.json").text.splitlines()) == 20
    assert api.get(f"{meta}?path=input_files").json()["_page"] == {"count": 1, "limit": 100}
    assert api.get(f"{meta}?path=nothing").status_code == 404
    assert api.get(meta).status_code == 400
    assert api.get("export/batches/none/meta?path=row_errors").status_code == 404
