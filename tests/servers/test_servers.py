"""One app under every server: a real process on a real port, asked by a real client, ended by SIGTERM."""

import json
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.serving import ROOT, Served, free_port, serving

APP = "tests.servers.served:app"


@dataclass(frozen=True)
class Server:
    """A server.

    Args:
        words: its module, its options and the app; `{port}` stands for the port.
        ends_with: its exit code when SIGTERM has ended it.
    """

    words: str
    ends_with: int = 0

    def command(self, port: int) -> list[str]:
        return [sys.executable, "-m", *self.words.format(port=port).split(), APP]


SERVERS = {
    # It raises the signal again once it has cleaned up.
    "uvicorn": Server("uvicorn --port {port}", -signal.SIGTERM),
    "uvicorn, plain Python": Server("uvicorn --port {port} --loop asyncio --http h11", -signal.SIGTERM),
    "hypercorn": Server("hypercorn --bind 127.0.0.1:{port}"),
    "hypercorn, trio": Server("hypercorn --bind 127.0.0.1:{port} --worker-class trio"),
    "gunicorn": Server(
        "gunicorn --bind 127.0.0.1:{port} --worker-class uvicorn_worker.UvicornWorker --no-control-socket"
    ),
    "granian": Server("granian --port {port} --interface asgi --workers-kill-timeout 3"),
    "granian, RSGI": Server("granian --port {port} --interface rsgi"),
}


def start(server: Server, folder: Path) -> Iterator[Served]:
    port = free_port()
    with serving(server.command(port), port, folder / "log", {"PYTHONPATH": str(ROOT)}) as served:
        yield served


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from start(SERVERS[request.param], tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=served.url, timeout=10) as client:
        yield client


def test_json_in_and_out(client: httpx2.Client) -> None:
    answer = client.post("/items/7?tags=new&tags=r%C3%BAstico", json={"name": "Filzhut", "price": "12.5"})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"id": 7, "item": {"name": "Filzhut", "price": 12.5}, "tags": ["new", "rústico"]}
    assert client.get("/sync/3").json() == {"id": 3}


def test_a_body_of_many_messages(client: httpx2.Client) -> None:
    name = "x" * 1_000_000
    content = json.dumps({"name": name, "price": 1}).encode()
    pieces = [content[at : at + 65536] for at in range(0, len(content), 65536)]
    answer = client.post("/items/1", content=iter(pieces), headers={"content-type": "application/json"})
    assert answer.json()["item"]["name"] == name


def test_bad_input_is_refused(client: httpx2.Client) -> None:
    answer = client.post("/items/x", json={"name": "hat"})
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [["path", "item_id"], ["body", "price"]]
    assert client.post("/items/1", content=b"{", headers={"content-type": "application/json"}).status_code == 422


def test_what_is_not_there_and_what_the_lifespan_left(client: httpx2.Client) -> None:
    assert client.get("/none").json() == {"detail": "Not Found"}
    assert client.get("/items/1").status_code == 405
    assert client.get("/health/").headers["location"].endswith("/health")
    assert client.get("/health").json() == {"state": "the lifespan"}


def test_an_exception_is_a_500_and_the_server_goes_on(served: Served) -> None:
    answer = httpx2.get(f"{served.url}/broken")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert httpx2.get(f"{served.url}/sync/1").status_code == 200


def test_a_stream_arrives_part_by_part(client: httpx2.Client) -> None:
    with client.stream("GET", "/stream") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "first"
        assert client.post("/ask").status_code == 204
        assert list(lines) == ["second"]


def test_a_websocket(served: Served) -> None:
    url = served.url.replace("http", "ws")
    with connect(f"{url}/ws/7?name=ada", subprotocols=[Subprotocol("chat")]) as socket:
        # Granian leaves out what an app adds to the handshake, over RSGI also the subprotocol that it chooses.
        over_rsgi = "rsgi" in str(served.process.args)
        assert socket.subprotocol == (None if over_rsgi else "chat")
        assert socket.response is not None
        if "granian" not in served.printed.lower():
            assert socket.response.headers["x-room"] == "7"
        for number in range(3):
            socket.send(json.dumps({"n": number}))
            assert json.loads(socket.recv(10)) == {"room": 7, "name": "ada", "got": {"n": number}}
    with pytest.raises(InvalidStatus) as refused, connect(f"{url}/ws/x?name=ada"):
        raise AssertionError("a room that is no number")
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("name", SERVERS)
def test_sigterm_ends_it_cleanly(name: str, tmp_path: Path) -> None:
    server = SERVERS[name]
    for served in start(server, tmp_path):
        assert httpx2.get(f"{served.url}/health").status_code == 200
        assert served.end(signal.SIGTERM) == server.ends_with, served.printed
        assert "the app starts" in served.printed
        assert "the app ends" in served.printed
        assert "Traceback" not in served.printed
