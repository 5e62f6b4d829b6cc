from pathlib import Path
from types import SimpleNamespace
from typing import Any

from martlet import FastAPI
from martlet.cli.discover import Target
from martlet.cli.servers.on_uvicorn import UvicornSite
from martlet.cli.servers.serving import Serving


class Connection:
    cycle: Any

    def __init__(self, **state: Any) -> None:
        self.closed = False
        self.transport = SimpleNamespace(close=self.close)
        self.__dict__.update(state)

    def close(self) -> None:
        self.closed = True


def test_connections_that_wait_for_a_head_for_too_long_are_closed() -> None:
    server: Any = UvicornSite(Serving(Target("main", Path())), FastAPI(), [])._server
    done, begun = SimpleNamespace(response_complete=True), SimpleNamespace(response_complete=False)
    fresh = Connection(cycle=None, timeout_keep_alive_task=None)
    second = Connection(cycle=done, timeout_keep_alive_task=None)
    stay = [
        Connection(cycle=begun, timeout_keep_alive_task=None),
        Connection(cycle=done, timeout_keep_alive_task=object()),
        Connection(),  # a WebSocket
    ]
    server.server_state.connections = {fresh, second, *stay}
    server._sweep(0)
    server._sweep(9)
    assert [fresh.closed, second.closed] == [False, False]
    second.cycle = begun
    server._sweep(10)
    server._sweep(11)
    assert [fresh.closed, second.closed] == [True, False]
    assert not any(each.closed for each in stay)
    assert set(server.waiting) == {fresh}
