"""Sending: `content` in two messages, or a response object."""

from typing import Final

from martlet._engine.compile.recipe import Recipe
from martlet._engine.compile.source import Source
from martlet._engine.run.exits import swallowed
from martlet._engine.run.send import send_response

JSON_TYPE: Final = (b"content-type", b"application/json")


def send_content(source: Source, recipe: Recipe) -> None:
    """Send JSON: the headers are those of Starlette's JSONResponse, in its order."""
    headers = f'(b"content-length", b"%d" % len(content)), {source.bind("JSON_TYPE", JSON_TYPE)}'
    if recipe.draft:
        headers += ", *draft.raw_headers"
    status = recipe.plan.result.status_code or 200
    if recipe.notes_start:
        source.line("started = True")
    source.line(f"headers = [{headers}]")
    source.line(f'await send({{"type": "http.response.start", "status": {status:d}, "headers": headers}})')
    source.line('await send({"type": "http.response.body", "body": content})')
    if recipe.background:
        source.line("await background()")


def deliver(source: Source, recipe: Recipe, response: str) -> None:
    """Send the response object that `response` makes, or keep it until that is due."""
    if recipe.exits:
        source.line(f"response = {response}")
    else:
        source.line(f"return {_send_response(source, recipe, response)}")


def send_kept(source: Source, recipe: Recipe) -> None:
    """Send what was kept: the content or the response object; neither is there if a dependency swallowed an exception."""
    if recipe.writes_json:
        with source.block("if content is not None:"):
            send_content(source, recipe)
        opening = "elif response is not None:"
    else:
        opening = "if response is not None:"
    with source.block(opening):
        source.line(_send_response(source, recipe, "response"))
    with source.block("else:"):
        source.line(f"raise {source.bind('swallowed', swallowed)}()")


def _send_response(source: Source, recipe: Recipe, response: str) -> str:
    if recipe.setting.failures is None and response in ("response", "result"):
        return f"await {response}(scope, receive, send)"
    return f"await {source.bind('send_response', send_response)}({response}, scope, receive, send)"
