"""The sockets a server listens on: bound before anything slow begins, so that a port in use is said at once.

A host may have several addresses (`localhost` usually has two): all are listened on, under one port. Who holds a port
that is in use is found in `/proc`, where there is one.
"""

import errno
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from martlet.cli.failures import AddressFailure, PortInUseFailure

_BACKLOG: Final = 2048
_PROC: Final = Path("/proc")
_LISTENING: Final = "0A"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that listens on a port.

    Args:
        pid: its number.
        name: its program's name.
        command: its command line.
    """

    pid: int
    name: str
    command: str


def listen(host: str, port: int, *, command: str) -> list[socket.socket]:
    """Return sockets that listen on all addresses of a host.

    Args:
        host: a name or an address of this machine; `0.0.0.0` and `::` for all addresses.
        port: 0 for one that is free.
        command: how the user started this, for the advice.

    Raises:
        PortInUseFailure: another process listens there.
        AddressFailure: the host is none of this machine, or the port may not be used.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, OverflowError) as error:
        raise AddressFailure(
            f"There is no address for the host {host!r}",
            details=(str(error),),
            advice=f"Try: {command} --host 127.0.0.1",
        ) from None
    sockets: list[socket.socket] = []
    refused: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sockets.append(_bound(family, (address[0], port, *address[2:])))
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                _close(sockets)
                raise _refusal(error, host, port, command) from None
            refused = error
        else:
            # (a port of 0 is chosen once, for all addresses)
            port = sockets[0].getsockname()[1]
    if not sockets:
        raise AddressFailure(
            f"The host {host!r} is no address of this machine",
            details=(str(refused),) if refused else (),
            advice=f"Try: {command} --host 127.0.0.1",
        )
    return sockets


def url_of(host: str, port: int) -> str:
    """Return where a browser on this machine finds what listens on a host and a port."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - not bound here
    return f"http://{f'[{name}]' if ':' in name and not name.startswith('[') else name}:{port}"


def holder_of(port: int) -> Holder | None:
    """Return the process that listens on a port; None where it is another user's, or nobody can tell."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    if not wanted:
        return None
    for folder in _PROC.glob("[0-9]*/fd"):
        if not wanted.isdisjoint(_links(folder)):
            return _process(folder.parent)
    return None


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port whose last connections linger is free; elsewhere the option would allow two to listen.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _close(sockets: Sequence[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def _refusal(error: OSError, host: str, port: int, command: str) -> AddressFailure | PortInUseFailure:
    if error.errno == errno.EADDRINUSE:
        holder = holder_of(port)
        by = f" by {holder.name} (pid {holder.pid})" if holder else ""
        details = (f"it runs: {holder.command}",) if holder and holder.command else ()
        other = _free_port(host, port)
        advice = (f"Try: {command} --port {other}",) if other else ()
        return PortInUseFailure(f"Port {port} is in use{by}", details=details, advice=advice)
    if error.errno == errno.EACCES:
        advice = (f"Try: {command} --port 8000",)
        return AddressFailure(f"Port {port} may not be used by this user", details=(str(error),), advice=advice)
    return AddressFailure(f"Cannot listen on {host}:{port}", details=(str(error),))


def _free_port(host: str, port: int) -> int | None:
    """Return the next port that is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for other in range(port + 1, min(port + 100, 65536)):
        try:
            _bound(family, (host, other)).close()
        except OSError:
            continue
        return other
    return None


def _inodes(port: int) -> Iterator[str]:
    """Yield what the kernel calls the sockets that listen on a port."""
    for table in ("tcp", "tcp6"):
        path = _PROC / "net" / table
        lines = path.read_text().splitlines()[1:] if path.is_file() else []
        for fields in map(str.split, lines):
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _links(folder: Path) -> Iterator[str]:
    """Yield what the open files of a process are; none of another user's process, nor of one that has ended."""
    with suppress(OSError):
        for entry in folder.iterdir():
            with suppress(OSError):  # closed meanwhile
                yield str(entry.readlink())


def _process(folder: Path) -> Holder | None:
    try:
        name = (folder / "comm").read_text().strip()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return None  # ended meanwhile
    return Holder(int(folder.name), name, command)
