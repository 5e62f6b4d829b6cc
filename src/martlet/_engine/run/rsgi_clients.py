"""Whether the clients of streams over RSGI are still there, as the kernel knows it.

Granian does not say so of an answer that is a file, as streams are (`rsgi_pipe.py`): its thread waits for what is
written next, and the write after that finds nobody. A stream that is silent would wait for ever. On Linux the kernel
lists the connections; that of a client which has left is not established any more. The list is read in a thread, since
that takes milliseconds where the kernel has room for many.

Judged is only what comes to a port that the list has, which leaves out Unix sockets and other network namespaces. Of
HTTP/2 the connection is seen, and not the single stream.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from sys import byteorder
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
# Lines are `number: local remote state ...`, with addresses in hexadecimal.
_sockets = re.compile(rb"^ *\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+:[0-9A-F]{4}) (01|0A) ", re.MULTILINE).findall
_LISTENS: Final = b"0A"
_MAPPED: Final = b"0000000000000000FFFF0000"

# How often clients are looked for, in seconds, and for how many times as long as the list took to read at least.
_EVERY: Final = 1.0
_SHARE: Final = 50


class Client:
    """The client of one stream, until it is forgotten.

    Args:
        address: its host and port, as RSGI has them.
        server: those that it came to.
        leave: called once when it has left.
        loop: the loop that this runs in.
    """

    def __init__(self, address: str, server: str, leave: Callable[[], None], loop: asyncio.AbstractEventLoop) -> None:
        self.end = as_listed(address)
        self.port: bytes = (as_listed(server) or b"").rpartition(b":")[2]
        self.leave = leave
        self._looking = looking(loop)
        if self.end and self.port:
            self._looking.add(self)

    def forget(self) -> None:
        """Look for it no more."""
        self._looking.clients.discard(self)


class Looking:
    """Looks for the clients of one loop for as long as there are any."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        # The ports that somebody here has listened at: what comes there is listed.
        self._ports: set[bytes] = set()
        self._next: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None

    def add(self, client: Client) -> None:
        """Look for a client from now on."""
        self.clients.add(client)
        if self._next is None and self._asking is None:
            self._ask_later(_EVERY)

    async def look(self) -> None:
        """Look now, and tell those who have left."""
        asked = frozenset(self.clients)
        if not asked:
            return
        listed = await asyncio.get_running_loop().run_in_executor(None, _listed)
        ends = {remote.removeprefix(_MAPPED) for _, remote, state in listed if state != _LISTENS}
        self._ports.update(port for port, _, state in listed if state == _LISTENS)
        for client in asked & self.clients:
            if client.port in self._ports and client.end not in ends:
                client.forget()
                client.leave()

    def _ask_later(self, seconds: float) -> None:
        self._next = asyncio.get_running_loop().call_later(seconds, self._ask)

    def _ask(self) -> None:
        self._next = None
        if self.clients:
            self._asking = asyncio.get_running_loop().create_task(self._look_again())

    async def _look_again(self) -> None:
        began = monotonic()
        try:
            await self.look()
        finally:
            self._asking = None
        self._ask_later(max(_EVERY, (monotonic() - began) * _SHARE))


_LOOKING: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Looking]] = WeakKeyDictionary()


def looking(loop: asyncio.AbstractEventLoop) -> Looking:
    """Return what looks for the clients of a loop."""
    return _LOOKING.setdefault(loop, Looking())


def _listed() -> list[tuple[bytes, bytes, bytes]]:
    """Return the local port, the remote end and the state of what is connected, and of what listens."""
    found: list[tuple[bytes, bytes, bytes]] = []
    for table in _TABLES:
        with suppress(OSError):
            found += _sockets(table.read_bytes())
    return found


def as_listed(address: str) -> bytes | None:
    """Return an address as the kernel lists it: words in the order of the machine; None for what is none."""
    host, _, port = address.rpartition(":")
    try:
        packed = ip_address(host.strip("[]")).packed
        number = int(port)
    except ValueError:
        return None
    words = (int.from_bytes(packed[at : at + 4], byteorder) for at in range(0, len(packed), 4))
    return b"%b:%04X" % ("".join(f"{word:08X}" for word in words).encode().removeprefix(_MAPPED), number)
