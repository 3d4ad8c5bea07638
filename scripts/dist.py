"""Build the distributions, check them, and run the demo from the wheel in an environment of its own. Publishes nothing.

Usage: python scripts/dist.py CONSTRAINTS VENV DIST   (run by a Python that has `build` and `twine`)
"""

import email
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "airflow_provider_aep"
# What the wheel holds beside the package, and where it comes from.
MOVED = {"example_dags/": f"{PACKAGE}/example_dags/"}
# What nobody may miss, whatever else changes.
MUST = (
    *("py.typed", "dataflow/dataflow.schema.json", "plugins/static/page.js", "plugins/static/page.css"),
    "example_dags/example_crm_dataflow.py",
)
IN_SDIST = ("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile", "constraints.txt")
ENTRY_POINTS = ("[apache_airflow_provider]", "[airflow.plugins]", "[console_scripts]", "[pytest11]")


def main(constraints, venv, dist):
    shutil.rmtree(dist, ignore_errors=True)
    run(sys.executable, "-m", "build", "--outdir", dist, ROOT)
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    problems = [*problems_of_wheel(wheel), *problems_of_sdist(sdist)]
    if problems:
        print(*problems, sep="\n")
        return 1
    print(f"{wheel.name} and {sdist.name} hold what they should.", flush=True)
    run_demo_from(wheel, constraints, venv)
    return 0


def tracked(*folders):
    """The files that git knows there."""
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.split("\n")[:-1]


def problems_of_wheel(path):
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        (info,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
        metadata = email.message_from_bytes(wheel.read(f"{info}/METADATA"))
        entry_points = wheel.read(f"{info}/entry_points.txt").decode()
    wanted = {f"{PACKAGE}/{name}" for name in MUST} | {in_wheel(name) for name in tracked(PACKAGE, *MOVED)}
    yield from (f"{path.name} lacks {name}" for name in sorted(wanted - names))
    others = {name for name in names if not name.startswith((f"{PACKAGE}/", f"{info}/"))}
    yield from (f"{path.name} holds {name}, which is not of the package" for name in sorted(others))
    yield from (f"{path.name} has no {group}" for group in ENTRY_POINTS if group not in entry_points)
    if f"{info}/licenses/LICENSE" not in names:
        yield f"{path.name} has no licence"
    if metadata["Description-Content-Type"] != "text/markdown" or not metadata.get_payload().strip():
        yield f"{path.name} has no README"


def in_wheel(name):
    return next((name.replace(old, new, 1) for old, new in MOVED.items() if name.startswith(old)), name)


def problems_of_sdist(path):
    with tarfile.open(path) as sdist:
        names = {name.split("/", 1)[-1] for name in sdist.getnames()}
    wanted = {*IN_SDIST, *tracked(PACKAGE, *MOVED, "tests", "docs")}
    yield from (f"{path.name} lacks {name}" for name in sorted(wanted - names))


def run_demo_from(wheel, constraints, venv):
    """Where no file of the repository is in reach, but the demo's script and what the wheel brought."""
    run(sys.executable, "-m", "venv", "--clear", venv)
    python = venv / "bin" / "python"
    print(f"Installing {wheel.name} into {venv.name} ...", flush=True)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--quiet")
    run(*pip, "--constraint", constraints, wheel)
    with tempfile.TemporaryDirectory(prefix="aep-dist-") as temporary:
        folder = Path(temporary)
        where = f"import importlib.util as i; print(i.find_spec({PACKAGE!r}).submodule_search_locations[0])"
        found = subprocess.run([python, "-c", where], cwd=folder, capture_output=True, text=True, check=True)
        installed = Path(found.stdout.strip())
        assert installed.is_relative_to(venv), f"{installed} is not what was installed into {venv}"
        shutil.copytree(installed / "example_dags", folder / "example_dags")
        shutil.copytree(ROOT / "scripts", folder / "scripts")
        run(python, "scripts/demo.py", "demo", cwd=folder)
        run(venv / "bin" / "airflow-aep", "--help", cwd=folder, stdout=subprocess.DEVNULL)


def run(*command, **how):
    done = subprocess.run(command, check=False, **how)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}.")


if __name__ == "__main__":
    sys.exit(main(*(Path(argument).resolve() for argument in sys.argv[1:])))
