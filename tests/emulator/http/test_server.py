"""Ports, connections and threads."""

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from pytest_mock import MockerFixture

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller, base_connection_body


def ended(connection: socket.socket) -> bool:
    """Whether the other side closed it, politely or not."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_it_releases_its_port_although_a_connection_is_open() -> None:
    with AepEmulator() as aep:
        port = int(aep.url.rpartition(":")[2])
        kept_open = socket.create_connection(("127.0.0.1", port), timeout=5)
    with kept_open:
        assert ended(kept_open)
    with AepEmulator(port) as again:
        assert again.url == f"http://127.0.0.1:{port}"


def test_many_callers_at_once(aep: AepEmulator, api: Caller) -> None:
    flow_id = api.once_flow()
    headers = dict(api.session.headers)

    def work(number: int) -> int:
        base = f"{aep.url}/data/foundation/flowservice"
        with requests.Session() as session:
            session.headers.update(headers)
            made = session.post(f"{base}/connections", json=base_connection_body(), timeout=20).status_code
            listed = session.get(f"{base}/runs?property=flowId=={flow_id}", timeout=20).status_code
        return made + listed

    with ThreadPoolExecutor(60) as pool:
        assert set(pool.map(work, range(240))) == {401}
    assert len(aep.state()["connections"]) == 241


def test_no_emulator_has_the_free_port_of_an_earlier_one(mocker: MockerFixture) -> None:
    """A client keeps its token by the address, and a test that counts requests would count another one."""
    real = socket.create_server
    with AepEmulator() as first:
        taken = int(first.url.rpartition(":")[2])
    offered = iter([taken])  # and then whatever is free

    def create_server(address: tuple[str, int], **more: Any) -> socket.socket:
        return real((address[0], next(offered, 0)), **more)

    mocker.patch.object(socket, "create_server", create_server)
    with AepEmulator() as second:
        assert next(offered, None) is None
        assert int(second.url.rpartition(":")[2]) != taken
