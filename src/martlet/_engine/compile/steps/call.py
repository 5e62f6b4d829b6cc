"""The endpoint's own call."""

from collections.abc import Sequence

from martlet._engine.compile.recipe import Group, Recipe
from martlet._engine.compile.source import Source
from martlet._engine.compile.steps import telemetry
from martlet._engine.compile.steps.depend import arguments
from martlet._engine.read.callables import Kind
from martlet._engine.run.threads import in_thread


def call(source: Source, recipe: Recipe, groups: Sequence[Group]) -> None:
    """Call the endpoint; a `def` one in a worker thread, a generator one only to have its generator."""
    given = arguments(source, None, recipe.graph.root, recipe.graph.inputs, groups)
    endpoint = source.bind_callable(recipe.plan.endpoint, recipe.plan.endpoint, "endpoint")
    if recipe.setting.watched:
        telemetry.call(source, recipe, endpoint, given)
        return
    if recipe.plan.result.stream is not None:
        source.listing(f"result = {endpoint}(", given, ")")
    elif recipe.kind is Kind.COROUTINE:
        source.listing(f"result = await {endpoint}(", given, ")")
    else:
        source.listing(f"result = await {source.bind('in_thread', in_thread)}(", [endpoint, *given], ")")
