"""`AepEmulator`: a running emulator, seen from the test that started it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from airflow_provider_aep.emulator.connection import DEFAULT_SANDBOX, airflow_connection, airflow_uri
from airflow_provider_aep.emulator.dataflow import Dataflow, DataflowBuilder
from airflow_provider_aep.emulator.http.application import Application
from airflow_provider_aep.emulator.http.faults import Chaos, Fault
from airflow_provider_aep.emulator.http.request_log import RequestRecord
from airflow_provider_aep.emulator.http.server import Server
from airflow_provider_aep.emulator.profile import switches_of
from airflow_provider_aep.emulator.simulation.outcomes import Script
from airflow_provider_aep.emulator.simulation.timetable import advance_to_now
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.switches import Switches

#: an address that stands for all -> one that can be called
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class AepEmulator:
    """A local AEP (platform and IMS on one host). Use it as a context manager, or call start and stop.

    Times are epoch seconds on the emulator's clock: real time * `speed`, plus every `advance`. With
    `auto_advance`, each GET of runs or batches moves it by that many seconds, so that waiting needs no sleep.
    `host` is the address to listen on; `allowed_hosts` are the names with a dot by which clients reach it there.
    `specs` are connection specs and flow specs beside the published ones, as `register_spec` takes them.
    `profile` is what `airflow-aep doctor --probe` found out about a real platform: the emulator does likewise.
    `switches` are the fields of `switches.Switches`, which win over the profile's; they may also be changed later, as
    `aep.switches.NAME`.
    """

    sandbox = DEFAULT_SANDBOX

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        state_file: str | None = None,
        speed: float = 1.0,
        auto_advance: float = 0.0,
        seed: int = 0,
        specs: Iterable[Json] = (),
        allowed_hosts: Iterable[str] = (),
        profile: Json | None = None,
        **switches: Any,
    ) -> None:
        self.switches = Switches(**(switches_of(profile) if profile else {}) | switches)
        self._platform = Platform(
            self.switches, speed=speed, auto_advance=auto_advance, seed=seed, state_file=state_file
        )
        self._platform.allowed_hosts.update(allowed_hosts)
        for spec in specs:
            self.register_spec(spec)
        self._server = Server(Application(self._platform), host, port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        """Release the port and, if there is a state file, save."""
        self._server.stop()
        self._platform.save()

    @property
    def url(self) -> str:
        """An address that it listens on; behind 0.0.0.0 that of this machine."""
        host = LOOPBACK.get(self._server.host, self._server.host)
        return f"http://[{host}]:{self._server.port}" if ":" in host else f"http://{host}:{self._server.port}"

    @property
    def client_id(self) -> str:
        return self.switches.client_id

    @property
    def client_secret(self) -> str:
        return self.switches.client_secret

    @property
    def org_id(self) -> str:
        return self.switches.org_id

    def connection_json(self) -> str:
        return json.dumps(airflow_connection(self._platform, self.url))

    def connection_uri(self) -> str:
        return airflow_uri(self._platform, self.url)

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests so far, without those to the emulator's own routes."""
        with self._platform.lock:
            return list(self._platform.requests)

    @property
    def unknown_routes(self) -> list[RequestRecord]:
        return [record for record in self.requests if not record.known_route]

    @property
    def token_requests(self) -> int:
        return self._platform.token_requests

    def now(self) -> float:
        return self._platform.now()

    @property
    def auto_advance(self) -> float:
        """Seconds by which each GET of runs or batches moves the clock; set it to 0 to hold the clock."""
        return self._platform.auto_advance

    @auto_advance.setter
    def auto_advance(self, seconds: float) -> None:
        self._platform.auto_advance = seconds

    def advance(self, seconds: float) -> None:
        """Move the clock; runs progress, schedules come due.

        :raises ValueError: `seconds` is negative, or leads beyond the year 9000.
        """
        with self._platform.lock:
            self._platform.clock.advance(seconds)
            advance_to_now(self._platform)

    def state(self, sandbox: str | None = None) -> dict[str, dict[str, Json]]:
        """A copy of every object, by collection and id: of one sandbox, or of all."""
        with self._platform.lock:
            advance_to_now(self._platform)
            return self._platform.state(sandbox)

    def dataflow(
        self,
        connector: str = "salesforce",
        *,
        name: str | None = None,
        frequency: str = "once",
        interval: int | None = None,
        sandbox: str = DEFAULT_SANDBOX,
    ) -> Dataflow:
        """Make a dataflow with all its connections, schema, dataset and mapping set; no request is logged.

        :param connector: the source by its name or the id of its connection spec.
        :param name: the name of the dataflow, its schema and its dataset; by default made from the connector's.
        :param frequency: `once` for a dataflow that is run on demand, `minute`, `hour`, `day` or `week` for one that
            first runs five minutes from now. Streams have no schedule.
        :raises ValueError: there is no such source, or the platform takes no such dataflow, as of a name that is taken.
        """
        with self._platform.lock:
            place = self._platform.sandboxes[sandbox]
            name = name or f"{connector} to AEP"
            return DataflowBuilder(self._platform, place, connector, name, frequency, interval).build()

    def fault(
        self,
        method: str = "*",
        path: str = "*",
        *,
        kind: str,
        nth: int = 1,
        times: int | None = 1,
        status: int | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        retry_after: str | int | None = None,
        delay: float = 0.0,
    ) -> None:
        """Plan a fault for requests whose path ends in `path` (an fnmatch pattern); see `http.faults.Fault`."""
        planned = Fault(kind, method, path, nth, times, status, body, headers or {}, retry_after, delay)
        with self._platform.lock:
            self._platform.faults.plan(planned)

    def chaos(self, rate: float = 0.2, seed: int = 1, kinds: list[str] | None = None) -> None:
        """Hit each request with that probability, by a repeatable random sequence; a rate of 0 ends it."""
        with self._platform.lock:
            self._platform.faults.set_chaos(Chaos(rate, seed, kinds))

    def clear_faults(self) -> None:
        with self._platform.lock:
            self._platform.faults.clear()

    def script_run(
        self,
        outcome: str = "success",
        *,
        flow_id: str | None = None,
        flow_name: str | None = None,
        records: int | None = None,
        duration: float = 60,
        times: int | None = 1,
        **details: Any,
    ) -> None:
        """Say how the next run or runs go; see `simulation.outcomes.Script`."""
        script = Script(outcome, flow_id, flow_name, records, duration, times, details)
        with self._platform.lock:
            self._platform.scripts.append(script)

    @property
    def unused(self) -> list[str]:
        """A sentence for each script that no run has used, and each planned fault that no request has met."""
        with self._platform.lock:
            scripts = [f"no run used the scripted outcome {s.describe()}" for s in self._platform.scripts if not s.used]
            faults = [
                f"no request met the fault {f.describe()}" for f in self._platform.faults.planned if f.seen < f.nth
            ]
            return scripts + faults

    def register_spec(self, spec: Json) -> str:
        """Add the connection spec or flow spec of a source of one's own, and return its id.

        It is what Adobe shows (an item of GET /connectionSpecs or /flowSpecs) or what its author posts. A source that
        no flow spec takes joins the published flow spec of its family: tables, files, REST or streaming.

        :raises ValueError: `spec` is none.
        """
        with self._platform.lock:
            return str(self._platform.specs.register(spec, self._platform.identifiers.uuid())["id"])

    def clear_scripts(self) -> None:
        with self._platform.lock:
            self._platform.scripts.clear()

    def revoke_tokens(self) -> None:
        """Every token issued so far is refused from now on (401013)."""
        with self._platform.lock:
            self._platform.tokens.clear()

    def reset(self) -> None:
        """Forget every object, token, request, script and fault. Clock, specs and switches stay."""
        with self._platform.lock:
            self._platform.reset()
