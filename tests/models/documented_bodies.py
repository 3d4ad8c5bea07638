"""Flow runs and batches as Adobe's pages show them, beyond those of tests/samples: what is read of each."""

RUNS = {
    # https://experienceleague.adobe.com/en/docs/experience-platform/sources/notifications, first version
    "notification_of_a_success_without_records": {
        "id": "1699fdb1-0f20-4323-99fd-b10f2033236b",
        "flowId": "ba33133d-86f3-4513-b313-3d86f3451392",
        "metrics": {
            "durationSummary": {"startedAtUTC": 1597095444636, "completedAtUTC": 1597095471861},
            "sizeSummary": {"inputBytes": 0, "outputBytes": 0},
            "fileSummary": {"inputFileCount": 1, "outputFileCount": 0},
            "statusSummary": {"status": "success"},
        },
        "activities": [
            {
                "id": "copyActivity",
                "sizeSummary": {"inputBytes": 0, "outputBytes": 0},
                "recordSummary": {},
                "fileSummary": {"inputFileCount": 1, "outputFileCount": 0},
                "statusSummary": {"status": "success", "extensions": {"type": "incremental"}},
            }
        ],
    },
    "notification_of_a_failure_with_counts": {
        "id": "1149044a-2536-4dca-8904-4a25364dca98",
        "flowId": "3a4a152c-ba1a-4f71-8a15-2cba1abf719e",
        "metrics": {
            "durationSummary": {"startedAtUTC": 1592689437, "completedAtUTC": 1592782069117},
            "sizeSummary": {"inputBytes": 223, "outputBytes": 2235},
            "recordSummary": {
                "inputRecordCount": 14,
                "outputRecordCount": 8,
                "skippedRecordCount": 0,
                "failedRecordCount": 0,
            },
            "fileSummary": {
                "inputFileCount": 1,
                "outputFileCount": 1,
                "skippedFileCount": 0,
                "failedFileCount": 0,
            },
            "statusSummary": {
                "status": "failed",
                "errors": [{"code": "CTOR-2001-500", "message": "Internal error in Promotion activity step"}],
                "extensions": {"errors": [{"code": "INGEST-1205-400", "description": "A field is not in the schema."}]},
            },
        },
    },
    # https://experienceleague.adobe.com/en/docs/experience-platform/dataflows/api/monitor
    "monitored_run_of_eleven_files": {
        "id": "65b7cfcc-6b2e-47c8-8194-13005b792752",
        "flowId": "f00c8762-df2f-432b-a7d7-38999fef5e8e",
        "metrics": {
            "durationSummary": {"startedAtUTC": 1607520205922, "completedAtUTC": 1607520262413},
            "sizeSummary": {"inputBytes": 87885, "outputBytes": 56730},
            "recordSummary": {"inputRecordCount": 26758, "outputRecordCount": 26758, "failedRecordCount": 0},
            "fileSummary": {"inputFileCount": 11, "outputFileCount": 11},
            "statusSummary": {"status": "success"},
        },
        "activities": [
            {
                "id": "4f008a00-3a04-11eb-adc1-0242ac120002",
                "name": "Copy Activity",
                "recordSummary": {"inputRecordCount": 26758, "outputRecordCount": 26758},
                "fileSummary": {"inputFileCount": 11, "outputFileCount": 11},
                "statusSummary": {"status": "success"},
            },
            {
                "id": "37b34f84-1ada-11eb-adc1-0242ac120002",
                "name": "Promotion Activity",
                "recordSummary": {"inputRecordCount": 26758, "outputRecordCount": 26758, "failedRecordCount": 0},
                "fileSummary": {"inputFileCount": 11, "outputFileCount": 2},
                "statusSummary": {"status": "success"},
            },
        ],
    },
    # https://developer.adobe.com/experience-platform-apis/references/flow-service/, the examples of a run's fields
    "example_of_the_flow_service_specification": {
        "id": "65aa5d5c-3c47-4dd0-9d83-4f1e5a2e3b7f",
        "flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
        "metrics": {
            "durationSummary": {"startedAtUTC": 1670444654036, "completedAtUTC": 1670444685455},
            "sizeSummary": {"inputBytes": 124, "outputBytes": 1884},
            "recordSummary": {
                "inputRecordCount": 2,
                "createdRecordCount": 2,
                "outputRecordCount": 2,
                "failedRecordCount": 0,
            },
            "fileSummary": {"inputFileCount": 1, "outputFileCount": 1},
            "statusSummary": {"status": "success"},
        },
        "activites": [
            {
                "id": "4f008a00-3a04-11eb-adc1-0242ac120002",
                "name": "Google Cloud Storage Copy Activity",
                "recordSummary": {},
                "fileSummary": {"inputFileCount": 1},
                "statusSummary": {"status": "success", "extensions": {}},
            }
        ],
    },
}
BATCHES = {
    # https://experienceleague.adobe.com/en/docs/experience-platform/ingestion/quality/error-diagnostics
    "batch_without_errors": {
        "id": "af838510-2233-11ea-acf0-f3edfcded2d2",
        "status": "success",
        "metrics": {
            "inputByteSize": 568,
            "inputFileCount": 4,
            "inputRecordCount": 519,
            "outputRecordCount": 497,
            "failedRecordCount": 0,
        },
    },
    "batch_with_errors": {
        "id": "01E8043CY305K2MTV5ANH9G1GC",
        "status": "success",
        "metrics": {
            "inputByteSize": 568,
            "inputFileCount": 4,
            "inputRecordCount": 519,
            "outputRecordCount": 514,
            "failedRecordCount": 5,
        },
        "errors": [
            {"code": "INGEST-1212-400", "description": "Encountered 5 errors in the data."},
            {"code": "INGEST-1401-400", "description": "Corrupted data.", "recordCount": 2},
            {"code": "INGEST-1555-400", "description": "A required field is missing.", "recordCount": 3},
        ],
    },
    # https://experienceleague.adobe.com/en/docs/experience-platform/ingestion/batch/troubleshooting
    "batch_in_staging": {"id": "{BATCH_ID}", "created": 1494349962314, "completed": 1494349963467, "status": "staging"},
    # https://experienceleague.adobe.com/en/docs/experience-platform/intelligent-services, download of scores
    "batch_of_scores": {
        "id": "01E5QSWCAASFQ054FNBKYV6TIQ",
        "status": "success",
        "metrics": {
            "outputByteSize": 2380339,
            "inputFileCount": -1,
            "inputByteSize": 2381007,
            "outputRecordCount": 24340,
            "outputFileCount": 1,
            "inputRecordCount": 24340,
        },
    },
}
