"""Everything the emulated organisation is: its sandboxes, clock, tokens, request log and planned faults."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import deque
from pathlib import Path

from airflow_provider_aep.emulator.http.faults import Faults
from airflow_provider_aep.emulator.http.request_log import RequestRecord
from airflow_provider_aep.emulator.services.specs.registry import Specs
from airflow_provider_aep.emulator.simulation.outcomes import Script
from airflow_provider_aep.emulator.state.clock import Clock
from airflow_provider_aep.emulator.state.identifiers import Identifiers
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.sandbox import PUBLIC_COLLECTIONS, Sandbox
from airflow_provider_aep.emulator.switches import Switches

LOG_LENGTH = 20_000
SAVE_INTERVAL_S = 0.5


def _sandboxes() -> dict[str, Sandbox]:
    return {
        "prod": Sandbox("prod", "Prod", "1bd86660-c5da-11e9-93d4-6d5fc3a66a8e", "active", "production", True),
        "dev": Sandbox("dev", "Development", "2d14e2a0-c5da-11e9-93d4-6d5fc3a66a8e"),
        "resetting": Sandbox("resetting", "Resetting", "3f5ab1c0-c5da-11e9-93d4-6d5fc3a66a8e", "resetting"),
    }


def _number_mapping_sets(sandbox: Sandbox) -> None:
    """An older state file has only the latest version of each mapping set."""
    for mapping_set_id, mapping_set in sandbox["mappingSets"].items():
        sandbox["mappingSetVersions"].setdefault(mapping_set_id, {str(mapping_set["version"]): mapping_set})


class Platform:
    """One lock guards all of it: requests are answered on the server's thread, tests look in from theirs."""

    def __init__(
        self,
        switches: Switches,
        *,
        speed: float = 1.0,
        auto_advance: float = 0.0,
        seed: int = 0,
        state_file: str | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.switches = switches
        self.auto_advance = auto_advance
        self.identifiers = Identifiers(seed)
        self.sandboxes = _sandboxes()
        self.specs = Specs()
        #: the names it may be called by besides those of this machine
        self.allowed_hosts: set[str] = set()
        self.tokens: dict[str, Json] = {}
        self.token_requests = 0
        self.scripts: list[Script] = []
        self.faults = Faults()
        self.requests: deque[RequestRecord] = deque(maxlen=LOG_LENGTH)
        #: when the next run, batch or state change is due; nothing is recomputed before
        self.next_event_at = 0.0
        self._state_file = Path(state_file) if state_file else None
        self._saved_at = 0.0
        self.clock = Clock(speed, self._load())

    def now(self) -> float:
        return self.clock.now()

    def live_token(self, text: str) -> Json | None:
        token = self.tokens.get(text)
        return token if token is not None and token["expiresAt"] > self.now() else None

    def audit(self, client_id: str) -> Json:
        """The audit fields of a new object."""
        now_ms = self.clock.now_ms()
        return {
            "createdAt": now_ms,
            "updatedAt": now_ms,
            "createdBy": f"{client_id}@techacct.adobe.com",
            "updatedBy": f"{client_id}@techacct.adobe.com",
            "createdClient": client_id,
            "updatedClient": client_id,
            "imsOrgId": self.switches.org_id,
        }

    def etag(self) -> str:
        return self.identifiers.etag(self.now())

    def state(self, sandbox: str | None = None) -> dict[str, dict[str, Json]]:
        chosen = [self.sandboxes[sandbox]] if sandbox else list(self.sandboxes.values())
        merged: dict[str, dict[str, Json]] = {name: {} for name in PUBLIC_COLLECTIONS}
        for each in chosen:
            for name in PUBLIC_COLLECTIONS:
                merged[name].update(each[name])
        copied: dict[str, dict[str, Json]] = json.loads(json.dumps(merged))
        return copied

    def reset(self) -> None:
        for sandbox in self.sandboxes.values():
            sandbox.clear()
        self.tokens.clear()
        self.token_requests = 0
        self.scripts.clear()
        self.faults.clear()
        self.requests.clear()
        self.next_event_at = 0.0

    def save(self, *, soon: bool = False) -> None:
        """Write the state file, or with `soon` only if the last write is a while ago."""
        if self._state_file is None or (soon and time.monotonic() - self._saved_at < SAVE_INTERVAL_S):
            return
        content = {
            "savedAt": self.now(),
            "specs": self.specs.registered(),
            "sandboxes": {name: sandbox.collections for name, sandbox in self.sandboxes.items()},
        }
        partial = self._state_file.with_name(f"{self._state_file.name}.{os.getpid()}.partial")
        partial.write_text(json.dumps(content))
        partial.replace(self._state_file)
        self._saved_at = time.monotonic()

    def _load(self) -> float | None:
        if self._state_file is None or not self._state_file.exists():
            return None
        content = json.loads(self._state_file.read_text())
        for name, collections in content["sandboxes"].items():
            self.sandboxes[name].collections.update(collections)
            _number_mapping_sets(self.sandboxes[name])
        self.specs.restore(content.get("specs", {"connectionSpecs": {}, "flowSpecs": {}}))
        return float(content["savedAt"])
