"""Dependencies: each node of the graph is called once, in order, and its value kept in a variable of its own."""

from collections.abc import Sequence

from martlet._engine.compile.recipe import Group, Recipe
from martlet._engine.compile.source import Source
from martlet._engine.read.callables import Kind
from martlet._engine.read.dependant import Dependant, oauth_scopes
from martlet._engine.read.graph import Node
from martlet._engine.run.solve import call_node, response_draft
from martlet._engine.run.threads import in_thread
from martlet.background import BackgroundTasks
from martlet.security.base import SecurityScopes


def prepare(source: Source, recipe: Recipe) -> None:
    """Make what dependencies and the endpoint share: the draft response, the list of background tasks."""
    if recipe.draft:
        source.line(f"draft = {source.bind('response_draft', response_draft)}()")
    if recipe.background:
        source.line(f"background = {source.bind('BackgroundTasks', BackgroundTasks)}()")


def call(source: Source, recipe: Recipe, node: Node, groups: Sequence[Group]) -> None:
    """Call a dependency."""
    given = arguments(source, node.index, node.dependant, node.inputs, groups)
    kept = f"d{node.index} = " if recipe.is_used(node, node.index + 1) else ""
    if node.dependant.concurrency is not None:
        with_node = "exits.enter_node" if node.yields else source.bind("call_node", call_node)
        name = source.bind_callable(node.call, node, "dependency")
        source.listing(f"{kept}await {with_node}({name}, dict(", given, "))")
        return
    function = source.bind_callable(node.call, node.call, "dependency")
    if node.yields:
        enter = "enter" if node.kind is Kind.ASYNC_GENERATOR else "enter_in_thread"
        source.listing(f"{kept}await exits.{enter}({function}(", given, f"){stack_of(node)})")
    elif node.kind is Kind.COROUTINE:
        source.listing(f"{kept}await {function}(", given, ")")
    else:
        source.listing(f"{kept}await {source.bind('in_thread', in_thread)}(", [function, *given], ")")


def stack_of(node: Node) -> str:
    """Return what says, behind a dependency that yields, where its other half is noted."""
    return ", exits.after_endpoint" if node.scope == "function" else ""


def arguments(
    source: Source,
    owner: int | None,
    dependant: Dependant,
    inputs: Sequence[tuple[str, int]],
    groups: Sequence[Group],
) -> list[str]:
    """Return the arguments of a call: validated values, the values of dependencies, what is injected."""
    texts = [text for group in groups for text in _from_group(group, owner)]
    texts += [f"{name}=d{index}" for name, index in inputs]
    return texts + _injected(source, dependant)


def _from_group(group: Group, owner: int | None) -> list[str]:
    own = [value for value in group.values if value.owner == owner]
    if not group.is_mapping:
        return [f"{value.slot.name}={group.variable}" for value in own]
    if own and owner is None and len(own) == len(group.values):
        return [f"**{group.variable}"]
    # A parameter's name is an identifier, and so can be written as text.
    return [f'{value.slot.name}={group.variable}["{value.key}"]' for value in own]


def _injected(source: Source, dependant: Dependant) -> list[str]:
    texts = [
        f"{name}={variable}"
        for name, variable in (
            (dependant.http_connection_param_name, "request"),
            (dependant.request_param_name, "request"),
            (dependant.background_tasks_param_name, "background"),
            (dependant.response_param_name, "draft"),
        )
        if name is not None
    ]
    if (name := dependant.security_scopes_param_name) is not None:
        scopes = source.bind("scopes", tuple(oauth_scopes(dependant)))
        texts.append(f"{name}={source.bind('SecurityScopes', SecurityScopes)}([*{scopes}])")
    return texts
