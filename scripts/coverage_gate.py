"""Fail if the named parts of the package are covered too little, or if one of the names matches no file.

Usage: coverage_gate.py PERCENT PATTERN ...   (each below the package, such as ``client/*``)
"""

import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "airflow_provider_aep"


def main(percent: str, *patterns: str) -> int:
    missing = [pattern for pattern in patterns if not any(PACKAGE.glob(pattern))]
    if missing:
        print(f"The coverage gate names files that are not there: {', '.join(missing)}")
        return 1
    include = ",".join(f"{PACKAGE.name}/{pattern}" for pattern in patterns)
    report = [
        sys.executable,
        "-m",
        "coverage",
        "report",
        f"--include={include}",
        f"--fail-under={percent}",
        "--precision=2",
    ]
    return subprocess.run(report, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
