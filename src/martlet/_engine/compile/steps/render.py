"""Rendering: the return value becomes `content`, JSON in bytes, or `response`, an object that sends itself."""

from contextlib import nullcontext

from pydantic import ValidationError
from starlette.responses import Response

from martlet._engine.compile.recipe import Recipe
from martlet._engine.compile.renderer import Renderer, renderer
from martlet._engine.compile.source import Source
from martlet._engine.compile.steps import telemetry
from martlet._engine.compile.steps.send import deliver
from martlet._engine.run.render import content_of, untyped_json
from martlet._engine.run.threads import in_thread


def render(source: Source, recipe: Recipe) -> None:
    """Make `content` or `response` of `result`; a handler with nothing to do afterwards sends a response at once."""
    shared = f"scope, {'background' if recipe.background else 'None'}, {'draft' if recipe.draft else 'None'}"
    if recipe.plan.result.stream is not None:
        stream = source.bind("stream", recipe.careful.responder.stream)
        deliver(source, recipe, f"await {stream}(result, {shared}, exits)")
        return
    answer = f"await {source.bind('answer', recipe.careful.responder.answer)}(result, {shared})"
    if recipe.writes_json:
        _render_json(source, recipe, answer)
    else:
        deliver(source, recipe, answer)


def _render_json(source: Source, recipe: Recipe, answer: str) -> None:
    """Make `content` of what is data; what is a response object is sent as `answer` makes it."""
    is_response = f"isinstance(result, {source.bind('Response', Response)})"
    if recipe.draft:
        is_response += " or draft.status_code is not None"
    elif not recipe.background:
        answer = "result"
    typed = None if recipe.renders_in_thread else renderer(recipe.plan.result)
    asks_once = not (recipe.draft or recipe.exits or recipe.setting.watched)
    if typed is not None and asks_once and (doubt := _doubt(source, typed)):
        # What is trusted is no response either: one question instead of two.
        with source.block(f"if {doubt}:"):
            with source.block(f"if {is_response}:"):
                deliver(source, recipe, answer)
            _validate(source, recipe, typed)
        _write(source, recipe, typed)
        return
    with source.block(f"if {is_response}:"):
        deliver(source, recipe, answer)
    # A response that is kept for later leaves the rest to be passed over; one that was sent has returned.
    with source.block("else:") if recipe.exits else nullcontext():
        telemetry.serialize(source, recipe)
        _check(source, recipe, typed)
        _write(source, recipe, typed)


def _doubt(source: Source, typed: Renderer) -> str | None:
    """Return the condition under which the return value is to be validated; None where it always is."""
    if typed.trusted is not None:
        return f"type(result) is not {source.bind_callable(typed.trusted, typed.trusted, 'model')}"
    if typed.trusted_items is not None:
        model = source.bind_callable(typed.trusted_items, typed.trusted_items, "model")
        return f"type(result) is not list or {{*map(type, result)}} != {{{model}}}"
    return None


def _check(source: Source, recipe: Recipe, typed: Renderer | None) -> None:
    """Validate `result` against the declared type, where that can make a difference."""
    if typed is None or typed.validate is None:
        return
    doubt = _doubt(source, typed)
    if doubt is None:
        _validate(source, recipe, typed)
        return
    with source.block(f"if {doubt}:"):
        _validate(source, recipe, typed)


def _validate(source: Source, recipe: Recipe, typed: Renderer) -> None:
    with source.block("try:"):
        source.line(f"result = {source.bind('validate_result', typed.validate)}(result, from_attributes=True)")
    with source.block(f"except {source.bind('ValidationError', ValidationError)} as refusal:"):
        refused = source.bind("refused", recipe.careful.responder.refused)
        source.line(f"raise {refused}(refusal, result, scope) from None")


def _write(source: Source, recipe: Recipe, typed: Renderer | None) -> None:
    """Write `content`."""
    if typed is not None:
        given = ["result", *(f"{name}={_option(source, name, option)}" for name, option in typed.options.items())]
        source.line(f"content = {source.bind('to_json', typed.to_json)}({', '.join(given)})")
    elif recipe.renders_in_thread:
        context = source.bind("context", recipe.careful.responder.context)
        written = f"{source.bind('content_of', content_of)}, {source.bind('declared', recipe.plan.result)}"
        source.line(f"content = await {source.bind('in_thread', in_thread)}({written}, result, {context}(scope))")
    else:
        source.line(f"content = {source.bind('untyped_json', untyped_json)}(result)")


def _option(source: Source, name: str, option: object) -> str:
    return repr(option) if isinstance(option, bool) else source.bind(name, option)
