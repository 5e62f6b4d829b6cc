"""What stands around the app: a line for each request, a page for exceptions, the app's own answers untouched."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from pydantic import BaseModel, Field
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from martlet import BackgroundTasks, FastAPI, HTTPException, Request, Response, WebSocket
from martlet.cli.console import Console
from martlet.cli.dev.lines import Lines
from martlet.cli.dev.observe import Observed
from martlet.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse

PAGE = {"accept": "text/html,*/*"}


class Book(BaseModel):
    price: float = Field(gt=0)


async def fails() -> None:
    secret = "hunter2"
    name = "<b>"
    raise ZeroDivisionError(f"no {name}{secret[:0]}")


class Shop:
    """An app under observation."""

    def __init__(self, app: Any, *, verbose: bool = False) -> None:
        self.out = io.StringIO()
        self.observed = Observed(app, Lines(Console(self.out), verbose=verbose))
        self.client = TestClient(self.observed, raise_server_exceptions=False)

    @property
    def lines(self) -> list[str]:
        """What was printed, without the time of day and the time taken."""
        printed = re.sub(r"^ \d\d:\d\d:\d\d  ", "", self.out.getvalue(), flags=re.MULTILINE)
        return re.sub(r" +\d+\.\d ms", " MS", re.sub(r"  +", "  ", printed)).splitlines()


def routes(app: FastAPI) -> FastAPI:
    app.get("/boom")(fails)

    @app.post("/books")
    def save(book: Book) -> Book:
        return book

    @app.get("/refused")
    def refuse() -> None:
        raise HTTPException(403, "not you")

    @app.get("/wrong", response_model=Book)
    def wrong() -> Any:
        return {"price": "<lots>"}

    @app.get("/own")
    def own() -> Response:
        return PlainTextResponse("Internal Server Error", 500)

    @app.get("/late")
    def late(tasks: BackgroundTasks) -> int:
        tasks.add_task(fails)
        return 1

    @app.get("/half")
    def half() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"x"
            raise ValueError("broke")

        return StreamingResponse(parts())

    @app.get("/file")
    def file() -> FileResponse:
        return FileResponse(__file__)

    return app


def test_a_line_for_each_request() -> None:
    shop = Shop(routes(FastAPI()))
    shop.client.post("/books", json={"price": 3})
    shop.client.post("/books", json={"price": -1})
    shop.client.get("/refused")
    shop.client.get("/nope%1B%5B31m")
    assert shop.lines == [
        "200  POST  /books MS",
        "422  POST  /books MS  body.price: Input should be greater than 0 (got -1)",
        "403  GET  /refused MS  not you",
        "404  GET  /nope%1B%5B31m MS",
    ]


def test_a_browser_gets_a_page() -> None:
    shop = Shop(routes(FastAPI()))
    answer = shop.client.get("/boom?password=hunter2&q=1", headers={**PAGE, "Authorization": "Bearer hunter2"})
    assert (answer.status_code, answer.headers["cache-control"]) == (500, "no-store")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "ZeroDivisionError" in answer.text
    assert "no &lt;b&gt;" in answer.text
    assert "<b>&#x27;" not in answer.text
    assert "<th>secret</th><td>[redacted]</td>" in answer.text
    assert "<th>name</th><td>&#x27;&lt;b&gt;&#x27;</td>" in answer.text
    assert "hunter2" not in answer.text
    assert "<th>path</th><td>/boom</td>" in answer.text
    [line] = shop.lines
    assert line.startswith("500  GET  /boom MS  ZeroDivisionError: no <b>  ")
    assert "test_observe.py:" in line


def test_others_get_json() -> None:
    answer = Shop(routes(FastAPI())).client.get("/boom")
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert said["detail"] == "Internal Server Error"
    assert (said["error"]["type"], said["error"]["message"]) == ("ZeroDivisionError", "no <b>")
    assert said["error"]["frames"][0]["function"] == "fails"
    assert said["error"]["route"]["endpoint"] == "fails"


def test_a_response_that_does_not_fit() -> None:
    shop = Shop(routes(FastAPI()))
    page = shop.client.get("/wrong", headers=PAGE).text
    assert "response.price: Input should be a valid number" in page
    assert "(got &quot;&lt;lots&gt;&quot;)" in page
    assert "returned is not what it declares" in page
    said = shop.client.get("/wrong").json()["error"]
    assert said["message"] == "1 validation error:"
    assert said["response"][0].endswith('(got "<lots>")')
    assert "test_observe.py:" in said["place"]
    assert "ResponseValidationError: response.price: " in shop.lines[0]


@pytest.mark.parametrize("debug", [False, True])
def test_an_answer_of_the_apps_own_is_not_replaced(debug: bool) -> None:
    shop = Shop(routes(FastAPI(debug=debug)))
    answer = shop.client.get("/own", headers=PAGE)
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert shop.lines == ["500  GET  /own MS"]


def test_the_page_of_an_app_in_debug_mode_is_replaced() -> None:
    assert "Only <code>martlet dev</code>" in Shop(routes(FastAPI(debug=True))).client.get("/boom", headers=PAGE).text


def test_a_handler_of_the_apps_own_answers() -> None:
    app = routes(FastAPI())

    @app.exception_handler(Exception)
    def answer(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"mine": str(error)}, 500)

    shop = Shop(app)
    assert shop.client.get("/boom", headers=PAGE).json() == {"mine": "no <b>"}
    assert shop.lines[0].startswith("500  GET  /boom MS  ZeroDivisionError")


def test_an_exception_before_any_route() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("at once")

    page = Shop(broken).client.get("/x", headers=PAGE)
    assert page.status_code == 500
    assert "No route had been matched." in page.text


def test_exceptions_that_no_answer_can_show() -> None:
    shop = Shop(routes(FastAPI()))
    assert shop.client.get("/late").json() == 1
    shop.client.get("/half")
    late, half = shop.lines[1], shop.lines[2]
    assert late.startswith("!!!  GET  /late  ZeroDivisionError: no <b>")
    assert late.endswith(", after the answer")
    assert half.startswith("200  GET  /half MS  ValueError: broke")


def test_an_app_that_does_not_finish() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        pass

    async def begun(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    lines = []
    for app in (silent, begun):
        shop = Shop(app)
        shop.client.get("/x")
        lines += shop.lines
    assert lines == [
        "none  GET  /x MS  the app ended without a complete answer",
        "200  GET  /x MS  the app ended without a complete answer",
    ]


def test_a_refusal_that_is_compressed_is_not_read() -> None:
    app = FastAPI(middleware=[Middleware(GZipMiddleware, minimum_size=1)])
    shop = Shop(routes(app))
    shop.client.post("/books", json={})
    assert shop.lines == ["422  POST  /books MS"]


def drive(app: Any, scope: Any) -> tuple[list[Any], list[str]]:
    """Return what an app sends on its own, and the lines; servers may offer more than the test client does."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    shop = Shop(app)
    asyncio.run(shop.observed(scope, receive, send))
    return sent, shop.lines


