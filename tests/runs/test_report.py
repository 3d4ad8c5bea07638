"""report.py: what a person reads about a run."""

from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.report import describe, explain

SUMMARY = {
    "status": "failed",
    "duration_seconds": 55.4,
    "records": {"input": 100, "output": 0, "failed": None},
    "bytes": {"input": 24012, "output": None},
    "batch_ids": ["01EF01X41KJD82Y9ZX6ET54PCZ", "01EF01X41KJD82Y9ZX6ET54PD0"],
    "errors": [
        {"code": "CONNECTOR-2001-500", "message": "Error at promotion.", "activity": "promotionActivity"},
        {"code": "2200", "message": "ErrorCode=UserError", "activity": "Salesforce Copy Activity"},
        {"code": None, "message": "Something else", "activity": None},
    ],
}
URL = "https://experience.adobe.com/#/@org/sname:dev/platform/source/dataflows/f/activity/r"
META = "https://platform.adobe.io/data/foundation/export/batches/01EF01X41KJD82Y9ZX6ET54PCZ/meta?path=row_errors"


def test_a_summary_in_one_line():
    assert describe(SUMMARY) == (
        "status failed; 55 s; records input 100, output 0; bytes input 24012; "
        "batches 01EF01X41KJD82Y9ZX6ET54PCZ, 01EF01X41KJD82Y9ZX6ET54PD0"
    )


def test_what_is_not_known_is_not_told():
    assert describe(FlowRun(id="r").summary()) == "status None"
    assert describe({"status": "success", "duration_seconds": 0.2, "records": {"input": 0}}) == (
        "status success; 0 s; records input 0"
    )


def test_a_batch_is_told_as_a_run_is():
    batch = Batch(id="b", status="active", metrics={"input_record_count": 3})
    assert describe(batch.summary()) == "status active; records input 3; batches b"


def test_a_failure_is_explained_line_by_line():
    reasons = ["ended with status 'failed'", "has warnings for 5 records"]
    text = explain("flow run r", reasons, SUMMARY, logged_rows=2, diagnostics=[META], url=URL)
    assert text.splitlines() == [
        "The flow run r ended with status 'failed'.",
        "  It also has warnings for 5 records.",
        "  status failed; 55 s; records input 100, output 0; bytes input 24012; "
        "batches 01EF01X41KJD82Y9ZX6ET54PCZ, 01EF01X41KJD82Y9ZX6ET54PD0",
        "  CONNECTOR-2001-500 in promotionActivity: Error at promotion.",
        "    Rows did not fit: compare the mapping set with the schema, and see the rejected rows in the task log.",
        "  2200 in Salesforce Copy Activity: ErrorCode=UserError",
        "  no code: Something else",
        "  rejected rows in the task log: 2",
        f"  diagnostics (kept for 30 days): {META}",
        f"  {URL}",
    ]


def test_errors_that_were_left_out_are_counted():
    text = explain("batch b", ["failed"], {"errors": [{"code": "X", "message": "m"}], "errors_left_out": 4950})
    assert text.splitlines()[2:] == ["  X: m", "  and 4950 more errors"]


def test_a_failure_that_says_nothing_is_explained_in_two_lines():
    assert explain("batch b", ["failed"], {}) == "The batch b failed.\n  status None"
