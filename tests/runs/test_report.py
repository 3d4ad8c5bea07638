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
    rows = [{"_errors": [{"code": "INGEST-1555-400"}], "email": None}, {"_corrupt_record": "x;y"}]
    text = explain("flow run r", "ended with status 'failed'", SUMMARY, samples=rows, diagnostics=[META], url=URL)
    assert text.splitlines() == [
        "The flow run r ended with status 'failed'.",
        "  status failed; 55 s; records input 100, output 0; bytes input 24012; "
        "batches 01EF01X41KJD82Y9ZX6ET54PCZ, 01EF01X41KJD82Y9ZX6ET54PD0",
        "  CONNECTOR-2001-500 in promotionActivity: Error at promotion.",
        "    Rows did not fit: compare the mapping set with the schema, and look at the sample rows.",
        "  2200 in Salesforce Copy Activity: ErrorCode=UserError",
        "  no code: Something else",
        '  sample row: {"_errors": [{"code": "INGEST-1555-400"}], "email": null}',
        '  sample row: {"_corrupt_record": "x;y"}',
        f"  diagnostics (kept for 30 days): {META}",
        f"  {URL}",
    ]


def test_at_most_five_sample_rows_are_shown_each_in_short():
    rows = [{"row": number, "text": "x" * 1000} for number in range(9)]
    shown = [line for line in explain("batch b", "failed", {}, samples=rows).splitlines() if "sample row" in line]
    assert [line[:25] for line in shown] == [f'  sample row: {{"row": {number}, ' for number in range(5)]
    assert max(map(len, shown)) <= 520


def test_errors_that_were_left_out_are_counted():
    text = explain("batch b", "failed", {"errors": [{"code": "X", "message": "m"}], "errors_left_out": 4950})
    assert text.splitlines()[2:] == ["  X: m", "  and 4950 more errors"]


def test_a_failure_that_says_nothing_is_explained_in_two_lines():
    assert explain("batch b", "failed", {}) == "The batch b failed.\n  status None"
