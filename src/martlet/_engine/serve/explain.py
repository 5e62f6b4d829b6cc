"""Explaining a route: which one answers a path and why, what it reads, what its handler does, step by step as text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, get_args, get_origin

from starlette.routing import BaseRoute

from martlet._engine.compile.handler import Handler
from martlet._engine.compile.recipe import Recipe
from martlet._engine.match.table import Params
from martlet._engine.read.callables import Kind, without_partial
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.plan import Plan
from martlet._engine.run.context import source_context
from martlet._engine.serve.freeze import AnyTarget, Dispatcher
from martlet._engine.serve.targets import Target

_LISTS: Final = ("path_params", "query_params", "header_params", "cookie_params", "body_params")
# What is quoted is passed over; of what is left, a name loses the modules and functions it is in.
_QUALIFIED: Final = re.compile(r"('[^']*')|(?:[\w<>]+\.)+(?=[^\W\d])")


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
        return "\n".join((f"{self.method} {self.path}", f"  {self.reason}", *self.details()))

    def details(self) -> Iterator[str]:
        """Yield the lines about the plan, the steps and the source; none where it is not compiled."""
        if self.plan is None:
            return
        yield "Plan"
        yield from plan_lines(self.plan)
        yield "Steps"
        yield from (f"  {number}. {step}" for number, step in enumerate(self.steps, 1))
        yield "Source"
        yield from (f"  {line}".rstrip() for line in self.source.splitlines())


def explain(dispatcher: Dispatcher, path: str, method: str, route: BaseRoute | None = None) -> Explanation:
    """Say what answers `method` at `path`; a path template stands for itself.

    Args:
        dispatcher: what serves.
        path: the path, or a template.
        method: the method, upper case.
        route: the one that answers, for those who know it already.
    """
    targets = dispatcher.frozen.targets
    if route is not None:
        known = next((target for target in targets if target.route is route), None)
        if known is None:
            return Explanation(method, path, "it matches or handles requests by code of its own", {}, None, (), "")
        return _of(known, path, method, {}, f"matches {known.route.path}")
    for target in targets if "{" in path else ():
        declared = target.route
        if path in (declared.path, declared.path_format) and (not declared.methods or method in declared.methods):
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


def _of(target: AnyTarget, path: str, method: str, params: Params, reason: str) -> Explanation:
    if not isinstance(target, Target):
        told = f"{reason}; it is not compiled: {target.reason}"
        return Explanation(method, path, told, params, None, (), "")
    handler: Handler = target.handler()
    return Explanation(method, path, reason, params, handler.plan, tuple(_steps(handler.recipe)), handler.source)


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield what a route says of itself: where its endpoint is, what it reads, what it answers."""
    where = source_context(plan.endpoint)
    yield f"  endpoint      {plan.name}  {where.get('file', '?')}:{where.get('line', '?')}"
    yield from _signature_lines(plan.dependant)
    result = plan.result
    declared = type_text(result.model) if result.model else "untyped"
    answered = result.stream or declared
    yield f"  answers       {result.status_code or 200}  {answered}  {result.response_class.__name__}"


def _signature_lines(dependant: Dependant, depth: int = 0) -> Iterator[str]:
    indent = "  " * depth
    for kind in _LISTS:
        for slot in getattr(dependant, kind):
            need = "required" if slot.required else f"default {slot.field_info.default!r}"
            type_ = type_text(slot.field_info.annotation)
            yield f"  {indent}{kind.removesuffix('_params'):<14}{slot.name}: {type_}  {need}"
    for each in dependant.dependencies:
        yield f"  {indent}{'depends':<14}{each.name or '-'} = {callable_name(each.call)}"
        yield from _signature_lines(each, depth + 1)


def type_text(annotation: object) -> str:
    """Return a type as one would write it where all its names are imported."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    return _QUALIFIED.sub(r"\1", str(annotation))


def _steps(recipe: Recipe) -> Iterator[str]:
    """Yield what the handler does, in the order of its text."""
    limit = recipe.setting.max_body_size
    yield from _used((recipe.setting.watched, "have telemetry watch what follows, part by part"))
    yield from _used((limit is not None, f"refuse a body of more than {limit} bytes"), *_reading(recipe))
    if not recipe.straight:
        return
    threads = _threads(recipe)
    for node, thread in zip(recipe.graph.nodes, threads, strict=False):
        yield from _late(recipe, node.index)
        yield f"call {callable_name(node.call)} ({node.kind.value}{thread})"
    yield from _late(recipe, None)
    yield f"call the endpoint ({recipe.kind.value}{threads[-1]})"
    yield from _used(*_rendering(recipe))
    yield from _ending(recipe, "function")
    yield "send"
    yield from _used((recipe.background, "run the background tasks"))
    yield from _ending(recipe, "request")


def _threads(recipe: Recipe) -> list[str]:
    """Return for each call which thread makes it, where that is not the event loop's: one hop has one thread."""
    kinds = [*(node.kind for node in recipe.graph.nodes), recipe.kind]
    found: list[str] = []
    for place, kind in enumerate(kinds):
        if place < len(found):
            continue
        more = max(recipe.hop(place) - place - 1, 0)
        found += [", in a thread" if kind is Kind.PLAIN else "", *[", in the same thread"] * more]
    return found


def _used(*said: tuple[bool, str]) -> Iterator[str]:
    yield from (text for used, text in said if used)


def _reading(recipe: Recipe) -> Iterator[tuple[bool, str]]:
    body = recipe.plan.body
    if not recipe.straight:
        form = body is not None and body.form
        yield True, f"{'read the form, and ' if form else ''}validate value by value; then as any other handler does"
        return
    read = bool(recipe.body_values)
    yield recipe.publish, "name the route in the scope"
    yield recipe.request, "open the Request"
    yield read, "read the body"
    many = len(recipe.parameters)
    yield many > 0, f"take {many} parameter{'s' * (many > 1)} from {', '.join(recipe.parts)}"
    yield bool(recipe.early), "validate the parameters at once"
    yield read and recipe.body_is_late, "parse the body"
    yield read and not recipe.body_is_late, f"{'' if recipe.body_from_text else 'parse and '}validate the body"


def _late(recipe: Recipe, owner: int | None) -> Iterator[str]:
    waiting = [value.slot.name for value in (*recipe.late(owner), *recipe.late_body(owner))]
    if waiting:
        yield f"validate {', '.join(waiting)}, now that it is its turn"


def _rendering(recipe: Recipe) -> Iterator[tuple[bool, str]]:
    result = recipe.plan.result
    yield result.stream is not None, f"stream what it yields ({result.stream})"
    hopped = recipe.hop(len(recipe.graph.nodes)) > len(recipe.graph.nodes)
    yield recipe.writes_json and recipe.renders_in_thread, "validate and write JSON in a thread"
    straight = recipe.writes_json and not recipe.renders_in_thread
    yield straight, f"write JSON straight{', in the same thread' if hopped else ''}"
    yield result.stream is None and not recipe.writes_json, f"make a {result.response_class.__name__}"


def _ending(recipe: Recipe, scope: str) -> Iterator[str]:
    for node in reversed(recipe.graph.nodes):
        if node.yields and node.scope == scope:
            yield f"leave {callable_name(node.call)}"


def callable_name(call: object) -> str:
    """Return the name of a function or a class; of an instance, that of its class."""
    function = without_partial(call)
    return getattr(function, "__qualname__", None) or type(function).__qualname__
