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
from martlet.security.oauth2 import SecurityScopes


def prepare(source: Source, recipe: Recipe) -> None:
    """Make what dependencies and the endpoint share: the draft response, the list of background tasks."""
    if recipe.draft:
        source.line(f"draft = {source.bind('response_draft', response_draft)}()")
    if recipe.background:
        source.line(f"background = {source.bind('BackgroundTasks', BackgroundTasks)}()")


def call(source: Source, node: Node, groups: Sequence[Group]) -> None:
    """Call a dependency."""
    given = arguments(source, node.index, node.dependant, node.inputs, groups)
    function = source.bind(f"call_{node.index}", node.call)
    if node.yields:
        text = f"exits.enter({source.bind(f'node_{node.index}', node)}, dict({given}))"
    elif node.dependant.concurrency is not None:
        limited = source.bind("call_node", call_node)
        text = f"{limited}({source.bind(f'node_{node.index}', node)}, dict({given}))"
    elif node.kind is Kind.COROUTINE:
        text = f"{function}({given})"
    else:
        text = f"{source.bind('in_thread', in_thread)}({', '.join(filter(None, (function, given)))})"
    source.line(f"d{node.index} = await {text}")


def arguments(
    source: Source,
    owner: int | None,
    dependant: Dependant,
    inputs: Sequence[tuple[str, int]],
    groups: Sequence[Group],
) -> str:
    """Return the arguments of a call: validated values, the values of dependencies, what is injected."""
    texts = [text for group in groups for text in _from_group(source, group, owner)]
    texts += [f"{name}=d{index}" for name, index in inputs]
    texts += _injected(source, dependant)
    return ", ".join(texts)


def _from_group(source: Source, group: Group, owner: int | None) -> list[str]:
    own = [value for value in group.values if value.owner == owner]
    if own and owner is None and len(own) == len(group.values):
        return [f"**{group.variable}"]
    return [f"{value.slot.name}={group.variable}[{source.bind(f'key_{value.slot.name}', value.key)}]" for value in own]


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
        texts.append(f"{name}={source.bind('SecurityScopes', SecurityScopes)}(scopes=[*{scopes}])")
    return texts
