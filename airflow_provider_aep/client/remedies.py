"""What usually mends an error of the platform, by Adobe's code.

Two catalogues share numbers, so the whole code is the key; where they share that too, the title tells them apart.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/errors
"""

from __future__ import annotations

_PERMISSION = (
    "Add the API credential to a role that may use sources in this sandbox (Permissions > Roles > API credentials)."
)

_SANDBOX = "Check sandbox in the connection's extra, or the operator's sandbox argument: case matters."

# Gateway: six digits. Services: number and status, without the service's prefix.
_BY_CODE = {
    "403000": "Set the client id as login of the Airflow connection.",
    "403003": "The client id is not one of this environment's: check login of the Airflow connection.",
    "403010": "No token was sent: check login and password of the Airflow connection.",
    "401013": "The token was refused even after a new one was fetched: check login and password of the connection.",
    "400003": "Set ims_org_id in the extra of the Airflow connection.",
    "403025": "The credential is not one of this organisation: check ims_org_id in the connection's extra. If it is, "
    "it lacks a product profile of Experience Platform: add one in the Developer Console.",
    "403027": "ims_org_id does not look like an organisation: it ends in @AdobeOrg.",
    "2100-404": _SANDBOX,
    "2101-404": _SANDBOX,
    "2105-400": "Set sandbox in the extra of the Airflow connection.",
    "2118-403": _PERMISSION,
    "2120-403": _PERMISSION,
    "2121-403": _PERMISSION,
    "1307-400": "A target connection always has the data lake's connection spec.",
    "1317-400": 'Give the dataflow schedule_params, such as {"frequency": "once"}.',
    "1318-400": "Compare what the message names with what the connection spec or flow spec takes.",
    "1325-400": "Check dataset_id: the dataset must exist in this sandbox.",
    "1327-400": "Choose a data_format of the source connection that the message lists.",
    "1330-400": "Check the name of the table, or the path of the file: a folder is explored with object_type='folder'.",
    "1331-400": "Choose a columnDelimiter of one character.",
    "1332-400": "Leave base_connection_id out: a Data Landing Zone has none.",
    "1336-400": "This source cannot be explored: a streaming source shows its data only when they come.",
    "1358-400": "Say object_type: 'rest' for a self-serve source; 'file' or 'folder' for files; 'table' for tables.",
    "1360-400": "Choose a start_time in the future, or leave it out to begin in five minutes.",
    "1362-400": "Choose a larger interval: 15 for minute, 1 for hour, day and week.",
    "1366-400": "A start time that has passed cannot be changed: create a new dataflow.",
    "1367-400": "Give the dataflow a delta_column.",
    "1369-400": "Leave delta_column out: a dataflow that runs once has none, its runs name it.",
    "1370-400": "Give the dataflow a mapping_set_id.",
    "1371-400": "Say how the file is to be read: options={'fileType': ..., 'columnDelimiter': ...}.",
    "1375-400": "Say how the file is to be read: options={'fileType': ..., 'columnDelimiter': ...}.",
    "1376-400": "Say how the file is to be read: options={'fileType': ..., 'columnDelimiter': ...}.",
    "1381-400": "Choose a window_end after window_start.",
    "1382-400": "Use the delta_column of the dataflow's first run: it cannot be changed.",
    "1383-400": "Give the first run of a table dataflow a delta_column.",
    "1384-400": "Give the run a window.",
    "1385-400": "This source cannot be run on demand: give the dataflow a schedule.",
    "1386-400": 'Only a dataflow with schedule_params={"frequency": "once"} can be run on demand.',
    "1387-400": "Only a failed run, or one that moved no records, can be run again.",
    "1388-400": "Enable the dataflow first (AepSetFlowStateOperator).",
    "1399-400": "Say options={'fileType': ...}: delimited, json or parquet.",
    # The sources' catalogue means the frequency; Flow Service, with the title "Header is missing", the If-Match.
    "1403-400 Bad Request": "A live dataflow cannot become one that runs once: create a new one.",
    "1404-412": "Somebody else changed the resource in the meantime.",
    "1409-400": "The dataflow is in a state that does not allow this: look at it in the UI.",
    "1412-400": "Check mapping_set_version: it must exist.",
    "1413-400": "Check the connector and the flow spec: the platform does not know that spec id.",
    "1415-400": "Check auth_spec_name: the connection spec lists the names it knows.",
    "1418-400": "Delete the dataflows that use this base connection first.",
    "1419-400": "Check the mappings against the schema, and the credential's access to the mapped fields.",
    "1425-400": "The mapping set and the target dataset must have the same schema, in the same version.",
    "1427-400": "This credential may not create runs: ask Adobe, or give the dataflow a schedule.",
    "1447-400": "Delete the dataflows that use it first.",
    "2200-500": "Catalog could not be reached by Flow Service; this passes.",
    "2250-500": "Data Prep could not be reached by Flow Service; this passes.",
    "1521-400": "Titles are unique among schemas, field groups and data types: choose another title.",
    "1528-400": "A schema for Profile needs a primary identity.",
}

_BY_STATUS = {
    401: "Check the client id and secret of the Airflow connection.",
    403: _PERMISSION,
    404: "It may be gone, be in another sandbox, or carry a label that this credential may not see.",
    409: "If the name is taken, choose another: what replaces something, or stands beside it, needs one of its own.",
    412: "Somebody else changed the resource in the meantime.",
    429: "The organisation makes too many calls at the moment; this passes.",
}

_SEE_ROWS = ", and see the rejected rows in the task log"

# What the codes within a failed run mean, and who can mend it.
RUN_CODES = {
    "CONNECTOR-1001": "The source could not be read: test its credentials and that the table or path still exists.",
    "CONNECTOR-2001": f"Rows did not fit: compare the mapping set with the schema{_SEE_ROWS}.",
    "CONNECTOR-3001": "The batch could not be created: check the target dataset and the ingestion limits.",
    "INGEST-1211": "Rows were dropped without diagnostics: set options={'errorDiagnosticsEnabled': True}.",
    "INGEST-1212": "Rows were dropped: see the diagnostics.",
    "INGEST-1401": "Rows could not be parsed: check format, delimiter and encoding of the source.",
    "INGEST-1555": "A required field is missing or null: map it, or filter those rows at the source.",
    "MAPPER-3700": "A mapping could not be applied: check its expression against the data.",
    "106": "The source file is empty.",
    "118": "The header of the delimited file is empty.",
    "133": "No files were uploaded for the batch: the source had none in this window.",
}


def remedy(code: str, status: int, title: str = "") -> str:
    """What usually mends an error of the platform, or an empty string. A code wins over its status."""
    number = code.partition("-")[2] if code[:1].isalpha() else code
    return _BY_CODE.get(f"{number} {title}") or _BY_CODE.get(number) or _BY_STATUS.get(status, "")


def run_remedy(code: str | None, *, rows_logged: bool = True) -> str:
    """What usually mends an error of a flow run, or an empty string.

    :param rows_logged: whether there are rejected rows in the task log to look at.
    """
    text = code or ""
    advice = RUN_CODES.get(text) or RUN_CODES.get(text.rsplit("-", 1)[0], "")
    return advice if rows_logged else advice.replace(_SEE_ROWS, "")
