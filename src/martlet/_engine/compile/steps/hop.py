"""Hops: the calls of plain functions that follow one another are made in one thread, by one inner function.

Each call still has context variables of its own, and is not made if the request was cancelled meanwhile: `call` sees to
both. Where the endpoint is among them, its answer is validated and written there as well.
"""

from collections.abc import Sequence

from martlet._engine.compile.recipe import Group, Recipe
from martlet._engine.compile.source import Source
from martlet._engine.compile.steps import render
from martlet._engine.compile.steps.depend import arguments, stack_of
from martlet._engine.run.threads import in_one_hop


def hop(source: Source, recipe: Recipe, start: int, end: int, groups: Sequence[Group]) -> None:
    """Make the calls from `start` to `end`; the last of all is the endpoint's."""
    nodes = recipe.graph.nodes
    source.gap()
    with source.block("def work(call):"):
        for node in nodes[start:end]:
            given = arguments(source, node.index, node.dependant, node.inputs, groups)
            kept = f"d{node.index} = " if recipe.is_used(node, node.index + 1) else ""
            function = source.bind_callable(node.call, node.call, "dependency")
            if node.yields:
                source.listing(f"{kept}exits.enter_in_hop(call, {function}(", given, f"){stack_of(node)})")
            else:
                source.listing(f"{kept}call(", [function, *given], ")")
        values = _leave(source, recipe, groups) if end > len(nodes) else _kept(recipe, start, end)
        if end <= len(nodes) and values:
            source.line(f"return {', '.join(values)}")
    source.gap()
    taken = f"{', '.join(values)} = " if values else ""
    source.line(f"{taken}await {source.bind('in_one_hop', in_one_hop)}(work)")


def _kept(recipe: Recipe, start: int, end: int) -> list[str]:
    """Return the variables of the dependencies whose values are wanted after the hop."""
    return [f"d{node.index}" for node in recipe.graph.nodes[start:end] if recipe.is_used(node, end)]


def _leave(source: Source, recipe: Recipe, groups: Sequence[Group]) -> list[str]:
    """Call the endpoint and return with what comes of it; return the variables for that."""
    given = arguments(source, None, recipe.graph.root, recipe.graph.inputs, groups)
    endpoint = source.bind_callable(recipe.plan.endpoint, recipe.plan.endpoint, "endpoint")
    if not recipe.writes_json:
        source.listing("return call(", [endpoint, *given], ")")
        return ["result"]
    source.listing("result = call(", [endpoint, *given], ")")
    render.render_within(source, recipe)
    return ["result", "content"]
