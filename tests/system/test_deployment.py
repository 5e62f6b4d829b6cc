"""The parcels service as docs/deployment.md deploys it: nginx in front, two workers, Postgres behind them."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from sqlalchemy import create_engine, text
from websockets.sync.client import connect

from tests.system.depot import Depot, deployed, eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

CLIENTS = 8


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    with deployed(tmp_path_factory.mktemp("depot")) as standing:
        yield standing


@pytest.fixture
def client(depot: Depot) -> Iterator[httpx2.Client]:
    with depot.client() as asking:
        yield asking


def take(client: httpx2.Client, recipient: str = "Inês") -> int:
    answer = client.post("/parcels", json={"recipient": recipient, "grams": 700})
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


def test_a_parcel_is_taken_in_shown_and_listed(depot: Depot, client: httpx2.Client) -> None:
    taken = client.post("/parcels", json={"recipient": " Ada ", "grams": 700})
    assert taken.status_code == 201
    # The link has the scheme, the name and the prefix that the client used, though the worker saw none of them.
    assert taken.headers["location"] == f"{depot.url}/parcels/{taken.json()['id']}"
    assert client.get(taken.headers["location"]).json() == taken.json()
    assert [parcel["id"] for parcel in client.get("/parcels?recipient=Ada").json()] == [taken.json()["id"]]


def test_refusals_come_through(client: httpx2.Client) -> None:
    refused = client.post("/parcels", json={"recipient": "Ada", "grams": 0})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "grams"])
    assert client.get("/parcels/2147483647").status_code == 404


def test_the_app_knows_who_asks_and_by_what_scheme(depot: Depot, client: httpx2.Client) -> None:
    seen = client.get("/health", headers={"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "gopher"}).json()
    assert (seen["client"], seen["scheme"]) == ("127.0.0.1", "https")
    plain = httpx2.post(f"{depot.redirected}/parcels?x=1")
    assert (plain.status_code, plain.headers["location"]) == (308, f"{depot.url}/parcels?x=1")


def test_the_docs_know_the_prefix(client: httpx2.Client) -> None:
    assert client.get("/openapi.json").json()["servers"] == [{"url": "/depot"}]
    assert "/depot/openapi.json" in client.get("/docs").text


def test_both_workers_answer(depot: Depot, client: httpx2.Client) -> None:
    seen: set[int] = set()
    with ThreadPoolExecutor(16) as pool:

        def both() -> bool:
            seen.update(pool.map(lambda _: int(client.get("/health").json()["worker"]), range(64)))
            return len(seen) == 2

        eventually(both, "requests are not seen by both workers")
    assert seen == depot.pids()


def test_a_stream_arrives_piece_by_piece(client: httpx2.Client) -> None:
    number = take(client)
    with client.stream("GET", f"/parcels/{number}/scans", headers={"Last-Event-ID": "0"}) as stream:
        lines = stream.iter_lines()
        for place in ("Porto", "Lisboa", "Faro"):
            # Said only when what was before has arrived.
            scan = client.post(f"/parcels/{number}/scans", json={"place": place}).json()
            data = next(line for line in lines if line.startswith("data: "))
            assert json.loads(data.removeprefix("data: ")) == scan
    assert client.get("/parcels/2147483647/scans").status_code == 404


def test_a_scanner_talks_over_a_websocket(depot: Depot, client: httpx2.Client) -> None:
    number = take(client)
    with connect(depot.url.replace("https", "wss") + "/scanner", ssl=depot.trust()) as scanner:
        scanner.send(json.dumps({"parcel_id": number, "place": "Braga"}))
        assert json.loads(scanner.recv(5))["place"] == "Braga"
        scanner.send(json.dumps({"parcel_id": 2147483647, "place": "Braga"}))
        assert json.loads(scanner.recv(5)) == {"refused": "There is no parcel 2147483647"}
        scanner.send("{}")
        assert json.loads(scanner.recv(5)) == {"refused": 2}


def test_nginx_and_the_app_agree_on_what_is_too_large(depot: Depot, client: httpx2.Client) -> None:
    path = f"/parcels/{take(client)}/photo"
    photo = os.urandom(1024 * 1024 - 500)  # the rest is what a form writes around it
    assert client.put(path, files={"photo": photo}).status_code == 204
    assert client.get(path).content == photo
    large = {"photo": photo + bytes(500)}
    refused = client.put(path, files=large)
    assert (refused.status_code, "nginx" in refused.text) == (413, True)
    transport = httpx2.HTTPTransport(uds=str(depot.folder / "app.sock"))
    with httpx2.Client(base_url="http://inside", transport=transport) as inside:
        assert inside.put(path, files={"photo": photo}).status_code == 204
        refused = inside.put(path, files=large)
        assert (refused.status_code, "nginx" in refused.text) == (413, False)


def test_new_workers_take_over_under_load_and_no_request_fails(depot: Depot) -> None:
    answered: Counter[str] = Counter()
    workers: set[int] = set()
    is_over = asyncio.Event()

    async def ask() -> None:
        async with httpx2.AsyncClient(base_url=depot.url, verify=depot.trust(), timeout=15) as client:
            while not is_over.is_set():
                try:
                    taken = await client.post("/parcels", json={"recipient": "Load", "grams": 1})
                    answered[f"POST {taken.status_code}"] += 1
                    shown = await client.get("/health")
                    answered[f"GET {shown.status_code}"] += 1
                    workers.add(shown.json()["worker"])
                except (httpx2.TransportError, ValueError) as error:
                    answered[f"{type(error).__name__}: {error}"] += 1

    async def renew() -> None:
        for _ in range(2):
            old = depot.pids()
            depot.workers.send_signal(signal.SIGHUP)
            until = time.monotonic() + 40
            while len(depot.pids()) != 2 or old & depot.pids():
                assert time.monotonic() < until, depot.log("workers.log")
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.5)

    async def load() -> None:
        clients = [asyncio.create_task(ask()) for _ in range(CLIENTS)]
        await asyncio.sleep(0.5)
        try:
            await renew()
        finally:
            is_over.set()
            await asyncio.gather(*clients)

    asyncio.run(load())
    print(dict(answered), len(workers))
    assert set(answered) == {"POST 201", "GET 200"}, (
        answered,
        depot.log("nginx.log"),
        depot.log("workers.log")[-3000:],
    )
    assert len(workers) == 6
    # Nothing was done twice either.
    engine = create_engine(depot.database)
    with engine.connect() as connection:
        kept = connection.scalar(text("SELECT count(*) FROM parcels WHERE recipient = 'Load'"))
    engine.dispose()
    assert kept == answered["POST 201"]
