"""Real Airflow and the local AEP are those of the crash points."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "crash"))
