"""Sending: `content` in two messages, or the response object."""

from typing import Final

from martlet._engine.compile.recipe import Recipe
from martlet._engine.compile.source import Source
from martlet._engine.run.send import send_response

JSON_TYPE: Final = (b"content-type", b"application/json")


def send_content(source: Source, recipe: Recipe) -> None:
    """Send JSON: the headers are those of Starlette's JSONResponse, in its order."""
    headers = f'[(b"content-length", b"%d" % len(content)), {source.bind("JSON_TYPE", JSON_TYPE)}'
    headers += ", *draft.raw_headers]" if recipe.draft else "]"
    status = recipe.plan.result.status_code or 200
    source.line(f'await send({{"type": "http.response.start", "status": {status:d}, "headers": {headers}}})')
    source.line('await send({"type": "http.response.body", "body": content})')
    if recipe.background:
        source.line("await background()")


def send_either(source: Source, recipe: Recipe) -> None:
    """Send the response object if there is one, and the content otherwise."""
    send = f"await {source.bind('send_response', send_response)}(response, scope, receive, send)"
    if not recipe.writes_json:
        source.line(send)
        return
    with source.block("if response is not None:"):
        source.line(send)
    with source.block("else:"):
        source.line("started = True")
        send_content(source, recipe)
