"""Routes that cannot be reached, that share an operation id, whose document fails, that are served the longer way."""

import pytest
from starlette.convertors import CONVERTOR_TYPES

from tests.cli.programs import Program

HEAD = """
from martlet import APIRouter, Depends, FastAPI, WebSocket
from martlet.routing import APIRoute
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host, Match, Mount, Route
from starlette.convertors import Convertor, register_url_convertor
app = FastAPI(openapi_url=None)
def plain(request): ...
"""


def found(program: Program, text: str, code: str) -> list[str]:
    program.write(HEAD + text)
    data = program.run("check", "--json").data
    return [finding["message"] for finding in data["findings"] if finding["code"].endswith(code)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@app.get('/a/{x}')\ndef f(x): ...\n@app.get('/a/b')\ndef g(): ...", ["GET /a/b < /a/{x}"]),
        ("@app.get('/a/b')\ndef f(): ...\n@app.get('/a/{x}')\ndef g(x): ...", []),
        ("@app.get('/a/{x:int}')\ndef f(x): ...\n@app.get('/a/{x}')\ndef g(x): ...", []),
        ("@app.get('/a/{x}')\ndef f(x): ...\n@app.get('/a/{x:int}')\ndef g(x): ...", ["GET /a/{x:int} < /a/{x}"]),
        ("@app.get('/a/{x}')\ndef f(x): ...\n@app.post('/a/b')\ndef g(): ...", []),
        (
            "@app.get('/{x:path}')\ndef f(x): ...\n@app.get('/a/{b:uuid}/c')\ndef g(b): ...",
            ["GET /a/{b:uuid}/c < /{x:path}"],
        ),
        (
            "@app.get('/a')\ndef f(): ...\n@app.api_route('/a', methods=['GET', 'PUT'])\ndef g(): ...",
            ["GET /a < /a"],
        ),
        (
            (
                "@app.get('/a')\ndef f(): ...\n@app.put('/a')\ndef h(): ...\n"
                "@app.api_route('/a', methods=['GET', 'PUT'])\ndef g(): ..."
            ),
            ["GET /a < /a", "PUT /a < /a"],
        ),
        ("app.mount('/a', Starlette())\n@app.get('/a/b')\ndef g(): ...", ["GET /a/b < /a"]),
        ("app.mount('/a', Starlette())\napp.mount('/a/b', Starlette())", ["* /a/b < /a"]),
        ("app.mount('/b', Starlette())\n@app.get('/a/b')\ndef g(): ...", []),
        ("app.add_route('/a', plain, methods=None)\napp.add_route('/a', plain)", ["GET,HEAD /a < /a"]),
        (
            (
                "@app.websocket('/{x}')\nasync def f(s: WebSocket, x): ...\n"
                "@app.websocket('/w')\nasync def g(s: WebSocket): ...\n@app.get('/w')\ndef h(): ..."
            ),
            ["WS /w < /{x}"],
        ),
        ("app.routes.append(Host('a.example', Starlette()))\n@app.get('/a/b')\ndef g(): ...", []),
        (
            (
                "r = APIRouter()\n@r.get('/{x}')\ndef f(x): ...\n@r.get('/y')\ndef g(): ...\n"
                "app.include_router(r, prefix='/p')\napp.mount('/m', r)"
            ),
            ["GET /p/y < /p/{x}", "GET /y < /{x}"],
        ),
    ],
)
def test_routes_that_cannot_be_reached(program: Program, text: str, said: list[str]) -> None:
    short = [
        message.partition(" (")[0]
        .replace(" is never reached: ", " < ")
        .replace(" before it takes the same requests", "")
        for message in found(program, text, "C102")
    ]
    assert short == said


def test_a_path_without_a_slash_is_never_reached(program: Program) -> None:
    text = """
@app.get("health")
def health(): ...
r = APIRouter()
@r.get("s")
def under_a_prefix(): ...
app.include_router(r, prefix="/item")
sub = FastAPI(openapi_url=None)
@sub.get("")
def root_of_a_mount(): ...
app.mount("/sub", sub)
"""
    assert found(program, text, "C102") == ["GET health is never reached: its path does not begin with a slash"]


def test_the_route_in_the_way_is_named_with_its_place(program: Program) -> None:
    text = "@app.get('/a/{x}')\ndef f(x): ...\n@app.get('/a/b')\ndef g(): ..."
    assert found(program, text, "C102")[0].endswith("takes the same requests (main.py:9)")


def test_a_route_that_decides_itself_is_asked(program: Program) -> None:
    text = """
class Greedy(BaseRoute):
    def matches(self, scope):
        return (Match.FULL if scope.get("method") == "GET" else Match.NONE), {}

class Picky(APIRoute):
    def matches(self, scope):
        return Match.NONE, {}

r = APIRouter(route_class=Picky)
@r.post("/first")
def first(): ...
app.include_router(r)
app.routes.append(Greedy())
@app.get("/after")
def after(): ...
"""
    assert [message.partition(":")[0] for message in found(program, text, "C102")] == ["GET /after is never reached"]


def test_a_convertor_of_which_nothing_is_known_is_passed_over(program: Program) -> None:
    text = """
class Odd(Convertor):
    regex = "[0-9]{3}-[a-z]{7}-odd"
    def convert(self, value): return value
    def to_string(self, value): return value
register_url_convertor("odd_one", Odd())
@app.get("/{x}")
def f(x): ...
@app.get("/{x:odd_one}")
def g(x): ...
"""
    try:
        assert found(program, text, "C102") == []
    finally:
        del CONVERTOR_TYPES["odd_one"]


def test_operation_ids(program: Program) -> None:
    text = """
app = FastAPI()
@app.get("/a", operation_id="one")
def a(): ...
@app.get("/b", operation_id="one")
def b(): ...
@app.get("/c", operation_id="one", include_in_schema=False)
def c(): ...
@app.api_route("/d", methods=["GET", "POST"])
def d(): ...
@app.get("/e.f")
def e(): ...
@app.get("/e_f")
def e(): ...
"""
    assert found(program, text, "C101") == [
        "GET /b has the operation id 'one' of GET /a (main.py:11)",
        "GET,POST /d: its methods share the operation id 'd_d_get'",
        "GET /e_f has the operation id 'e_e_f_get' of GET /e.f (main.py:19)",
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("app = FastAPI()\ndef no(): raise ValueError('today')\napp.openapi = no", 1),
        ("def no(): raise ValueError('today')\napp.openapi = no", 0),
        ("app = FastAPI()", 0),
    ],
)
def test_a_document_that_cannot_be_made(program: Program, text: str, count: int) -> None:
    said = found(program, text, "C107")
    assert said == ["The OpenAPI document cannot be made, so the docs answer 500: ValueError today"] * count


def test_the_longer_way(program: Program) -> None:
    text = """
class Own(APIRoute):
    def get_route_handler(self):
        return super().get_route_handler()

r = APIRouter(route_class=Own)
@r.get("/own")
def own(): ...
@r.get("/compiled")
def compiled(): ...
app.include_router(r)
@app.get("/ours")
def ours(): ...
app.mount("/other", Starlette(routes=[Route("/x", plain)]))
"""
    said = found(program, text, "C202")
    assert [message.partition(":")[0] for message in said] == [
        "GET /own is not compiled",
        "GET /compiled is not compiled",
    ]
    assert "`get_route_handler` is overridden" in said[0]
