"""One table of what flow runs and batches report beside "success", and of what becomes of it.

Row: name -> what is reported, policy, outcome, what the verdict says.
"""

SUCCESS, FAILURE, EMPTY = "success", "failure", "empty"
RECORDS_OK = {"inputRecordCount": 1000, "outputRecordCount": 1000, "failedRecordCount": 0}
ANY_LOSS = 'to allow any loss, pass policy={"max_failed_percent": 100}'
ERROR = {"code": "CONNECTOR-2001-500", "message": "Error occurred at promotion activity."}


def run_body(metrics, activities=(), status="success"):
    """A flow run that ended with those metrics, without ids."""
    summary = {"status": status, **metrics.get("statusSummary", {})}
    duration = {"startedAtUTC": 1596656058198, "completedAtUTC": 1596656113306}
    return {
        "metrics": {"durationSummary": duration, "recordSummary": RECORDS_OK, **metrics, "statusSummary": summary},
        "activities": list(activities),
    }


def activity(status="success", **summaries):
    return {"id": "promotionActivity", "name": "Promotion Activity", "statusSummary": {"status": status}, **summaries}


def files(**counts):
    return {"fileSummary": {f"{name}FileCount": count for name, count in counts.items()}}


def records(**counts):
    return {"recordSummary": {f"{name}RecordCount": count for name, count in counts.items()}}


FAILED_WITH_ERROR = activity("failed") | {"statusSummary": {"status": "failed", "errors": [ERROR]}}

RUNS = {
    # Lost files
    "files failed": (
        run_body(files(input=5, output=2, failed=3)),
        {},
        FAILURE,
        "reports 'success' but lost 3 of 5 files; to allow that, pass policy={\"max_failed_files\": 3}",
    ),
    "more files failed than were read": (run_body(files(input=1, failed=3)), {}, FAILURE, "lost 3 files; to allow"),
    "more records failed than were read": (
        run_body(records(input=1, output=0, failed=3)),
        {},
        FAILURE,
        "dropped 3 records (100.00 %); to allow",
    ),
    "more records failed than were read, and may": (
        run_body(records(input=1, output=0, failed=3)),
        {"max_failed_percent": 100},
        SUCCESS,
        "dropped 3 records (100.00 %), which its policy allows",
    ),
    "an error tells of records, and no record failed": (
        run_body({"statusSummary": {"extensions": {"errors": [{**ERROR, "recordCount": 5}]}}, **records(failed=0)}),
        {},
        SUCCESS,
        "lists 1 error about 5 records and says that 0 records failed",
    ),
    "a file failed, of how many is not told": (run_body(files(failed=1)), {}, FAILURE, "lost 1 file; to allow"),
    "more files failed than may": (run_body(files(input=5, failed=3)), {"max_failed_files": 2}, FAILURE, "lost 3 of 5"),
    "files failed and may": (
        run_body(files(input=5, failed=3)),
        {"max_failed_files": 3},
        SUCCESS,
        "lost 3 of 5 files, which its policy allows",
    ),
    "files failed and records may": (
        run_body(files(input=5, failed=3)),
        {"max_failed_percent": 100},
        FAILURE,
        "lost 3 of 5 files",
    ),
    "files failed in an activity": (
        run_body(files(input=5, failed=0), [activity(**files(failed=2))]),
        {},
        FAILURE,
        "lost 2 of 5 files",
    ),
    "how many files failed is not known": (run_body(files(input=5, output=5, failed=-1)), {}, SUCCESS, ""),
    # Failed activities
    "an activity failed": (
        run_body({}, [activity(), activity("failed")]),
        {},
        FAILURE,
        f"reports 'success' although its activity 'Promotion Activity' failed; {ANY_LOSS}",
    ),
    "an activity failed with errors": (run_body({}, [FAILED_WITH_ERROR]), {}, FAILURE, ANY_LOSS),
    "an activity failed, records are not counted": (
        run_body({"recordSummary": {}}, [FAILED_WITH_ERROR]),
        {"max_failed_records": 10**9},
        FAILURE,
        ANY_LOSS,
    ),
    "an activity without a name failed": (
        run_body({}, [{"statusSummary": {"status": "PARTIAL_FAILURE"}}]),
        {},
        FAILURE,
        "activity 'number 1' failed",
    ),
    "an activity failed and any loss may be": (
        run_body({}, [FAILED_WITH_ERROR]),
        {"max_failed_percent": 100},
        SUCCESS,
        "although its activity 'Promotion Activity' failed, which its policy allows",
    ),
    "an activity succeeded in a part that is not told": (
        run_body({}, [activity("partialSuccess")]),
        {},
        FAILURE,
        "activity 'Promotion Activity' failed",
    ),
    "an activity succeeded in a part that is told and may be": (
        run_body({}, [activity("partialSuccess", **records(failed=5))]),
        {"max_failed_records": 5},
        SUCCESS,
        "dropped 5 of 1000 records (0.50 %), which its policy allows",
    ),
    "an activity was given up": (
        run_body({}, [activity("cancelled")]),
        {},
        SUCCESS,
        "shows its activity 'Promotion Activity' with status 'cancelled'",
    ),
    "an activity has not ended": (
        run_body({}, [activity("inProgress")]),
        {},
        SUCCESS,
        "shows its activity 'Promotion Activity' with status 'inProgress'",
    ),
    # Records of activities
    "records failed in an activity": (
        run_body({}, [activity(**records(failed=5))]),
        {},
        FAILURE,
        "reports 'success' but dropped 5 of 1000 records (0.50 %); to allow that, pass "
        'policy={"max_failed_records": 5} or {"max_failed_percent": ...}',
    ),
    "records failed in an activity and may": (
        run_body({}, [activity(**records(failed=5))]),
        {"max_failed_percent": 1},
        SUCCESS,
        "dropped 5 of 1000 records (0.50 %), which its policy allows",
    ),
    "an activity dropped fewer records than the run": (
        run_body(records(input=10, output=7, failed=3), [activity(**records(failed=2))]),
        {},
        FAILURE,
        "dropped 3 of 10 records",
    ),
    # What is odd, and shows no loss
    "errors, and no record failed": (
        run_body({"statusSummary": {"errors": [ERROR, {"code": "X"}]}}),
        {},
        SUCCESS,
        "lists 2 errors and says that 0 records failed",
    ),
    "nothing out of a thousand records": (
        run_body(records(input=1000, output=0, failed=0)),
        {},
        SUCCESS,
        "wrote 0 of 1000 records and says that 0 failed",
    ),
    "nothing out of a thousand records that were skipped": (
        run_body(records(input=1000, output=0, failed=0, skipped=1000)),
        {},
        SUCCESS,
        "",
    ),
    "no file out of five": (run_body(files(input=5, output=0)), {}, SUCCESS, "read 5 files and wrote 0"),
    "no file out of five that were skipped": (run_body(files(input=5, output=0, skipped=5)), {}, SUCCESS, ""),
    "warnings": (
        run_body(records(input=1000, output=1000, failed=0, warning=50)),
        {},
        SUCCESS,
        "has warnings for 50 records",
    ),
    "warnings in an activity": (
        run_body({}, [activity(**records(warning=1))]),
        {},
        SUCCESS,
        "has warnings for 1 record",
    ),
    # Empty or not
    "no records, and a file failed": (
        run_body({**records(input=0), **files(input=1, failed=1)}),
        {},
        FAILURE,
        "lost 1 of 1 file",
    ),
    "no records, a file failed and may": (
        run_body({**records(input=0), **files(input=1, failed=1)}),
        {"max_failed_files": 1},
        SUCCESS,
        "lost 1 of 1 file, which its policy allows",
    ),
    "no records": (run_body(records(input=0, output=0, failed=0)), {}, EMPTY, "moved no records"),
    "records out of no file": (run_body({**records(output=5), **files(input=0)}), {}, SUCCESS, ""),
}

