"""Rendering: the return value becomes `content`, JSON in bytes, or `response`, an object that sends itself."""

from pydantic import ValidationError
from starlette.responses import Response

from martlet._engine.compile.recipe import Recipe
from martlet._engine.compile.renderer import Renderer, renderer
from martlet._engine.compile.source import Source
from martlet._engine.run.render import content_of, untyped_json
from martlet._engine.run.send import send_response
from martlet._engine.run.threads import in_thread


def render(source: Source, recipe: Recipe) -> None:
    """Make `content` or `response` of `result`; a handler with nothing to do afterwards sends a response at once."""
    shared = f"scope, {'background' if recipe.background else 'None'}, {'draft' if recipe.draft else 'None'}"
    if recipe.plan.result.stream is not None:
        stream = source.bind("stream", recipe.careful.responder.stream)
        deliver(source, recipe, f"await {stream}(result, {shared}, exits)")
        return
    answer = f"await {source.bind('answer', recipe.careful.responder.answer)}(result, {shared})"
    if not recipe.writes_json:
        deliver(source, recipe, answer)
        return
    is_object = f"isinstance(result, {source.bind('Response', Response)})"
    if recipe.draft:
        is_object += " or draft.status_code is not None"
    typed = None if recipe.renders_in_thread else renderer(recipe.plan.result)
    trusted = None if recipe.draft else _trusted(source, typed)
    if recipe.finish_inside:
        with source.block(f"if {is_object}:"):
            deliver(source, recipe, answer)
        with source.block("else:"):
            _check(source, recipe, typed, trusted)
            _write(source, recipe, typed)
        return
    with source.block(f"if not ({trusted}):" if trusted else f"if {is_object}:"):
        if trusted:
            with source.block(f"if {is_object}:"):
                deliver(source, recipe, answer)
            _check(source, recipe, typed, None)
        else:
            deliver(source, recipe, answer)
    if not trusted:
        _check(source, recipe, typed, None)
    _write(source, recipe, typed)


def deliver(source: Source, recipe: Recipe, response: str) -> None:
    """Send the response object that `response` makes, or keep it until that is due."""
    if recipe.finish_inside:
        source.line(f"response = {response}")
    else:
        source.line(f"return await {source.bind('send_response', send_response)}({response}, scope, receive, send)")


def _trusted(source: Source, typed: Renderer | None) -> str | None:
    """Return the condition under which the return value needs no validation; None where it always does."""
    if typed is None:
        return None
    if typed.trusted is not None:
        return f"type(result) is {source.bind('model', typed.trusted)}"
    if typed.trusted_items is not None:
        items = source.bind("only_models", {typed.trusted_items})
        return f"type(result) is list and {{*map(type, result)}} == {items}"
    return None


def _check(source: Source, recipe: Recipe, typed: Renderer | None, trusted: str | None) -> None:
    """Validate `result` against the declared type."""
    if typed is None:
        return
    if trusted:
        with source.block(f"if not ({trusted}):"):
            _check(source, recipe, typed, None)
        return
    with source.block("try:"):
        source.line(f"result = {source.bind('validate_result', typed.validate)}(result, from_attributes=True)")
    with source.block(f"except {source.bind('ValidationError', ValidationError)} as refusal:"):
        refused = source.bind("refused", recipe.careful.responder.refused)
        source.line(f"raise {refused}(refusal, result, scope) from None")


def _write(source: Source, recipe: Recipe, typed: Renderer | None) -> None:
    """Write `content`."""
    if typed is not None:
        given = ", ".join(f"{name}={source.bind(name, option)}" for name, option in typed.options.items())
        source.line(f"content = {source.bind('to_json', typed.to_json)}(result, {given})")
    elif recipe.renders_in_thread:
        context = source.bind("context", recipe.careful.responder.context)
        written = f"{source.bind('content_of', content_of)}, {source.bind('declared', recipe.plan.result)}"
        source.line(f"content = await {source.bind('in_thread', in_thread)}({written}, result, {context}(scope))")
    else:
        source.line(f"content = {source.bind('untyped_json', untyped_json)}(result)")
