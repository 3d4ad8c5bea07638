"""A local Adobe Experience Platform over HTTP, written from Adobe's documentation.

It shares no code with the rest of the provider, so that a misread field name cannot agree with itself.
Importing this package is cheap: the server is imported when `AepEmulator` is first asked for.

Where is AEP's service X? In `services`, one module or folder each; `http/routes.py` is the table of contents:

- `ims.py`: Adobe IMS, which issues tokens.
- `flow_service/`: connections, explore, flows and flow runs; `specs/` holds the published specs as data, and those
  that are registered.
- `connectors.py`: the Data Landing Zone's credentials and the keys of encrypted files.
- `schema_registry/`: schemas, field groups, classes, data types, descriptors and unions.
- `catalog/`: datasets and batches.
- `data_prep.py`: mapping sets.
- `export.py`: the diagnostic files of a batch.
- `inlet.py`: the streaming inlets, which Adobe runs beside the platform.
- `sandboxes.py`: sandbox management.

The other folders serve all of them:

- `http/`: from a socket to an endpoint and back: server, routes and their guards, faults, error bodies, request log.
- `query/`: filters, pages and JSON Patch.
- `state/`: what the organisation holds, and its clock.
- `simulation/`: what happens by itself as time passes: scheduled runs, their reports, batches.

A request goes from `http/server.py` to `http/application.py`, through the guard of its route (`http/gateway.py`) to an
endpoint: a function of the platform, the request and the path's parameters that returns a `Response` or raises an
`AdobeError`. A new endpoint is such a function and a row in the route table; a new collection is a name in
`state/sandbox.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_aep.emulator.emulator import AepEmulator

__all__ = ["AepEmulator"]


def __getattr__(name: str) -> Any:
    if name == "AepEmulator":
        from airflow_provider_aep.emulator.emulator import AepEmulator

        return AepEmulator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
