"""The image and the compose file of docker/, as far as they can be checked where no Docker runs."""

import json
import shlex
from pathlib import Path

import pytest
import yaml
from docs_pages import block

from airflow_provider_aep.cli.main import main
from airflow_provider_aep.emulator import AepEmulator

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]


def instructions():
    lines = (ROOT / "docker" / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    return [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]


def test_the_compose_file_names_files_that_are_there():
    for service in SERVICES.values():
        context = (ROOT / "docker" / service["build"]["context"]).resolve()
        assert (context / service["build"]["dockerfile"]).is_file()
        for volume in service.get("volumes", ()):
            assert (ROOT / "docker" / volume.split(":")[0]).is_dir()


def test_the_emulator_takes_its_command_line(mocker):
    serve = mocker.patch("airflow_provider_aep.emulator.serve.serve")
    program, *arguments = [*SERVICES["aep"]["entrypoint"], *SERVICES["aep"]["command"]]
    assert program == "airflow-aep"
    assert not main(arguments)
    assert serve.call_args.kwargs["host"] == "0.0.0.0"
    assert serve.call_args.kwargs["port"] == 8099


def test_the_connection_is_the_one_of_the_emulator():
    connection = json.loads(SERVICES["airflow"]["environment"]["AIRFLOW_CONN_AEP_DEFAULT"])
    own = json.loads(AepEmulator().connection_json())
    assert connection["extra"].pop("allow_http") is True
    assert (connection.pop("host"), connection["extra"].pop("ims_url")) == ("http://aep:8099",) * 2
    del own["host"], own["extra"]["ims_url"]
    assert connection == own


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_reachable_from_other_machines(service):
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[service]["ports"])


def test_the_image_is_made_of_what_is_there():
    known = {"ARG", "FROM", "COPY", "RUN"}
    assert {name for name, _ in instructions()} <= known
    (run,) = [rest for name, rest in instructions() if name == "RUN"]
    words = shlex.split(run)
    assert words[:2] == ["pip", "install"]
    constraints = words[words.index("--constraint") + 1]
    assert (ROOT / Path(constraints).name).is_file()
    ignored = (ROOT / "docker" / "Dockerfile.dockerignore").read_text().split()
    assert ignored[0] == "*"
    assert [name for name in ignored[1:] if not (ROOT / name.removeprefix("!")).exists()] == []


def test_the_image_has_an_airflow_that_is_tested():
    (version,) = [rest.partition("=")[2] for name, rest in instructions() if name == "ARG"]
    assert f"apache-airflow=={version}\n" in (ROOT / "constraints.txt").read_text()


def test_an_image_of_ones_own_begins_with_the_same_one():
    (base,) = [rest for name, rest in instructions() if name == "FROM"]
    (version,) = [rest.partition("=")[2] for name, rest in instructions() if name == "ARG"]
    assert block("deployment.md", "COPY dist").first_line == f"FROM {base.replace('${AIRFLOW_VERSION}', version)}"
