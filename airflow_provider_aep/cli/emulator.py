"""``airflow-aep emulator``: start a local Experience Platform and serve until interrupted."""

from __future__ import annotations

from argparse import Namespace
from math import inf

from airflow_provider_aep.exceptions import AepConfigError


def run(args: Namespace) -> None:
    """Serve until interrupted.

    :raises AepConfigError: a value is of no use, or the port or a file cannot be used.
    """
    if not 0 <= args.port <= 65535:
        raise AepConfigError(f"--port must be between 0 (any free port) and 65535, not {args.port}.")
    for option, value in (("--speed", args.speed), ("--auto-advance", args.auto_advance)):
        if not 0 <= value < inf:  # the emulated clock never goes back
            raise AepConfigError(f"{option} must be a number from 0 up, not {value}.")
    # The only imports of the emulator in the package: a command that does not start it does not load it.
    from airflow_provider_aep.emulator.profile import read_profile
    from airflow_provider_aep.emulator.serve import serve

    try:
        profile = read_profile(args.profile) if args.profile else None
    except (OSError, ValueError) as error:
        raise AepConfigError(f"--profile must name a file that doctor --probe --out wrote: {error}.") from error
    more = {"profile": profile, "spec_files": args.spec, "host": args.host, "allowed_hosts": args.allow_host}
    try:
        serve(
            port=args.port,
            connection_file=args.connection_file,
            state_file=args.state_file,
            speed=args.speed,
            auto_advance=args.auto_advance,
            **{name: value for name, value in more.items() if value is not None},
        )
    except ValueError as error:
        raise AepConfigError(f"--spec must name a JSON file of connection specs or flow specs: {error}.") from error
    except OSError as error:
        raise AepConfigError(f"The emulator cannot start on port {args.port}: {error}.") from error
