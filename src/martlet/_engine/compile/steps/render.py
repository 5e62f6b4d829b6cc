"""Rendering: the return value becomes `content`, JSON in bytes, or `response`, an object that sends itself."""

from contextlib import nullcontext
from operator import countOf

from pydantic import ValidationError
from starlette.responses import Response

from martlet._engine.compile.recipe import Recipe
from martlet._engine.compile.renderer import Renderer, renderer
from martlet._engine.compile.source import Source
from martlet._engine.compile.steps import telemetry
from martlet._engine.compile.steps.send import deliver
from martlet._engine.run.render import content_of, untyped_json
from martlet._engine.run.threads import in_thread


def render(source: Source, recipe: Recipe, *, is_written: bool = False) -> None:
    """Make `content` or `response` of `result`; a handler with nothing to do afterwards sends a response at once.

    Args:
        is_written: whether `render_within` made `content` already, or None where `result` becomes a response.
    """
    shared = f"{'background' if recipe.background else 'None'}, {'draft' if recipe.draft else 'None'}"
    shared = f"{recipe.dialect.scope}, {shared}"
    if recipe.plan.result.stream is not None:
        stream = source.bind("stream", recipe.careful.responder.stream)
        deliver(source, recipe, f"await {stream}(result, {shared}, exits)")
        return
    answer = f"await {source.bind('answer', recipe.careful.responder.answer)}(result, {shared})"
    if not recipe.writes_json:
        deliver(source, recipe, answer)
        return
    if not (recipe.draft or recipe.background):
        answer = "result"
    if is_written:
        with source.block("if content is None:"):
            deliver(source, recipe, answer)
    else:
        _render_json(source, recipe, answer)


def render_within(source: Source, recipe: Recipe) -> None:
    """Return `result` and its JSON out of a hop, or None instead of JSON where `result` becomes a response."""
    typed = renderer(recipe.plan.result)
    if typed is not None and not recipe.draft and (doubt := _doubt(source, typed)):
        with source.block(f"if {doubt}:"):
            with source.block(f"if {_is_response(source, recipe)}:"):
                source.line("return result, None")
            _validate(source, recipe, typed)
            if typed.items_to_json:
                source.line(f"return result, {_content(source, recipe, typed)}")
        source.line(f"return result, {_trusted_content(source, recipe, typed)}")
        return
    with source.block(f"if {_is_response(source, recipe)}:"):
        source.line("return result, None")
    _check(source, recipe, typed)
    source.line(f"return result, {_content(source, recipe, typed)}")


def _render_json(source: Source, recipe: Recipe, answer: str) -> None:
    """Make `content` of what is data; what is a response object is sent as `answer` makes it."""
    is_response = _is_response(source, recipe)
    typed = None if recipe.renders_in_thread else renderer(recipe.plan.result)
    asks_once = not (recipe.draft or recipe.exits or recipe.setting.watched)
    if typed is not None and asks_once and (doubt := _doubt(source, typed)):
        # What is trusted is no response either: one question instead of two.
        with source.block(f"if {doubt}:"):
            with source.block(f"if {is_response}:"):
                deliver(source, recipe, answer)
            _validate(source, recipe, typed)
            if typed.items_to_json:
                source.line(f"content = {_content(source, recipe, typed)}")
        with source.block("else:") if typed.items_to_json else nullcontext():
            source.line(f"content = {_trusted_content(source, recipe, typed)}")
        return
    with source.block(f"if {is_response}:"):
        deliver(source, recipe, answer)
    # A response that is kept for later leaves the rest to be passed over; one that was sent has returned.
    with source.block("else:") if recipe.exits else nullcontext():
        telemetry.serialize(source, recipe)
        _check(source, recipe, typed)
        source.line(f"content = {_content(source, recipe, typed)}")


def _is_response(source: Source, recipe: Recipe) -> str:
    """Return the condition under which `result` becomes a response object."""
    is_response = f"isinstance(result, {source.bind('Response', Response)})"
    return f"{is_response} or draft.status_code is not None" if recipe.draft else is_response


def _doubt(source: Source, typed: Renderer) -> str | None:
    """Return the condition under which the return value is to be validated; None where it always is."""
    if typed.trusted is not None:
        return f"type(result) is not {source.bind_callable(typed.trusted, typed.trusted, 'model')}"
    if typed.trusted_items is not None:
        model = source.bind_callable(typed.trusted_items, typed.trusted_items, "model")
        count_of = source.bind("count_of", countOf)
        return f"type(result) is not list or {count_of}(map(type, result), {model}) != len(result)"
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
        source.line(f"raise {refused}(refusal, result, {recipe.dialect.scope}) from None")


def _content(source: Source, recipe: Recipe, typed: Renderer | None) -> str:
    """Return what writes `result` as JSON."""
    if typed is not None:
        given = ["result", *(f"{name}={_option(source, name, option)}" for name, option in typed.options.items())]
        return f"{source.bind('to_json', typed.to_json)}({', '.join(given)})"
    if recipe.renders_in_thread:
        context = source.bind("context", recipe.careful.responder.context)
        written = f"{source.bind('content_of', content_of)}, {source.bind('declared', recipe.plan.result)}"
        return f"await {source.bind('in_thread', in_thread)}({written}, result, {context}(scope))"
    return f"{source.bind('untyped_json', untyped_json)}(result)"


def _trusted_content(source: Source, recipe: Recipe, typed: Renderer) -> str:
    """Do the same for a `result` that was not in doubt."""
    if typed.items_to_json:
        return f"{source.bind('items_to_json', typed.items_to_json)}(result)"
    return _content(source, recipe, typed)


def _option(source: Source, name: str, option: object) -> str:
    return repr(option) if isinstance(option, bool) else source.bind(name, option)
