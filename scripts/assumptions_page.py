"""Prints docs/assumptions.md, made from the table of assumptions: `python scripts/assumptions_page.py > FILE`."""

from __future__ import annotations

import json

from airflow_provider_aep.probe.assumptions import ASSUMPTIONS, Assumption

HEAD = """# What is assumed about the platform

This package is made from Adobe's documentation, which leaves some things open. What it assumes there stands on this
page, and what happens if it is not so: something costs more requests, or a setting has to say so. Nobody has proven
these assumptions on Adobe's own platform yet, and a user can:

```console
$ airflow-aep doctor --probe --out profile.json
```

only reads. With `--write`, in a development sandbox and after a yes, it also makes nine or ten drafts of base
connections, a schema and a dataset, all called `airflow-aep-probe ...`, and removes them again; what a probe that was
killed left behind is removed by the next one. It removes nothing that has not both this name and the description
`Made by airflow-aep doctor ...`. What the platform does not let go is named at the end. No mapping set is made, as none
can be deleted. Two probes must not write in one sandbox at the same time.

A service that the credential may not use does not end the others' probes; without the sandbox nothing is probed.

`profile.json` holds the answers below and no names, ids or secrets. The emulator does as a profile says:
`airflow-aep emulator --profile profile.json`, or `AepEmulator(profile=...)`; so do the tests of this package with
`pytest --aep-profile profile.json`. `null` is what could not be found out, mostly because the sandbox holds too little
to find it out with. In a sandbox with dataflows of two accounts, their runs, and a mapping set that has been edited,
all of it can be. What takes `--write` is marked so.

This page is made from the table in `airflow_provider_aep/probe/assumptions.py`.
"""


def page() -> str:
    """The page as MyST Markdown."""
    return "\n".join([HEAD, *(_section(one) for one in ASSUMPTIONS)])


def _section(one: Assumption) -> str:
    writes = " (`--write`)" if one.probe is None else ""
    return (
        f"## {one.id}\n\n"
        f"{one.claim}: `{json.dumps(one.assumed)}`{writes}.\n\n"
        f"- Matters for: {one.matters[0].lower() + one.matters[1:]}.\n"
        f"- If so: {one.if_so}.\n"
        f"- Otherwise: {one.otherwise}.\n"
    )


if __name__ == "__main__":
    print(page(), end="")
