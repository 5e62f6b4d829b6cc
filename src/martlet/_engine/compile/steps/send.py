"""Sending: `content` in two messages, or a response object."""

from typing import Final

from martlet._engine.compile.dialects.asgi import ASGI
from martlet._engine.compile.recipe import Recipe
from martlet._engine.compile.source import Source
from martlet._engine.run.exits import swallowed
from martlet._engine.run.last import LastMessage
from martlet._engine.run.outgoing import checked
from martlet._engine.run.rsgi import Pairs, added_texts
from martlet._engine.run.send import send_awaited

JSON_TYPE: Final = (b"content-type", b"application/json")
JSON_HEADERS: Final[Pairs] = [("content-type", "application/json")]


def send_content(source: Source, recipe: Recipe) -> None:
    """Send JSON."""
    if recipe.notes_start:
        source.line("started = True")
    (_send_messages if recipe.dialect is ASGI else _answer_at_once)(source, recipe)
    if recipe.background:
        source.line("await background()")


def _answer_at_once(source: Source, recipe: Recipe) -> None:
    """Answer over RSGI, where the server says the length."""
    headers = source.bind("JSON_HEADERS", JSON_HEADERS)
    if recipe.draft:
        added = source.bind("added_texts", added_texts)
        source.line(f"headers = [*{headers}, *{added}(draft.raw_headers, content)]")
        headers = "headers"
    source.line(f"proto.response_bytes({int(recipe.plan.result.status_code or 200)}, {headers}, content)")


def _send_messages(source: Source, recipe: Recipe) -> None:
    """Send over ASGI: the headers are those of Starlette's JSONResponse, in its order."""
    headers = f'(b"content-length", b"%d" % len(content)), {source.bind("JSON_TYPE", JSON_TYPE)}'
    if recipe.draft:
        headers += f", *{source.bind('checked', checked)}(draft.raw_headers, content)"
    status = int(recipe.plan.result.status_code or 200)
    source.line(f"headers = [{headers}]")
    source.line(f'await send({{"type": "http.response.start", "status": {status}, "headers": headers}})')
    message = '{"type": "http.response.body", "body": content}'
    if not recipe.setting.awaited:
        source.line(f"await send({message})")
        return
    last = source.bind("LastMessage", LastMessage)
    if recipe.background:
        source.line(f"message = {message}")
        source.line(f"await send(message if background.tasks else {last}(message))")
    else:
        source.line(f"await send({last}({message}))")


def deliver(source: Source, recipe: Recipe, response: str) -> None:
    """Send the response object that `response` makes, or keep it until that is due."""
    if recipe.exits:
        source.line(f"response = {response}")
    else:
        source.line(f"return {_send_response(source, recipe, response)}")


def send_kept(source: Source, recipe: Recipe) -> None:
    """Send the content or the response that was kept; neither is there if a dependency swallowed an exception."""
    if recipe.ends_before_answer:
        with source.block("if content is None and response is None:" if recipe.writes_json else "if response is None:"):
            source.line(f"raise {source.bind('swallowed', swallowed)}()")
    if not recipe.writes_json:
        source.line(_send_response(source, recipe, "response"))
        return
    with source.block("if response is not None:"):
        source.line(_send_response(source, recipe, "response"))
    with source.block("else:"):
        send_content(source, recipe)


def _send_response(source: Source, recipe: Recipe, response: str) -> str:
    if recipe.setting.failures is None and response in ("response", "result"):
        return f"await {response}(scope, receive, send)"
    send = send_awaited if recipe.setting.awaited and recipe.dialect is ASGI else recipe.dialect.send_response
    return f"await {source.bind('send_response', send)}({response}, {recipe.dialect.connection})"