def test_a_file_that_the_server_sends() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.pathsend", "path": "/x"})

    _, lines = drive(app, {"type": "http", "method": "GET", "path": "/file", "headers": []})
    assert lines == ["200  GET  /file MS"]


def test_a_500_in_parts_is_released_whole() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"21")]
        await send({"type": "http.response.start", "status": 500, "headers": headers})
        await send({"type": "http.response.body", "body": b"Internal ", "more_body": True})
        await send({"type": "http.response.body", "body": b"Server Error"})

    sent, lines = drive(app, {"type": "http", "method": "GET", "path": "/", "headers": []})
    assert b"".join(message.get("body", b"") for message in sent) == b"Internal Server Error"
    assert lines == ["500  GET  / MS"]


def test_long_refusals_are_read_in_part() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 400, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b" " * 20_000, "more_body": True})
        await send({"type": "http.response.body", "body": b'{"detail": "x"}'})

    _, lines = drive(app, {"type": "http", "method": "GET", "path": "/", "headers": []})
    assert lines == ["400  GET  / MS"]


def test_causes_and_callers() -> None:
    app = FastAPI()

    def inner() -> None:
        raise KeyError("k")

    @app.get("/caused")
    async def caused() -> None:
        try:
            inner()
        except KeyError as error:
            raise ValueError("v") from error

    @app.get("/during")
    async def during() -> None:
        try:
            inner()
        except KeyError:
            await fails()

    @app.get("/hidden")
    async def hidden() -> None:
        try:
            inner()
        except KeyError:
            raise ValueError("v") from None

    shop = Shop(app)
    pages = [shop.client.get(path, headers=PAGE).text for path in ("/caused", "/during", "/hidden")]
    assert "It was caused by" in pages[0]
    assert "It was raised while this was handled:" in pages[1]
    assert "KeyError" not in pages[2].partition("<footer>")[0].replace("except KeyError", "")
    assert [line.strip().partition("  ")[0] for line in shop.lines] == [
        "500",
        "after KeyError: &#x27;k&#x27;".replace("&#x27;", "'"),
        "500",
        shop.lines[3].strip().partition("  ")[0],
        "after KeyError: 'k'",
        "500",
    ]
    assert " in test_causes_and_callers.<locals>.during: await fails()" in shop.lines[3]


