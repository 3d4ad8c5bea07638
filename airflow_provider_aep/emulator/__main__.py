"""`python -m airflow_provider_aep.emulator`: the emulator without the rest of the provider's command line."""

from __future__ import annotations

import argparse

from airflow_provider_aep.emulator.profile import read_profile
from airflow_provider_aep.emulator.serve import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m airflow_provider_aep.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free port")
    parser.add_argument("--connection-file", help="write the Airflow connection (JSON) here instead of printing it")
    parser.add_argument("--state-file", help="keep the platform's state here between runs")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the emulator's clock runs")
    parser.add_argument(
        "--auto-advance",
        type=float,
        default=0.0,
        help="seconds the clock moves at each look at runs or batches",
    )
    parser.add_argument(
        "--spec",
        dest="spec_files",
        metavar="FILE",
        action="append",
        default=[],
        help="a JSON file of connection specs or flow specs beside the published ones; may be repeated",
    )
    parser.add_argument("--profile", type=read_profile, metavar="FILE", help="behave as this platform was found to do")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; 0.0.0.0 for containers")
    parser.add_argument(
        "--allow-host",
        dest="allowed_hosts",
        metavar="NAME",
        action="append",
        default=[],
        help="a name with a dot by which clients reach it; may be repeated",
    )
    serve(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
