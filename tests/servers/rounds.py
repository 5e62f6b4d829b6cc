"""A round: a server under load is told to stop, and the app's journal is compared with what its clients got."""

import asyncio
import itertools
import json
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.serving import ROOT, Served, free_port, serving

CLIENTS = 16
TALKERS = 3
LOAD = 0.5
KINDS = ("async", "sync", "body", "stream", "later")


@dataclass
class Outcome:
    """What came of a round.

    Args:
        journal: the app's lines.
        whole: the requests whose whole answer came.
        closed: the code that each WebSocket was closed with.
        took: the seconds from the signal to the end of the process.
        code: its exit code.
        printed: what it printed.
    """

    journal: list[str] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)
    closed: list[int] = field(default_factory=list)
    took: float = 0.0
    code: int | None = None
    printed: str = ""

    def numbers(self, what: str) -> set[int]:
        """Return the numbers that the journal has with a word."""
        return {int(line.rpartition(" ")[2]) for line in self.journal if line.startswith(f"{what} ")}


def command(port: int, *options: str) -> list[str]:
    """Return the command that serves the app to be stopped."""
    return [sys.executable, "-m", "martlet", "run", "tests.servers.draining:app", "--port", str(port), *options]


def started(folder: Path, *options: str, talks: bool = False) -> Iterator[Served]:
    """Serve it, with its journal in a folder."""
    port = free_port()
    extra = {"PYTHONPATH": str(ROOT), "JOURNAL": str(folder / "journal"), **({"TALKS": "1"} if talks else {})}
    with serving(command(port, "--host", "127.0.0.1", *options), port, folder / "log", extra) as served:
        yield served


def play(folder: Path, *options: str, talks: bool) -> Outcome:
    """Play a round."""
    outcome = Outcome()
    for served in started(folder, "--no-access-log", *options, talks=talks):
        asyncio.run(_under_load(served, outcome, talks=talks))
        outcome.printed = served.printed
    outcome.journal = (folder / "journal").read_text().splitlines()
    return outcome


async def _under_load(served: Served, outcome: Outcome, *, talks: bool) -> None:
    port = int(served.url.rpartition(":")[2])
    numbers = itertools.count(1)
    clients = [asyncio.create_task(_ask(port, numbers, outcome)) for _ in range(CLIENTS)]
    clients += [asyncio.create_task(_talk(port, number, outcome)) for number in range(TALKERS if talks else 0)]
    await asyncio.sleep(LOAD)
    began = time.monotonic()
    served.process.send_signal(signal.SIGTERM)
    outcome.code = await asyncio.to_thread(served.process.wait, 30)
    outcome.took = time.monotonic() - began
    await asyncio.gather(*clients)


async def _ask(port: int, numbers: Iterator[int], outcome: Outcome) -> None:
    """Ask one thing after the other over one connection, until the server closes it or listens no more."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return
        try:
            while True:
                number = next(numbers)
                writer.write(_request(KINDS[number % len(KINDS)], number))
                keeps = await _read_answer(reader)
                outcome.whole.add(number)
                if not keeps:
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def _request(kind: str, number: int) -> bytes:
    body = json.dumps({"text": "x" * 2000}).encode() if kind == "body" else b""
    head = f"{'POST' if body else 'GET'} /{kind}/{number} HTTP/1.1\r\nhost: localhost\r\n"
    if body:
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def _read_answer(reader: asyncio.StreamReader) -> bool:
    """Read a whole answer, and return whether the connection stays open."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise AssertionError(head)
    lines = dict(line.split(b": ", 1) for line in head.strip().split(b"\r\n")[1:])
    if b"content-length" in lines:
        await reader.readexactly(int(lines[b"content-length"]))
    else:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    return lines.get(b"connection") != b"close"


async def _talk(port: int, number: int, outcome: Outcome) -> None:
    async with connect(f"ws://127.0.0.1:{port}/talk/{number}") as socket:
        try:
            while True:
                await socket.send("still there?")
                await socket.recv()
                await asyncio.sleep(0.01 * (number % 2))
        except ConnectionClosed as closed:
            outcome.closed.append(closed.rcvd.code if closed.rcvd is not None else 1006)


def problems(outcome: Outcome, drain: float, *, talks: bool) -> list[str]:
    """Return what a round has shown to be wrong."""
    begun = outcome.numbers("started")
    found = [f"{len(begun)} requests are no load"] if len(begun) < CLIENTS else []
    if lost := begun - outcome.whole:
        found.append(f"begun and not answered: {sorted(lost)}")
    found += [
        f"{what} without an end: {sorted(left)}"
        for what in ("task", "talk", "lifespan")
        if (left := outcome.numbers(f"{what} begins") - outcome.numbers(f"{what} ends"))
    ]
    if talks and outcome.closed != [1012] * TALKERS:
        found.append(f"WebSockets were closed with {outcome.closed}")
    if outcome.took > drain + 0.5:
        found.append(f"it took {outcome.took:.1f} s to end")
    if outcome.code != 0:
        found.append(f"it ended with {outcome.code}")
    if "Traceback" in outcome.printed:
        found.append("it printed a traceback")
    return [*found, outcome.printed[-4000:]] if found else []
