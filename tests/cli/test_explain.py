"""`martlet explain`: who answers and why, who does not, what the handler does, and how a request can be written."""

import pytest

from tests.cli.programs import Program

SHOP = """
    from martlet import APIRouter, FastAPI, WebSocket
    from martlet.routing import APIRoute
    from starlette.applications import Starlette
    from starlette.middleware.gzip import GZipMiddleware
    from starlette.responses import PlainTextResponse
    from starlette.routing import Host, Route

    app = FastAPI(openapi_url=None)
    app.add_middleware(GZipMiddleware)

    @app.get("/items/{item_id:int}")
    async def read_item(item_id: int) -> int: ...

    @app.get("/items/special")
    async def special(): ...

    @app.websocket("/live")
    async def live(socket: WebSocket): ...

    @app.post("/orders")
    async def order(): ...

    inner = FastAPI(openapi_url=None)

    @inner.get("/x")
    def x(): ...

    inner.add_route("/plain", lambda request: PlainTextResponse(""))
    app.mount("/inner", inner)

    group = APIRouter()

    @group.get("/y")
    def y(): ...

    app.mount("/group", group)
    app.mount("/old", Starlette(routes=[Route("/z", lambda request: PlainTextResponse(""))]))
    class Own(APIRoute):
        def matches(self, scope):
            return super().matches(scope)

    own = APIRouter(route_class=Own)

    @own.get("/own")
    def owned(): ...

    app.include_router(own)
    app.routes.append(Host("api.example.com", FastAPI(routes=[Route("/hosted", lambda request: None)])))
"""


@pytest.fixture(autouse=True)
def shop(program: Program) -> None:
    program.write(SHOP)


def lines(program: Program, *arguments: str) -> list[str]:
    said = program.run("explain", *arguments)
    assert (said.code, said.err) == (0, "")
    return said.out.splitlines()


def test_the_route_that_answers_is_explained_whole(program: Program) -> None:
    said = lines(program, "GET", "/items/special")
    assert said[: said.index("Source") + 2] == [
        "GET /items/special  special  main.py:15",
        "  /items/special is the first that matches",
        "Asked before",
        "  GET  /items/{item_id:int}  wants {item_id:int} where the path has 'special'",
        "Through",
        "  GZipMiddleware",
        "Plan",
        "  answers       200  untyped  JSONResponse",
        "Steps",
        "  1. name the route in the scope",
        "  2. call the endpoint (coroutine)",
        "  3. write JSON straight",
        "  4. send",
        "Source",
        "  async def handle_special(scope, receive, send, path):",
    ]


@pytest.mark.parametrize(
    ("request_", "head"),
    [
        ("GET /items/3", ["GET /items/3  read_item  main.py:12", "  /items/{item_id:int} is the first that matches"]),
        (
            "POST /items/3",
            [
                "POST /items/3  405 Method Not Allowed",
                "  /items/{item_id:int} is the first for this path, and takes GET",
            ],
        ),
        ("GET /nowhere", ["GET /nowhere  404 Not Found", "  no route is for this path"]),
        (
            "GET /items/3/",
            [
                "GET /items/3/  307 Temporary Redirect to /items/3",
                "  no route is for this path, and /items/{item_id:int} is for the same with another slash at its end",
            ],
        ),
        ("WS /live", ["WS /live  live  main.py:18", "  /live is the first that matches"]),
    ],
)
def test_every_outcome_has_a_reason(program: Program, request_: str, head: list[str]) -> None:
    assert lines(program, *request_.split())[:2] == head


def test_routes_whose_paths_begin_differently_are_only_counted(program: Program) -> None:
    said = lines(program, "POST", "/orders")
    assert said[2:4] == ["Asked before", "  3 routes for paths that begin differently"]
    said = lines(program, "GET", "/items/3/x")
    assert said[2:6] == [
        "Asked",
        "  GET  /items/{item_id:int}  ends where the path goes on: /x",
        "  GET  /items/special        has 'special' where the path has '3'",
        "  and 7 routes for paths that begin differently",
    ]


def test_routes_that_come_too_late_are_named(program: Program) -> None:
    program.write(
        """
        from martlet import FastAPI
        app = FastAPI(openapi_url=None)
        @app.get("/{x}")
        def f(x): ...
        @app.get("/new")
        def g(): ...
        app.mount("/", lambda scope, receive, send: None)
        """
    )
    said = lines(program, "GET", "/new")
    assert said[2:6] == [
        "    x = 'new'",
        "Would answer too, but comes later",
        "  GET  /new  main.py:6",
        "  *    /     main.py:8",
    ]
    data = program.run("explain", "GET", "/new", "--json").data
    assert [row["path"] for row in data["levels"][0]["later"]] == ["/new", "/"]


