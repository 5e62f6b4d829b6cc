import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from martlet import APIRouter, FastAPI, WebSocket
from martlet.cli.discover import Target
from martlet.cli.servers.on_granian import GranianSite, wants_rsgi
from martlet.cli.servers.serving import Serving


async def ask(*_: Any) -> None:
    """Never called."""


async def talk(_websocket: WebSocket) -> None:
    """Never called."""


def with_routes(*routes: Any) -> FastAPI:
    return FastAPI(routes=list(routes))


def with_socket() -> FastAPI:
    router = APIRouter()
    router.websocket("/talk")(talk)
    app = FastAPI()
    app.include_router(router)
    return app


@pytest.mark.parametrize(
    ("app", "rsgi"),
    [
        (with_routes(), True),
        (with_routes(Mount("/static", StaticFiles(directory="."))), True),
        (with_routes(Mount("/old", routes=[Route("/b", ask)])), True),
        (with_socket(), False),
        (with_routes(Mount("/old", routes=[WebSocketRoute("/talk", talk)])), False),
        (with_routes(Mount("/old", with_socket())), False),
        (with_routes(Host("api.example.com", with_routes(Route("/b", ask)))), True),
        (with_routes(Mount("/old", ask)), False),
        (with_routes(BaseRoute()), False),
        (ask, False),
    ],
)
def test_rsgi_is_chosen_where_nothing_is_lost(app: Any, rsgi: bool) -> None:
    assert wants_rsgi(Serving(Target("main", Path())), app) is rsgi


@pytest.mark.parametrize(
    ("options", "rsgi"),
    [
        ({"interface": "asgi"}, False),
        ({"interface": "rsgi", "root_path": "/shop"}, True),
        ({"root_path": "/shop"}, False),
        ({"health": "/live"}, False),
    ],
)
def test_what_is_asked_for_decides(options: dict[str, Any], rsgi: bool) -> None:
    assert wants_rsgi(Serving(Target("main", Path()), **options), with_routes()) is rsgi


class Bare:
    """An RSGI app that nobody has to start."""

    async def __call__(self, _scope: Any, _proto: Any) -> None:
        """Never called."""

    __rsgi__ = __call__


class Started(Bare):
    def __init__(self) -> None:
        self.told: list[str] = []

    def __rsgi_init__(self, _loop: asyncio.AbstractEventLoop) -> None:
        self.told.append("started")

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        self.told.append("ended")


def test_apps_of_others_are_started_where_they_ask_for_it() -> None:
    loop, app = asyncio.new_event_loop(), Started()
    for each in (app, Bare()):
        site = GranianSite(Serving(Target("main", Path())), each, [])
        site.start(loop)
        site.end(loop)
        assert site.protocol == "RSGI"
    loop.close()
    assert app.told == ["started", "ended"]
