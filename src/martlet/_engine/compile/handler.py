"""Writing a handler: the steps of a recipe, one after another, in one flat coroutine function.

Where nothing runs after the endpoint, the answer is sent last, outside the `try`. With dependencies that `yield`,
streams or background tasks it is sent inside: exceptions of theirs are the request's as well.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property

from martlet._engine.compile.dialects.dialect import Dialect
from martlet._engine.compile.recipe import Group, Recipe, Setting
from martlet._engine.compile.source import Source
from martlet._engine.compile.steps import call, depend, extract, hop, render, send, telemetry, validate
from martlet._engine.read.graph import Graph
from martlet._engine.read.plan import Plan
from martlet._engine.run.careful import Careful
from martlet._engine.run.exits import Exits, swallowed
from martlet._engine.run.respond import Responder

# What the text of handlers calls its variables; numbered ones (`d0`, `values2`) stand here without their number.
_VARIABLES = frozenset(
    (
        *("answered", "arguments", "background", "body", "body_value", "body_values", "bridge", "call", "carried"),
        *("content", "d", "data", "draft", "error", "exits", "headers", "kind", "noted", "path", "proto", "receive"),
        *("refusal", "request", "response", "result", "scope", "send", "solved", "started", "values", "watch", "work"),
    )
)


@dataclass(frozen=True)
class Handler:
    """A compiled route.

    Args:
        recipe: what it does.
    """

    recipe: Recipe

    @property
    def plan(self) -> Plan:
        """The route it answers."""
        return self.recipe.plan

    @cached_property
    def _written(self) -> Source:
        title = f"{' '.join(self.plan.methods)} {self.plan.path}"
        source = Source(title, {*_VARIABLES, self._name})
        dialect = self.recipe.dialect
        for name, value in dialect.names.items():
            source.bind(name, value)
        _write(source, self.recipe, dialect, self._name)
        return source

    @property
    def _name(self) -> str:
        return "handle_" + re.sub(r"\W", "_", self.plan.name)

    @cached_property
    def over_rsgi(self) -> "Handler | None":
        """The handler for RSGI; None for a route that has no direct way there."""
        recipe = self.recipe.over_rsgi
        return None if recipe is None else Handler(recipe)

    @property
    def source(self) -> str:
        """The text of the function."""
        return self._written.text

    @cached_property
    def function(self) -> Callable[..., Awaitable[None]]:
        """The coroutine function; compiled when it is first wanted."""
        function: Callable[..., Awaitable[None]] = self._written.function(self._name)
        return function


def make_handler(plan: Plan, graph: Graph, setting: Setting) -> Handler:
    """Return the handler of a route."""
    return Handler(Recipe(plan, graph, setting, Careful(Responder(plan, graph), setting.router, setting.route)))


def _write(source: Source, recipe: Recipe, dialect: Dialect, name: str) -> None:
    with source.block(f"async def {name}({dialect.arguments}):"):
        telemetry.select(source, recipe)
        if recipe.setting.failures is None:
            _write_all(source, recipe, dialect)
        else:
            if recipe.reads_body:
                source.line("body = None")
            if recipe.notes_start:
                source.line("started = False")
            with source.block("try:"):
                _write_all(source, recipe, dialect)
            _write_failure(source, recipe)
        if recipe.straight and not recipe.finish_inside and recipe.writes_json:
            send.send_content(source, recipe)


def _write_all(source: Source, recipe: Recipe, dialect: Dialect) -> None:
    if recipe.setting.max_body_size is not None:
        extract.limit(source, recipe, recipe.setting.max_body_size)
    if not recipe.straight:
        _leave(source, recipe)
        return
    groups = _write_early(source, recipe, dialect)
    if recipe.exits:
        _write_within_exits(source, recipe, groups)
        return
    depend.prepare(source, recipe)
    with telemetry.stretch(source, recipe):
        _write_from(source, recipe, 0, groups)
    if recipe.finish_inside and recipe.writes_json:
        send.send_content(source, recipe)


def _write_failure(source: Source, recipe: Recipe) -> None:
    given = f"error, {recipe.dialect.connection}, path"
    if recipe.reads_body:
        given += ", body"
    if recipe.notes_start:
        given += ", started=started"
    with source.block("except Exception as error:"):
        source.line(f"return await {source.bind('fail', recipe.failing)}({given})")


def _leave(source: Source, recipe: Recipe, *, noted: bool = False) -> None:
    """Put the request aside: nothing has run yet."""
    known = ", body" if recipe.reads_body else ""
    known += ", noted=noted" if noted else ""
    careful = source.bind("careful", recipe.leaving)
    source.line(f"return await {careful}({recipe.dialect.connection}, path{known})")


def _write_within_exits(source: Source, recipe: Recipe, groups: Sequence[Group]) -> None:
    source.line(f"exits = {source.bind('Exits', Exits)}(scope)")
    if recipe.ends_after_answer:
        source.line("answered = False")
    with source.block("async with exits.after_answer:"):
        if recipe.writes_json:
            source.line("content = response = None")
        elif recipe.within_endpoint:
            source.line("response = None")
        with source.block("async with exits.after_endpoint:") if recipe.within_endpoint else nullcontext():
            depend.prepare(source, recipe)
            with telemetry.stretch(source, recipe):
                _write_from(source, recipe, 0, groups)
        send.send_kept(source, recipe)
        if recipe.ends_after_answer:
            source.line("answered = True")
    if recipe.ends_after_answer:
        with source.block("if not answered:"):
            source.line(f"raise {source.bind('swallowed', swallowed)}()")


def _write_early(source: Source, recipe: Recipe, dialect: Dialect) -> list[Group]:
    """Write all that happens before anything of the user's is called, and return the values it makes."""
    if recipe.publish:
        extract.publish(source, recipe)
    if recipe.request:
        extract.open_request(source)
    telemetry.begin(source, recipe)
    if recipe.plan.body is not None:
        extract.read(source, recipe, dialect)
        strict = recipe.plan.body.strict_content_type
        with source.block(f"if {extract.body_is_other(source, dialect, strict=strict)}:"):
            _leave(source, recipe)
        telemetry.read(source, recipe)
    if recipe.parameters:
        _write_carried(source, recipe, dialect)
    if recipe.notes:
        source.line("noted = {}")
    if not (recipe.early or recipe.body_values):
        return []
    groups = []
    if recipe.notes:
        validate.begin_notes(source, (*recipe.early, *(() if recipe.body_is_late else recipe.body_values)))
    with source.block("try:"):
        if recipe.early:
            groups.append(validate.validate(source, recipe, "values", recipe.early))
        if recipe.body_is_late:
            validate.parse(source)
        elif recipe.body_values:
            groups.append(validate.validate_body(source, recipe))
    if recipe.refusing is not None:
        with source.block(f"except {validate.refusal(source, recipe)} as refusal:"):
            refuse = source.bind("refuse", recipe.refusing)
            source.line(f"return await {refuse}(refusal, {recipe.dialect.connection}, path)")
        return groups
    with source.block(f"except {validate.refusal(source, recipe)}:"):
        _leave(source, recipe, noted=recipe.notes)
    return groups