def test_whole_tracebacks_where_they_are_wanted() -> None:
    shop = Shop(routes(FastAPI()), verbose=True)
    shop.client.get("/boom")
    assert "  Traceback (most recent call last):" in shop.lines


def test_websockets() -> None:
    app = FastAPI()

    @app.websocket("/talk")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        if await socket.receive_text() == "close":
            await socket.close(4000, "bye")
            await socket.receive()  # the client's own end of it
        else:
            raise ValueError("in talk")

    @app.websocket("/leave")
    async def leave(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.receive_text()

    @app.websocket("/early")
    async def early(socket: WebSocket) -> None:
        raise ValueError("before")

    @app.websocket("/denied")
    async def denied(socket: WebSocket) -> None:
        await socket.send_denial_response(PlainTextResponse("no", 401))

    @app.websocket("/after")
    async def after(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()
        raise ValueError("after")

    shop = Shop(app)
    with shop.client.websocket_connect("/talk") as socket:
        socket.send_text("close")
        socket.receive()
        socket.close()
    with pytest.raises(WebSocketDisconnect), shop.client.websocket_connect("/leave") as socket:
        assert socket.receive_text() == "hello"
    for path in ("/talk", "/early", "/denied", "/nowhere", "/after"):
        with suppress(Exception), shop.client.websocket_connect(path) as socket:
            socket.send_text("x")
            socket.receive()
    lines = [re.sub(r"  /\w+ MS|  \S+py:\d+$", "", line) for line in shop.lines]
    assert lines == [
        "101  WS",
        "4000  WS  bye",
        "101  WS",
        "1000  WS",
        "101  WS",
        "1011  WS  ValueError: in talk",
        "500  WS  ValueError: before",
        "401  WS",
        "403  WS",
        "101  WS",
        "1000  WS",
    ]


def test_an_app_that_fails_to_start() -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        if app is not None:
            raise OSError("no database")
        yield

    shop = Shop(FastAPI(lifespan=lifespan))
    with pytest.raises(OSError, match="no database"), shop.client:
        pass
    assert isinstance(shop.observed.startup_error, OSError)


def test_an_app_that_fails_to_stop() -> None:
    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        yield
        raise OSError("no goodbye")

    shop = Shop(FastAPI(lifespan=lifespan))
    with pytest.raises(OSError, match="no goodbye"), shop.client:
        pass
    assert shop.observed.startup_error is None
    assert shop.lines[0].startswith("!!!  the lifespan  OSError: no goodbye")


def test_an_app_that_knows_no_lifespan() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise TypeError("http only")

    shop = Shop(app)
    with pytest.raises(TypeError), shop.client:
        pass
    assert (shop.observed.startup_error, shop.lines) == (None, [])


def test_seconds_and_colours() -> None:
    out = io.StringIO()
    lines = Lines(Console(out, color=True))
    lines.request(200, {"method": "GET", "path": "/"}, 12.3)
    assert "12 s" in out.getvalue()
    assert "\033[32m200\033[0m" in out.getvalue()
