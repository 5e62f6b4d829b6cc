"""Load on a WebSocket: as many connections as wrk has, each of which sends a message and waits for it to come back.

Run as `python -m bench.sockets PORT PATH SECONDS`; it prints how many came back.
"""

import asyncio
import sys
import time

from websockets.asyncio.client import connect

CONNECTIONS = 32
MESSAGE = "a message of some forty characters, echoed"


async def talk(uri: str, until: float) -> int:
    """Return how many messages came back on one connection before `until`."""
    count = 0
    async with connect(uri, compression=None) as socket:
        while time.monotonic() < until:
            await socket.send(MESSAGE)
            if await socket.recv() != MESSAGE:
                raise ValueError("another message came back")
            count += 1
    return count


async def load(uri: str, seconds: float) -> int:
    """Return how many messages came back on all connections."""
    until = time.monotonic() + seconds
    return sum(await asyncio.gather(*(talk(uri, until) for _ in range(CONNECTIONS))))


if __name__ == "__main__":
    print(asyncio.run(load(f"ws://127.0.0.1:{sys.argv[1]}{sys.argv[2]}", float(sys.argv[3]))))
