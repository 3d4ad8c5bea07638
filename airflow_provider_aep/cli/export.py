"""``airflow-aep export``: live dataflows as files that plan nothing."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from airflow_provider_aep.cli.connection import connect
from airflow_provider_aep.cli.terminal import print_json, print_text, printable, progress
from airflow_provider_aep.dataflow.export import Exported, export_flows, file_names
from airflow_provider_aep.dataflow.live import find_flow
from airflow_provider_aep.exceptions import AepConfigError


def run(args: Namespace) -> int:
    """Write each dataflow into a file of its own, or print them all. Returns 1 if one of them cannot be exported.

    :raises AepConfigError: neither names nor ``--all`` are given, or a file of that name is there already.
    :raises AepConflictError: there is no dataflow of a name, or more than one.
    """
    if bool(args.names) == args.all:
        raise AepConfigError("export takes the names or ids of dataflows, or --all instead of them.")
    with progress("Reading dataflows") as advance:
        client = connect(args, on_exchange=lambda *exchange: advance())
        flow_ids = None if args.all else [find_flow(client.send, name) for name in args.names]
        export = export_flows(client.send, flow_ids, now=client.now, ids=args.ids)
    if args.out is not None:
        for path in _written(Path(args.out), export.exported):
            print_text(path)
    elif args.json:
        print_json([one.document for one in export.exported])
    else:
        print("---\n".join(one.to_yaml() for one in export.exported), end="")
    for problem in export.problems.values():
        print(f"airflow-aep: {printable(problem)}", file=sys.stderr)
    return 1 if export.problems else 0


def _written(folder: Path, exported: Iterable[Exported]) -> list[Path]:
    """The files that were written.

    :raises AepConfigError: one of them is there already: somebody may have edited it, so nothing is written.
    """
    files = {folder / name: one for name, one in file_names(exported)}
    there = [str(path) for path in files if path.exists()]
    if there:
        raise AepConfigError(f"Nothing is written, because it is there already: {', '.join(there)}. Move or delete it.")
    folder.mkdir(parents=True, exist_ok=True)
    for path, one in files.items():
        path.write_text(one.to_yaml(), encoding="utf-8")
    return [*files]
