"""Many dataflows on an emulated platform, copied from one: making each over HTTP would take its time."""

from __future__ import annotations

import json
import uuid

COLLECTIONS = (
    "connections",
    "sourceConnections",
    "targetConnections",
    "flows",
    "dataSets",
    "schemas",
    "mappingSets",
    "mappingSetVersions",
)


def copy_dataflows(aep, name, names):
    """Copy all that there is, with ids of its own, once for each of these names.

    :param name: what the names of the one dataflow and of all its parts contain.
    """
    with aep._platform.lock:
        sandbox = aep._platform.sandboxes[aep.sandbox]
        one = {collection: json.dumps(sandbox[collection]) for collection in COLLECTIONS}
        ids = [id_.rpartition("/")[2] for collection in COLLECTIONS for id_ in sandbox[collection]]
        for new in names:
            renamed = {id_: _another(id_) for id_ in ids}
            for collection, text in one.items():
                for old, other in {**renamed, name: new, "airflow-": f"airflow-{new}-"}.items():
                    text = text.replace(old, other)
                sandbox[collection].update(json.loads(text))


def _another(id_):
    """An id of the same shape: a UUID, or so many hexadecimal digits."""
    digits = uuid.uuid4().hex + uuid.uuid4().hex
    return str(uuid.uuid4()) if "-" in id_ else digits[: len(id_)]