def _write_carried(source: Source, recipe: Recipe, dialect: Dialect) -> None:
    """Write what brings the raw parameters together; a sequence that came as an empty text is put aside."""
    extract.gather(source, recipe, dialect)
    if recipe.texts:
        with source.block(f"if {extract.is_blank(source, recipe)}:"):
            _leave(source, recipe)


def _write_from(source: Source, recipe: Recipe, index: int, groups: Sequence[Group]) -> None:
    """Write the calls from node `index` on, then the endpoint's, each after the validation that waits for its turn."""
    nodes = recipe.graph.nodes
    owner = index if index < len(nodes) else None
    late = recipe.late(owner)
    late_body = recipe.late_body(owner)
    if not (late or late_body):
        _write_turn(source, recipe, index, groups)
        return
    more = []
    validate.begin_notes(source, (*late, *late_body))
    with source.block("try:"):
        if late:
            more.append(validate.validate(source, recipe, f"values{index}", late))
        if late_body:
            more.append(validate.validate_late_body(source, recipe, index, late_body))
    with source.block(f"except {validate.refusal(source, recipe)}:"):
        _resume(source, recipe, index)
    # With exits the response is kept until they have run, so the rest must be passed over; without, it was returned.
    with source.block("else:") if recipe.exits else nullcontext():
        _write_turn(source, recipe, index, [*groups, *more])


def _write_turn(source: Source, recipe: Recipe, index: int, groups: Sequence[Group]) -> None:
    nodes = recipe.graph.nodes
    end = recipe.hop(index)
    if end > index:
        hop.hop(source, recipe, index, end, groups)
        if end > len(nodes):
            render.render(source, recipe, is_written=True)
        else:
            _write_from(source, recipe, end, groups)
        return
    if index < len(nodes):
        depend.call(source, recipe, nodes[index], groups)
        _write_from(source, recipe, index + 1, groups)
        return
    call.call(source, recipe, groups)
    render.render(source, recipe)


def _resume(source: Source, recipe: Recipe, index: int) -> None:
    """Put the request aside with what was done for it; the careful way reads the path from the scope."""
    if not recipe.publish:
        extract.publish(source, recipe)
    known = ", ".join(f"{number}: d{number}" for number in range(index))
    solved = {"exits": "exits" if recipe.exits else f"{source.bind('Exits', Exits)}(scope)", "known": f"{{{known}}}"}
    if recipe.background:
        solved["background"] = "background"
    if recipe.draft:
        solved["response"] = "draft"
    solved["noted"] = "noted"  # what waits for its turn does so because code of the user's is called
    source.listing("solved = dict(", [f"{name}={text}" for name, text in solved.items()], ")")
    body = "body" if recipe.reads_body else "None"
    careful = source.bind("careful", recipe.careful)
    send.deliver(source, recipe, f"await {careful}.resume(scope, receive, send, {body}, solved)")
