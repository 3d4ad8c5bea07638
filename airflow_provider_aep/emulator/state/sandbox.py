"""One sandbox and everything in it. Nothing is shared between sandboxes."""

from __future__ import annotations

from dataclasses import dataclass, field

from airflow_provider_aep.emulator.state.json import Json

#: what `AepEmulator.state()` shows, by Adobe's own collection names
PUBLIC_COLLECTIONS = (
    "connections",
    "sourceConnections",
    "targetConnections",
    "flows",
    "runs",
    "dataSets",
    "schemas",
    "classes",
    "fieldgroups",
    "datatypes",
    "descriptors",
    "mappingSets",
    "batches",
)

#: what the emulator keeps besides: how each run will go, when each flow runs next, which state changes are due, every
#: version of each mapping set by its number, the encryption keys and the landing zone's credentials
PRIVATE_COLLECTIONS = (
    "plans",
    "timetables",
    "transitions",
    "mappingSetVersions",
    "encryptionKeys",
    "landingZoneCredentials",
)

Collection = dict[str, Json]


@dataclass
class Sandbox:
    name: str
    title: str
    id: str
    state: str = "active"
    type: str = "development"
    is_default: bool = False
    region: str = "VA7"
    collections: dict[str, Collection] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in PUBLIC_COLLECTIONS + PRIVATE_COLLECTIONS:
            self.collections.setdefault(name, {})

    def __getitem__(self, collection: str) -> Collection:
        return self.collections[collection]

    def clear(self) -> None:
        for collection in self.collections.values():
            collection.clear()

    def described(self) -> Json:
        """As sandbox management shows it."""
        return {
            "name": self.name,
            "title": self.title,
            "state": self.state,
            "type": self.type,
            "region": self.region,
            "isDefault": self.is_default,
            "eTag": 1,
            "createdDate": "2020-01-01 00:00:00",
            "createdBy": "emulator",
        }
