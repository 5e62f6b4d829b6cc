"""WebSocket endpoints: what they do before, after and instead of accepting, and what a client sends them."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.oracle.kinds import one_in
from tests.oracle.results import echo

METHOD = "websocket"
ACCEPTS = (
    "await websocket.accept()",
    "await websocket.accept()",
    'await websocket.accept(subprotocol="chat", headers=[(b"x-own", b"1")])',
)
# Lines after accepting.
TALKS = (
    ("async for text in websocket.iter_text():", "    await websocket.send_text(text.upper())"),
    ("async for data in websocket.iter_json():", "    await websocket.send_json([data])"),
    ("await websocket.send_bytes(await websocket.receive_bytes())",),
    (
        "try:",
        "    while True:",
        "        await websocket.send_text(await websocket.receive_text())",
        "except WebSocketDisconnect as error:",
        "    LOG.append(f'left {error.code}')",
    ),
    ("await websocket.receive_text()", "await websocket.close(code=4000, reason='enough')"),
    ("raise WebSocketException(code=1008, reason='not allowed')",),
    ("raise HTTPException(403, 'late')",),
    ("raise Oops('while talking')",),
    ("await websocket.close()", "await websocket.send_text('too late')"),
)
# Lines instead of accepting.
REFUSALS = (
    ("raise WebSocketException(code=4001)",),
    ("raise HTTPException(401, {'why': 'no'}, headers={'X-Why': 'no'})",),
    ("raise Oops('before accepting')",),
    ("await websocket.close(code=4002, reason='no')",),
    ("await websocket.send_denial_response(JSONResponse({'why': 'no'}, status_code=404))",),
    ("LOG.append(websocket.url.path)",),
    ("await websocket.send_text('too early')",),
)
FRAMES = ("hello", '{"a": [1.5]}', "{", "", "\u00fc", b"bytes", b"\xff")
ON_INVALID_WEBSOCKET = """
@app.exception_handler(WebSocketRequestValidationError)
async def on_invalid_websocket(websocket: WebSocket, error: Any) -> None:
    LOG.append(repr([each["loc"] for each in error.errors()]))
    await websocket.close(code=4422, reason="invalid")
"""
ON_OOPS_WEBSOCKET = """
@app.exception_handler(Oops)
async def on_oops_websocket(websocket: Any, error: Oops) -> Any:
    LOG.append("oops handler")
    return PlainTextResponse("oops", status_code=409)
"""
HANDLERS = (ON_INVALID_WEBSOCKET, ON_OOPS_WEBSOCKET)


@st.composite
def conversations(draw: st.DrawFn, values: Sequence[tuple[str, str]]) -> list[str]:
    """Draw the body of an endpoint.

    Args:
        draw: Hypothesis's.
        values: (name, expression) of what it was given.
    """
    if one_in(draw, 3):
        return list(draw(st.sampled_from(REFUSALS)))
    shown = f"await websocket.send_text(repr({echo(values)}))"
    return [draw(st.sampled_from(ACCEPTS)), shown, *draw(st.sampled_from(TALKS))]


def frames() -> st.SearchStrategy[tuple[str | bytes, ...]]:
    """Draw what the client sends before it leaves."""
    several: st.SearchStrategy[list[str | bytes]] = st.lists(st.sampled_from(FRAMES), max_size=3)
    return several.map(lambda drawn: tuple(drawn))  # noqa: PLW0108 -- mypy reads no type into a bare `tuple`