BATCHES = {
    "errors, and no record failed": (
        {
            "status": "success",
            "metrics": {"inputRecordCount": 5, "outputRecordCount": 5, "failedRecordCount": 0},
            "errors": [{"code": "INGEST-1212-400", "description": "Encountered 1 errors in the data."}],
        },
        {},
        SUCCESS,
        "lists 1 error and says that 0 records failed",
    ),
    "errors, and failed records are not counted": (
        {"status": "success", "errors": [{"code": "INGEST-1211-400"}]},
        {},
        FAILURE,
        f"reports 'success' with errors, and does not say how many records failed; {ANY_LOSS}",
    ),
    "errors of records that are not counted, and any loss may be": (
        {"status": "success", "errors": [{"code": "INGEST-1211-400"}]},
        {"max_failed_percent": 100},
        SUCCESS,
        "which its policy allows",
    ),
    "nothing out of five records": (
        {"status": "active", "metrics": {"inputRecordCount": 5, "outputRecordCount": 0, "failedRecordCount": 0}},
        {},
        SUCCESS,
        "wrote 0 of 5 records and says that 0 failed",
    ),
    "no file out of four": (
        {"status": "success", "metrics": {"inputFileCount": 4, "outputFileCount": 0, "inputRecordCount": 5}},
        {},
        SUCCESS,
        "read 4 files and wrote 0",
    ),
    "counts beside the metrics": (
        {"status": "success", "recordCount": 45, "failedRecordCount": 2, "metrics": {"failedRecordCount": 0}},
        {},
        FAILURE,
        "dropped 2 of 45 records",
    ),
}
