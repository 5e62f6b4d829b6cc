"""What is drawn: all that a framework has is met, and WebSockets are asked as servers ask them."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.oracle.client import Answer, ask, build, running
from tests.oracle.hunt import Finding, Pair, Tally, cases, examine
from tests.oracle.preamble import PREAMBLE
from tests.oracle.programs import Program
from tests.oracle.reduce import reduced
from tests.oracle.requests import Request

# What programs have in them, by a part of their text below the preamble.
MET = (
    *("OAuth2PasswordRequestForm", "UploadFile", "list[bytes]", "Form(", "form_limits"),
    *("APIKeyHeader(", "HTTPBasic(", "HTTPBearer(", "OAuth2PasswordBearer(", "Security(", "SecurityScopes"),
    *("EventSourceResponse", "ServerSentEvent(", "StreamingResponse", "Iterable["),
    *(".websocket(", "iter_json", "send_denial_response", "WebSocketException(", "WebSocketRequestValidationError)"),
)


@pytest.mark.timeout(300)  # four hundred programs: a minute on a busy machine
def test_all_that_a_framework_has_is_drawn() -> None:
    met: Counter[str] = Counter()
    sent: Counter[str] = Counter()

    @settings(
        max_examples=400,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @seed(4)
    @given(cases())
    def draw(case: tuple[Program, list[Request]]) -> None:
        program, requests = case
        declared = program.source.removeprefix(PREAMBLE)
        met.update(part for part in MET if part in declared)
        for request in requests:
            sent.update(value.partition(";")[0] for name, value in request.headers if name == "content-type")
            sent["frames"] += len(request.frames)

    draw()
    assert [part for part in MET if not met[part]] == []
    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "frames"):
        assert sent[kind] > 10


SOCKETS = """
from fastapi import FastAPI, WebSocket, WebSocketException
from starlette.responses import PlainTextResponse
LOG = []
app = FastAPI()

@app.websocket("/echo")
async def echo(websocket: WebSocket, number: int = 0):
    await websocket.accept("chat", [(b"x-own", b"1")])
    async for text in websocket.iter_text():
        await websocket.send_text(text * number)
    LOG.append("left")

@app.websocket("/refused")
async def refused(websocket: WebSocket):
    raise WebSocketException(4001, "no")

@app.websocket("/denied")
async def denied(websocket: WebSocket):
    await websocket.send_denial_response(PlainTextResponse("no", 404))

@app.websocket("/broken")
async def broken(websocket: WebSocket):
    raise LookupError("broken")
"""


def asked(target: str, *frames: str) -> Answer:
    with running() as runner:
        return ask(runner, build(SOCKETS, "fastapi"), Request("WEBSOCKET", target, frames=frames))


def test_a_conversation_is_asked_to_its_end() -> None:
    answer = asked("/echo?number=2", "a", "b")
    assert (answer.status, answer.headers, answer.log) == (101, (("x-own", "1"),), ("left",))
    assert b"'text': 'aa'" in answer.body
    assert b"'text': 'bb'" in answer.body


@pytest.mark.parametrize(
    ("target", "status", "said"),
    [("/refused", 403, b"4001"), ("/denied", 404, b"b'no'"), ("/broken", 0, b"[]"), ("/echo?number=x", 403, b"1008")],
)
def test_refusals_have_a_status_too(target: str, status: int, said: bytes) -> None:
    answer = asked(target)
    assert answer.status == status
    assert said in answer.body
    assert answer.raised[:1] == (("LookupError",) if target == "/broken" else ())


def test_a_difference_between_sockets_is_found_and_made_small() -> None:
    telling = SOCKETS.replace("text * number", "text * number + FastAPI.__module__")
    request = Request("WEBSOCKET", "/echo?number=2&more=1", (("x-more", "1"),), frames=("a", "b"))
    with running() as runner:
        found = examine(runner, Pair(), telling, [request], Tally())
        assert [each.difference.what for each in found] == ["body of a 101"]
        small: Finding = reduced(runner, Pair(), found[0])
    assert small.request
    assert len(small.request.frames) == 1
    assert small.request.headers == ()
    assert "/refused" not in small.source
