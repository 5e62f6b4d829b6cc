"""Clients that leave while a stream over RSGI is silent."""

import asyncio
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from martlet._engine.run import rsgi_clients
from martlet._engine.run.rsgi import ends
from martlet._engine.run.rsgi_clients import Client, as_listed, looking
from martlet.cli.servers.proxied import ProxiedScope

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux says which connections there are")


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsgi_clients, "_EVERY", 0.02)
    monkeypatch.setattr(rsgi_clients, "_SHARE", 0)


def written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@linux
@pytest.mark.parametrize(
    ("family", "listens", "connects"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET6, "::1", "::1"),
        (socket.AF_INET6, "::", "127.0.0.1"),
    ],
)
def test_those_who_have_left_are_told_once(family: socket.AddressFamily, listens: str, connects: str) -> None:
    async def main() -> None:
        left: list[int] = []
        loop = asyncio.get_running_loop()
        with socket.socket(family) as listening:
            listening.bind((listens, 0))
            listening.listen()
            port = listening.getsockname()[1]
            pairs = [(socket.create_connection((connects, port)), listening.accept()[0]) for _ in range(3)]
            for number, (_, server) in enumerate(pairs):
                address = written(*server.getpeername()[:2])
                Client(address, written(listens, port), partial(left.append, number), loop)
            await asyncio.sleep(0.1)
            assert left == []
            pairs[0][0].close()
            for _ in range(500):
                await asyncio.sleep(0.02)
                if left:
                    break
        # (that it is listened to no more says nothing of those who are there)
        pairs[1][0].close()
        async with asyncio.timeout(10):
            while len(left) < 2:
                await looking(loop).look()
        assert left == [0, 1]
        assert len(looking(loop).clients) == 1
        for pair in pairs:
            for each in pair:
                each.close()

    asyncio.run(main())


def test_nobody_looks_when_nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def listed() -> list[Any]:
        nonlocal looks
        looks += 1
        return []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(2):
            client = Client("192.0.2.1:1", "127.0.0.1:80", lambda: pytest.fail("not known"), loop)
            await asyncio.sleep(0.1)
            client.forget()
            await asyncio.sleep(0.1)
            before = looks
            assert before
            await asyncio.sleep(0.1)
            await looking(loop).look()
            assert looks == before

    monkeypatch.setattr(rsgi_clients, "_listed", listed)
    asyncio.run(main())


@pytest.mark.parametrize(
    ("address", "server"),
    [("", ""), ("unix:/run/app.sock", "unix"), ("192.0.2.1:port", "127.0.0.1:80"), ("192.0.2.1:1", "localhost")],
)
def test_who_has_no_address_is_not_looked_for(address: str, server: str) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        Client(address, server, lambda: pytest.fail("not known"), loop).forget()
        assert not looking(loop).clients

    asyncio.run(main())


def test_where_nothing_is_listed_nobody_has_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        Client("192.0.2.1:1", "127.0.0.1:80", lambda: pytest.fail("not known"), loop)
        await looking(loop).look()

    monkeypatch.setattr(rsgi_clients, "_TABLES", (tmp_path / "not there",))
    asyncio.run(main())


def test_only_the_server_s_own_scope_has_ends() -> None:
    class Scope:
        client, server = "192.0.2.1:1", "127.0.0.1:80"

    class Granians(Scope):
        __module__ = "granian._granian"

    assert ends(Scope()) == ("", "")  # type: ignore[arg-type]  # all that is asked for
    assert ends(Granians()) == ("192.0.2.1:1", "127.0.0.1:80")  # type: ignore[arg-type]  # likewise
    told: Any = ProxiedScope(Granians(), "203.0.113.1:0", "https")
    assert ends(told) == ("192.0.2.1:1", "127.0.0.1:80")


@pytest.mark.skipif(sys.byteorder != "little", reason="these are the words of little-endian machines")
@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("127.0.0.1:8000", b"0100007F:1F40"),
        ("[::1]:80", b"00000000000000000000000001000000:0050"),
        ("[2001:db8::5]:443", b"B80D0120000000000000000005000000:01BB"),
        ("[::ffff:192.0.2.1]:1", b"010200C0:0001"),
        ("unix", None),
    ],
)
def test_addresses_are_written_as_the_kernel_lists_them(address: str, listed: bytes | None) -> None:
    assert as_listed(address) == listed
