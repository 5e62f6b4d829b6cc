"""Explaining a route: which one answers a path and why, what it reads, what its handler does, step by step as text."""

from collections.abc import Iterator
from dataclasses import dataclass

from martlet._engine.compile.handler import Handler
from martlet._engine.compile.recipe import Recipe
from martlet._engine.match.table import Params
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.plan import Plan
from martlet._engine.run.context import source_context
from martlet._engine.serve.freeze import AnyTarget, Dispatcher
from martlet._engine.serve.targets import Target

_LISTS = ("path_params", "query_params", "header_params", "cookie_params", "body_params")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What answers one path; `str()` of it is the text to read.

    Args:
        method: the method asked about.
        path: the path asked about.
        reason: why this route answers, or why it is not compiled.
        params: the path's parameters.
        plan: the route, where it is compiled.
        steps: what its handler does, in order.
        source: its generated source, empty where there is none.
    """

    method: str
    path: str
    reason: str
    params: Params
    plan: Plan | None
    steps: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.method} {self.path}"
        yield f"  {self.reason}"
        if self.plan is None:
            return
        yield from _plan_lines(self.plan)
        yield "Steps"
        yield from (f"  {number}. {step}" for number, step in enumerate(self.steps, 1))
        yield "Source"
        yield from (f"  {line}".rstrip() for line in self.source.splitlines())


def explain(dispatcher: Dispatcher, path: str, method: str) -> Explanation:
    """Say what answers `method` at `path`; a path template stands for itself."""
    for target in dispatcher.frozen.targets:
        if path in (target.route.path, getattr(target.route, "path_format", None)) and _takes(target, method):
            return _of(target, path, method, {}, "declared as this template")
    hit = dispatcher.frozen.map.find(path, method)
    if hit is not None:
        return _of(hit[0], path, method, hit[1], f"matches {hit[0].route.path}, the first declared that does")
    other = dispatcher.frozen.map.find_partial(path, method)
    if other is not None:
        allowed = ", ".join(sorted(other[0].route.methods or ()))
        reason = f"405 Method Not Allowed: {other[0].route.path} takes {allowed}"
    elif dispatcher.frozen.map.foreign:
        reason = "not in the table: a mounted app, or a route that matches by code of its own, may answer"
    else:
        reason = "404 Not Found: no route matches"
    return Explanation(method, path, reason, {}, None, (), "")


def _takes(target: object, method: str) -> bool:
    methods = getattr(getattr(target, "route", None), "methods", None)
    return not methods or method in methods


def _of(target: AnyTarget, path: str, method: str, params: Params, reason: str) -> Explanation:
    if not isinstance(target, Target):
        told = f"{reason}; it is not compiled: {target.reason}"
        return Explanation(method, path, told, params, None, (), "")
    handler: Handler = target.handler()
    return Explanation(method, path, reason, params, handler.plan, tuple(_steps(handler.recipe)), handler.source)


def _plan_lines(plan: Plan) -> Iterator[str]:
    where = source_context(plan.endpoint)
    yield "Plan"
    yield f"  endpoint      {plan.name}  {where.get('file', '?')}:{where.get('line', '?')}"
    yield from _signature_lines(plan.dependant)
    result = plan.result
    declared = _type(result.model) if result.model else "untyped"
    answered = result.stream or declared
    yield f"  answers       {result.status_code or 200}  {answered}  {result.response_class.__name__}"


def _signature_lines(dependant: Dependant, depth: int = 0) -> Iterator[str]:
    indent = "  " * depth
    for kind in _LISTS:
        for slot in getattr(dependant, kind):
            need = "required" if slot.required else f"default {slot.field_info.default!r}"
            type_ = _type(slot.field_info.annotation)
            yield f"  {indent}{kind.removesuffix('_params'):<14}{slot.name}: {type_}  {need}"
    for each in dependant.dependencies:
        name = getattr(each.call, "__qualname__", repr(each.call))
        yield f"  {indent}{'depends':<14}{each.name or '-'} = {name}"
        yield from _signature_lines(each, depth + 1)


def _type(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _steps(recipe: Recipe) -> Iterator[str]:
    """Yield what the handler does, in the order of its text."""
    if not recipe.straight:
        yield "read the form, and validate field by field"
        return
    nodes = recipe.graph.nodes
    said = (
        (recipe.publish, "name the route in the scope"),
        (recipe.request, "open the Request"),
        (bool(recipe.body_values), "read the body"),
        (bool(recipe.parameters), f"take {len(recipe.parameters)} parameters from {', '.join(recipe.parts)}"),
        (bool(recipe.early), "validate the parameters at once"),
        (
            bool(recipe.body_values),
            "validate the body from its text" if recipe.body_from_text else "parse and validate the body",
        ),
    )
    yield from (text for used, text in said if used)
    for node in nodes:
        ends = f", ends with the {node.scope}" if node.yields else ""
        yield f"call {getattr(node.call, '__qualname__', repr(node.call))} ({node.kind.value}{ends})"
    yield f"call the endpoint ({recipe.kind.value})"
    yield "write JSON straight" if recipe.writes_json else "make the response object"
    yield "send"
