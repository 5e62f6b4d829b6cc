"""Listening: all addresses of a host under one port, and who holds a port that is in use."""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from martlet.cli import sockets
from martlet.cli.failures import AddressFailure, PortInUseFailure


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


def close(listening: list[socket.socket]) -> None:
    for sock in listening:
        sock.close()


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def test_a_free_port_is_chosen_once_for_all_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [("127.0.0.1", 0), ("127.0.0.2", 0)]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    listening = sockets.listen("localhost", 0, command="martlet dev")
    names = [sock.getsockname() for sock in listening]
    close(listening)
    assert [name[0] for name in names] == ["127.0.0.1", "127.0.0.2"]
    assert names[0][1] == names[1][1] != 0


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv6() -> None:
    listening = sockets.listen("::1", 0, command="martlet dev")
    assert [sock.family for sock in listening] == [socket.AF_INET6]
    close(listening)


def test_an_address_that_the_machine_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))
    there = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [lacking, there])
    listening = sockets.listen("localhost", 0, command="martlet dev")
    assert [sock.getsockname()[0] for sock in listening] == ["127.0.0.1"]
    close(listening)


def test_a_port_in_use_names_its_holder(taken: int) -> None:
    with pytest.raises(PortInUseFailure) as caught:
        sockets.listen("127.0.0.1", taken, command="martlet dev")
    name = Path("/proc/self/comm").read_text(encoding="utf-8").strip()
    assert caught.value.headline == f"Port {taken} is in use by {name} (pid {os.getpid()})"
    assert caught.value.details[0].startswith("it runs: ")
    [advice] = caught.value.advice
    assert advice.startswith("Try: martlet dev --port ")
    assert int(advice.rpartition(" ")[2]) > taken


def test_nobody_knows_who_holds_a_port(taken: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sockets, "_PROC", tmp_path)
    monkeypatch.setattr(sockets, "_free_port", lambda *_: None)
    with pytest.raises(PortInUseFailure) as caught:
        sockets.listen("127.0.0.1", taken, command="martlet dev")
    assert caught.value.headline == f"Port {taken} is in use"
    assert (caught.value.details, caught.value.advice) == ((), ())


def kernel(proc: Path, port: int) -> None:
    """Say as Linux does that somebody listens on a port."""
    (proc / "net").mkdir()
    line = f"0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 1 0 100\n"
    other = "1: 0100007F:0001 00000000:0000 01 00000000:00000000 00:00000000 00000000 0 0 4712 1 0 100\n"
    (proc / "net" / "tcp").write_text("header\n" + other + line, encoding="ascii")


def test_processes_that_end_while_they_are_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sockets, "_PROC", tmp_path)
    kernel(tmp_path, 8000)
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "fd").write_text("no folder", encoding="ascii")  # as one that may not be read
    assert sockets.holder_of(8000) is None
    (tmp_path / "7" / "fd").mkdir(parents=True)
    (tmp_path / "7" / "fd" / "1").symlink_to("socket:[4711]")
    assert sockets.holder_of(8000) is None
    (tmp_path / "7" / "comm").write_text("python\n", encoding="ascii")
    (tmp_path / "7" / "cmdline").write_bytes(b"python\0-m\0martlet\0")
    assert sockets.holder_of(8000) == sockets.Holder(7, "python", "python -m martlet")


def test_no_port_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> socket.socket:
        raise OSError(errno.EADDRINUSE, "in use")

    monkeypatch.setattr(sockets, "_bound", refuse)
    with pytest.raises(PortInUseFailure) as caught:
        sockets.listen("127.0.0.1", 65530, command="martlet dev")
    assert caught.value.advice == ()


@pytest.mark.parametrize(
    ("number", "headline"),
    [(errno.EACCES, "Port 80 may not be used by this user"), (errno.ENOBUFS, "Cannot listen on 127.0.0.1:80")],
)
def test_what_the_system_refuses(monkeypatch: pytest.MonkeyPatch, number: int, headline: str) -> None:
    def refuse(*_: object) -> socket.socket:
        raise OSError(number, "refused")

    monkeypatch.setattr(sockets, "_bound", refuse)
    with pytest.raises(AddressFailure) as caught:
        sockets.listen("127.0.0.1", 80, command="martlet dev")
    assert caught.value.headline == headline


@pytest.mark.parametrize(
    ("host", "port", "headline"),
    [
        ("no.such.host.invalid", 0, "There is no address for the host 'no.such.host.invalid'"),
        ("a" * 80, 0, "There is no address for the host"),
        ("192.0.2.1", 0, "The host '192.0.2.1' is no address of this machine"),
    ],
)
def test_hosts_that_are_none(host: str, port: int, headline: str) -> None:
    with pytest.raises(AddressFailure) as caught:
        sockets.listen(host, port, command="martlet dev")
    assert caught.value.headline.startswith(headline)
    assert caught.value.advice == ("Try: martlet dev --host 127.0.0.1",)


def test_a_second_address_that_is_in_use_closes_the_first(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", taken)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", taken)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(PortInUseFailure):
        sockets.listen("localhost", taken, command="martlet dev")
    with socket.create_server(("127.0.0.2", taken)):
        pass


def test_systems_on_which_a_port_could_be_taken_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    sock = sockets._bound(socket.AF_INET, ("127.0.0.1", 0))
    reuse = sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
    sock.close()
    assert reuse == 0
    assert sys.platform != "win32"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_where_a_browser_finds_it(host: str, url: str) -> None:
    assert sockets.url_of(host, 80) == url
