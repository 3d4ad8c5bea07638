"""A sandbox with something to tell: dataflows of two accounts, of which some are not well."""

from __future__ import annotations

from direct import direct_client
from many import add_runs, clone_flow
from provisioning import Provisioning

# Name -> its account, and how its last run went.
FLOWS = {
    "Salesforce accounts": ("Salesforce", "failed_copy"),
    "Salesforce contacts": ("Salesforce", "failed_copy"),
    "EU accounts": ("Salesforce EU", "success"),
    "EU contacts": ("Salesforce EU", "partial"),
    "EU leads": ("Salesforce EU", "success"),
}
DISABLED = "EU leads"


def fill(aep) -> dict[str, str]:
    """Make them in an emulator whose clock stands still, and let an hour pass. Returns their ids by name."""
    ids = {}
    for account in ("Salesforce", "Salesforce EU"):
        chain = Provisioning(direct_client(aep), name=account, frequency="hour").build()
        names = [name for name, (its_account, _) in FLOWS.items() if its_account == account]
        ids |= zip(names, [chain.flow, *clone_flow(aep, chain.flow, len(names) - 1)], strict=True)
        _rename(aep, "connections", chain.base_connection, account)
    for name, id_ in ids.items():
        _rename(aep, "flows", id_, name)
        outcome = FLOWS[name][1]
        details = {"failed_records": 3} if outcome == "partial" else {}
        aep.script_run(outcome, flow_id=id_, records=500, times=None, **details)
    add_runs(aep, *ids.values())
    aep.advance(3_600)
    with aep._platform.lock:
        aep._platform.sandboxes[aep.sandbox]["flows"][ids[DISABLED]]["state"] = "disabled"
    return ids


def _rename(aep, collection: str, id_: str, name: str) -> None:
    with aep._platform.lock:
        aep._platform.sandboxes[aep.sandbox][collection][id_]["name"] = name
