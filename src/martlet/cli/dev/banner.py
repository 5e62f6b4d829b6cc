"""What is said when an app accepts connections: how long that took, where it is, what there is to stop it."""

import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from martlet._engine.describe import assets
from martlet.applications import FastAPI
from martlet.cli.console import Console
from martlet.cli.dev.settings import Settings
from martlet.cli.load import Loaded
from martlet.cli.looks.detours import detours, named, unreachable
from martlet.cli.pages import PAGES, docs_of
from martlet.cli.sockets import url_of
from martlet.cli.version import VERSION

_WIDTH: Final = 62


@dataclass(frozen=True, slots=True)
class Banner:
    """What is said when an app accepts connections.

    Args:
        console: where.
        settings: what was asked for.
        loaded: the app.
        sockets: where it listens.
        began: when the user began to wait, on the clock of `time.perf_counter`.
    """

    console: Console
    settings: Settings
    loaded: Loaded
    sockets: Sequence[socket.socket]
    began: float

    def show(self) -> None:
        """Say it."""
        line = self.console.line
        title = f"  martlet {VERSION}   dev   {self.loaded.target}"
        line()
        line(self.console.style(title, "bold") + " " * max(3, _WIDTH - len(title)) + self._ready())
        for row in self._rows():
            line(row)
        line()

    def show_again(self) -> None:
        """Say how long it took: the rest was said before."""
        self.console.line(f"  {self._ready()}")
        for note in _lost(self.loaded.app):
            self.console.line(f"  {self.console.style(note, 'yellow')}")

    def _ready(self) -> str:
        return self.console.style(f"ready in {(time.perf_counter() - self.began) * 1000:.0f} ms", "green")

    def _rows(self) -> list[str]:
        app, style = self.loaded.app, self.console.style
        url = url_of(self.settings.host, self.sockets[0].getsockname()[1])
        rows = [f"  App    {style(url, 'cyan')}"]
        docs = docs_of(app)
        if docs:
            packed = isinstance(app, FastAPI) and (assets.DIRECTORY / "index.json").is_file()
            gap = " " * max(3, _WIDTH - len(f"  Docs   {url}{docs}"))
            rows.append(
                f"  Docs   {style(url + docs, 'cyan')}" + (gap + style("offline assets", "dim") if packed else "")
            )
        if self.settings.root_path:
            rows.append(f"  Behind {self.settings.root_path}")
        routes = _count(app)
        count = f"{routes} route{'' if routes == 1 else 's'}" if routes else ""
        stop = "Ctrl-C stops"
        rows.append("  " + style(f"{count:<{_WIDTH - 2}}{stop}" if count else stop, "dim"))
        rows.extend(f"  {style(note, 'yellow')}" for note in self._notes())
        return rows

    def _notes(self) -> list[str]:
        notes = []
        theirs = sys.modules.get("fastapi.applications")
        if theirs is not None and type(self.loaded.app).__module__.startswith("fastapi."):
            notes.append("This is FastAPI's own app: add --as-fastapi to have Martlet serve it.")
        if not _is_local(self.sockets):
            notes.append("Everybody in the network reaches this, error pages included.")
        if not self.settings.folders:
            notes.append("Changes are not watched.")
        return [*notes, *_lost(self.loaded.app), *_longer(self.loaded.app)]


def _count(app: Any) -> int:
    """Return how many routes an app has, beside those that show its documentation."""
    options = ("openapi_url", "swagger_ui_oauth2_redirect_url", *PAGES)
    own = {getattr(app, option, None) for option in options}
    return sum(1 for route in getattr(app, "routes", ()) if getattr(route, "path", "") not in own)


def _lost(app: Any) -> list[str]:
    """Return a note on path operations that no request reaches."""
    lost = [named(route) for route in unreachable(app)]
    return [f"Never reached: {_and_more(lost)}: a path begins with a slash."] if lost else []


def _longer(app: Any) -> list[str]:
    """Return a note on path operations that are not compiled."""
    try:
        found = list(detours(app))
    except Exception:  # noqa: BLE001 - routes that cannot be served: requests say so, each with its page
        return []
    if not found:
        return []
    why = found[0][1].partition(":")[0]
    return [f"Not compiled: {_and_more([named(route) for route, _ in found])}: {why}. martlet check says more."]


def _and_more(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _is_local(sockets: Sequence[socket.socket]) -> bool:
    return all(ip_address(sock.getsockname()[0].partition("%")[0]).is_loopback for sock in sockets)
