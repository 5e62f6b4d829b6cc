"""Telemetry: the handler tells a Watch what it is doing. Without telemetry none of this is written.

Each part of the work is a part of the Watch's as well: dependencies, endpoint, serialization. One `with` stands around
them all, so that a part ends when an exception goes through it.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from martlet._engine.compile.recipe import Recipe
from martlet._engine.compile.source import Source
from martlet._engine.read.callables import Kind
from martlet._engine.run.telemetry import watch_of
from martlet._engine.run.threads import in_thread


def select(source: Source, recipe: Recipe) -> None:
    """Say which route answers."""
    if recipe.setting.watched:
        source.line(f"watch = {source.bind('watch_of', watch_of)}(scope)")
        source.line(f"watch.select({source.bind('template', recipe.plan.path_format)})")


def begin(source: Source, recipe: Recipe) -> None:
    """Say that the work begins."""
    if recipe.setting.watched:
        endpoint = source.bind_callable(recipe.plan.endpoint, recipe.plan.endpoint, "endpoint")
        source.line(f"watch.begin({endpoint}, request)")


def read(source: Source, recipe: Recipe) -> None:
    """Give the body, which is JSON."""
    if recipe.setting.watched:
        source.line("watch.read_text(body)")


def stretch(source: Source, recipe: Recipe) -> AbstractContextManager[None]:
    """Put what is written within around all that a Watch has parts for, the dependencies first."""
    return _stretch(source) if recipe.setting.watched else nullcontext()


@contextmanager
def _stretch(source: Source) -> Iterator[None]:
    with source.block("with watch:"):
        source.line('watch.enter("dependencies")')
        yield


def call(source: Source, recipe: Recipe, endpoint: str, given: Sequence[str]) -> None:
    """Call the endpoint; a `def` one in a worker thread, where its part of the work begins as well."""
    source.listing("arguments = dict(", given, ")")
    source.line("watch.solved(arguments, [])")
    if recipe.plan.result.stream is not None:
        source.line("watch.leave()")
        source.line(f"result = {endpoint}(**arguments)")
    elif recipe.kind is Kind.COROUTINE:
        source.line('watch.enter("endpoint")')
        source.line(f"result = await {endpoint}(**arguments)")
        source.line("watch.leave()")
    else:
        source.line("watch.leave()")
        source.line(f"result = await {source.bind('in_thread', in_thread)}(watch.call, {endpoint}, arguments)")


def serialize(source: Source, recipe: Recipe) -> None:
    """Say that the answer is written now."""
    if recipe.setting.watched:
        source.line('watch.enter("serialization")')