def test_the_way_goes_on_in_a_mounted_app(program: Program) -> None:
    said = lines(program, "GET", "/inner/x")
    assert said[0] == "GET /inner/x  x  main.py:26"
    assert said[4:6] == [
        "In the app that is mounted there, with the path /x",
        "  /inner/x is the first that matches",
    ]
    assert "  async def handle_x(scope, receive, send, path):" in said
    assert "  async def handle_y(scope, receive, send, path):" in lines(program, "GET", "/group/y")
    assert "  it is not compiled" in "\n".join(lines(program, "GET", "/inner/plain")).replace("matches /plain; ", "")
    assert lines(program, "GET", "/inner/nope")[0] == "GET /inner/nope  404 Not Found"


def test_a_route_that_decides_itself_says_so(program: Program) -> None:
    assert lines(program, "GET", "/own")[-1] == "  it matches or handles requests by code of its own"


def test_of_another_framework_s_app_only_the_way_is_known(program: Program) -> None:
    data = program.run("explain", "GET", "/old/z", "--json").data
    assert (data["outcome"], data["reason"], data["plan"], data["source"]) == ("answers", None, None, None)
    assert [level["path"] for level in data["levels"]] == ["/old/z", "/z"]


def test_everything_is_data(program: Program) -> None:
    data = program.run("explain", "GET", "/items/3", "--json").data
    assert data["outcome"] == "answers"
    assert data["status"] is data["location"] is None
    assert (data["route"]["name"], data["route"]["line"]) == ("read_item", 12)
    assert data["levels"][0]["params"] == {"item_id": 3}
    assert data["levels"][0]["asked"][0]["matches"] == "yes"
    assert data["middleware"] == ["GZipMiddleware"]
    assert data["reason"] == "matches /items/{item_id:int}"
    assert data["plan"][1] == "path          item_id: int  required"
    assert data["steps"][-1] == "send"
    assert "async def handle_read_item" in data["source"]
    missing = program.run("explain", "GET", "/nowhere", "--json").data
    assert (missing["status"], missing["route"], missing["steps"]) == (404, None, None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/items/3"], "GET /items/3  read_item"),
        (["/items/3", "main.py"], "GET /items/3  read_item"),
        (["get", "/items/3", "main:app"], "GET /items/3  read_item"),
        (["GET", "http://127.0.0.1:8000/items/3?page=2"], "GET /items/3  read_item"),
        (["GET", "http://127.0.0.1:8000"], "GET /  404"),
        (["GET", "/items/%33"], "GET /items/3  read_item"),
        (["websocket", "/live"], "WS /live  live"),
        (["ws://127.0.0.1/live"], "WS /live  live"),
        (["GET", "/items/{item_id:int}"], "GET /items/918273645  read_item"),
        (["GET", "/items/{item_id}"], "GET /items/918273645  read_item"),
        (["POST", "/items/{item_id}"], "POST /items/{item_id}  404"),
        (["GET", "https://api.example.com/hosted"], "GET /hosted  <lambda>"),
    ],
)
def test_a_request_can_be_written_in_many_ways(program: Program, arguments: list[str], told: str) -> None:
    assert lines(program, *arguments)[0].startswith(told)


@pytest.mark.parametrize("arguments", [[], ["GET"], ["GET", "items"], ["G T", "/items"], ["GET", "main.py", "/items"]])
def test_what_is_no_request_is_refused(program: Program, arguments: list[str]) -> None:
    said = program.run("explain", *arguments)
    assert said.code == 2
    assert "a method and a path that starts with a slash" in said.err


def test_a_frontend_may_answer(program: Program) -> None:
    program.write("<p>", "site/index.html")
    program.write(
        """
        from martlet import FastAPI
        app = FastAPI(openapi_url=None)
        app.frontend("/", directory="site")
        """,
        "web.py",
    )
    assert lines(program, "GET", "/page", "web.py") == [
        "GET /page  files of 'site'",
        "  no route is for this path, so a frontend looks for a file",
    ]
    assert lines(program, "POST", "/page", "web.py") == [
        "POST /page  files of 'site'",
        "  no route is for this path, and the frontend takes GET, HEAD: 405 for a file, 404 otherwise",
    ]
