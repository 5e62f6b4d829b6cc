"""The Recipe: what the handler of one route does, decided before a line of it is written.

This is the only place that asks whether a feature is used. What a route does not use leaves no trace in its handler: no
exit stack without a `yield`, no Request without someone who wants it, no draft response without a `response` parameter.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from starlette.responses import JSONResponse

from martlet._engine.compile.dialects.asgi import ASGI
from martlet._engine.compile.dialects.dialect import Dialect
from martlet._engine.compile.dialects.rsgi import RSGI
from martlet._engine.compile.schemas import calls_python, same_from_json
from martlet._engine.compile.validator import Value
from martlet._engine.read.adapters import is_complete
from martlet._engine.read.callables import Kind, is_generator_function, kind_of
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.graph import Graph, Node
from martlet._engine.read.plan import Plan
from martlet._engine.read.signature import path_names
from martlet._engine.read.slot import Slot, wire_names
from martlet._engine.run.careful import Careful, Failures
from martlet._engine.run.refuse import Refusal
from martlet._engine.run.rsgi_calls import CarefulOverRSGI, FailuresOverRSGI
from martlet._engine.words.markers import Path
from martlet._engine.words.status import is_body_allowed_for_status_code

# The part of a request that a list of slots is filled from, by the name under which extraction puts it.
_PARTS = (("path", "path_params"), ("query", "query_params"), ("header", "header_params"), ("cookie", "cookie_params"))


@dataclass(frozen=True, slots=True)
class Setting:
    """How a route is served, as far as its handler must know.

    Args:
        router: the router that the scope names.
        route: the route object that the scope names.
        observed: whether something outside the handler can look into the scope: a middleware, say.
        failures: what is done with exceptions; None: they go up.
        max_body_size: the largest body in bytes; None for any.
        watched: whether requests are watched by telemetry.
        awaited: whether an http middleware waits for the answer, and is to be told what follows it.
    """

    router: Any
    route: Any
    observed: bool
    failures: Failures | None
    max_body_size: int | None
    watched: bool = False
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Values that one validator makes, and the local variable that holds them.

    Args:
        variable: the variable.
        values: what it holds.
        is_mapping: whether it is a mapping of keys to the values; if not, it is the one value.
    """

    variable: str
    values: tuple[Value, ...]
    is_mapping: bool = True


@dataclass(frozen=True)
class Recipe:
    """What a handler does.

    Args:
        plan: the route.
        graph: its calls.
        setting: how it is served.
        careful: where requests go that do not fit at once.
        dialect: the protocol that it is written for.
    """

    plan: Plan
    graph: Graph
    setting: Setting
    careful: Careful
    dialect: Dialect = ASGI

    @cached_property
    def over_rsgi(self) -> "Recipe | None":
        """The same for RSGI; None for a route that gains nothing by it.

        Its handler needs ASGI's scope anyway, or would have to make it for most requests, to leave the straight way.
        """
        asks = self.request or self.publish or self.setting.failures is None or not (self.straight and self.writes_json)
        waits = any(map(self._waits, range(len(self._owners))))
        return None if asks or waits or self.renders_in_thread else replace(self, dialect=RSGI)

    @cached_property
    def leaving(self) -> Any:
        """What a handler calls to put a request aside."""
        limit = self.setting.max_body_size
        return self.careful if self.dialect is ASGI else CarefulOverRSGI(self.careful, limit)

    @cached_property
    def refusing(self) -> Refusal | None:
        """What answers a request that does not fit by the errors of the one validation.

        None where those may be others than FastAPI's, or in another order: the careful way looks for them then.
        """
        failures = self.setting.failures
        if failures is None or self.setting.watched or self.dialect is not ASGI:
            return None
        if self.graph.nodes or self.plan.body is not None or self.models:
            return None
        if not self.straight or any(len(value.places) > 1 for value in self.parameters):
            return None
        if any(value.slot.field_info.validate_default for value in self.parameters):
            return None  # what is wrong with a default is told of the parameter's name, not of a place in the request
        places = {value.places[0]: _told_place(value) for value in self.parameters}
        return Refusal(self.careful.responder, failures, places, observed=self.setting.observed)

    @cached_property
    def notes(self) -> bool:
        """Whether code of the user's is called by a validation that the careful way may have to go on from."""
        return self.straight and self.refusing is None and any(v.late for v in (*self.parameters, *self.body_values))

    @cached_property
    def failing(self) -> Any:
        """What a handler calls with an exception."""
        failures = self.setting.failures
        if self.dialect is ASGI or failures is None:
            return failures
        return FailuresOverRSGI(failures, self.setting.max_body_size)

    @cached_property
    def kind(self) -> Kind:
        """How the endpoint is called."""
        return kind_of(self.plan.endpoint)

    @cached_property
    def straight(self) -> bool:
        """Whether there is a straight way; forms and slots that are each the whole body are read carefully."""
        # COMPAT: what cannot be understood is an error to the request that brings it, and to no other one.
        lists = (*(part for _, part in _PARTS), "body_params")
        slots = (slot for _, dependant in self._owners for part in lists for slot in getattr(dependant, part))
        if not all(is_complete(slot.adapter) for slot in slots):
            return False
        many, single = self._places(lists=True), self._places(lists=False)
        # A name that one slot reads as a list and another one as a single value is extracted as one of the two only.
        if many & single or not all(name.isascii() for place in many | single for name in place):
            return False
        body = self.plan.body
        return body is None or not (body.form or (len(body.slots) > 1 and not body.embed))

    def _places(self, *, lists: bool) -> set[tuple[str, ...]]:
        return {place for value in self.parameters if value.is_list is lists for place in value.places}

    @cached_property
    def parameters(self) -> tuple[Value, ...]:
        """Every slot outside the body."""
        return tuple(
            _parameter(owner, slot, part)
            for owner, dependant in self._owners
            for part, slots in _PARTS
            for slot in getattr(dependant, slots)
        )

    @property
    def reads_body(self) -> bool:
        """Whether the handler reads the body itself: forms are read by the careful way."""
        return self.straight and self.plan.body is not None

    @cached_property
    def body_values(self) -> tuple[Value, ...]:
        """Every slot of the body."""
        values = ((owner, slot) for owner, dependant in self._owners for slot in dependant.body_params)
        return tuple(
            Value(owner, slot, _key(owner, slot), tuple((name,) for name, _ in wire_names(slot)))
            for owner, slot in values
        )

    @cached_property
    def _owners(self) -> tuple[tuple[int | None, Dependant], ...]:
        nodes = tuple((node.index, node.dependant) for node in self.graph.nodes)
        return (*nodes, (None, self.graph.root))

    @cached_property
    def _turns(self) -> bool:
        """Whether there are turns to keep: without dependencies nothing runs between two validations."""
        return bool(self.graph.nodes)

    @cached_property
    def early(self) -> tuple[Value, ...]:
        """The parameters that are validated before anything is called."""
        return tuple(value for value in self.parameters if not (self._turns and value.late))

    def late(self, owner: int | None) -> tuple[Value, ...]:
        """Return the parameters whose validation calls the user's code, and so waits until `owner` is called."""
        return tuple(v for v in self.parameters if self._turns and v.late and v.owner == owner)

    @cached_property
    def body_is_late(self) -> bool:
        """Whether the body is validated when its owner is called, since that calls code of the user's."""
        return self._turns and any(value.late for value in self.body_values)

    def late_body(self, owner: int | None) -> tuple[Value, ...]:
        """Return the body slots that wait until `owner` is called."""
        return tuple(value for value in self.body_values if self.body_is_late and value.owner == owner)

    @cached_property
    def body_from_text(self) -> bool:
        """Whether the body can be validated from its text, without parsing it first."""
        return not self.body_is_late and all(
            same_from_json(value.slot.adapter.core_schema) for value in self.body_values
        )

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts of a request that parameters are read from."""
        used = {place[0] for value in self.parameters for place in value.places}
        return tuple(part for part, _ in _PARTS if part in used)

    @cached_property
    def models(self) -> tuple[Value, ...]:
        """The parameters that are models, collected from all the names of their part."""
        return tuple(value for value in self.parameters if value.slot.model is not None)

    @cached_property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The places of sequences of which there is one text: in a cookie, or JSON. An empty one counts as missing."""
        return tuple(
            place
            for value in self.parameters
            for place in value.places
            if value.slot.many and (value.slot.json or place[0] in ("path", "cookie"))
        )

    @cached_property
    def path_from_mount(self) -> bool:
        """Whether a path parameter is not in the route's own template, but in that of a mount around the app."""
        own = path_names(self.plan.path_format)
        places = (value.places for value in self.parameters if isinstance(value.slot.field_info, Path))
        return any(place[-1] not in own for each in places for place in each)

    @cached_property
    def exits(self) -> bool:
        """Whether something runs after the endpoint: the half of a dependency behind its `yield`, or a stream's end."""
        return self.plan.result.stream is not None or any(node.yields for node in self.graph.nodes)

    @cached_property
    def ends_before_answer(self) -> bool:
        """Whether a dependency ends before the answer is sent."""
        return any(node.yields and node.scope == "function" for node in self.graph.nodes)

    @cached_property
    def within_endpoint(self) -> bool:
        """Whether exits may have to run when the endpoint has returned: of dependencies, or of whoever can look."""
        return self.ends_before_answer or self.setting.observed or self.request

    @cached_property
    def ends_after_answer(self) -> bool:
        """Whether a dependency ends after the answer was sent."""
        return any(node.yields and node.scope == "request" for node in self.graph.nodes)

    def _asks(self, field: str) -> bool:
        return any(getattr(dependant, field) is not None for dependant in self.graph.dependants)

    @cached_property
    def request(self) -> bool:
        """Whether someone wants the Request."""
        return self.setting.watched or self._asks("request_param_name") or self._asks("http_connection_param_name")

    @cached_property
    def draft(self) -> bool:
        """Whether someone writes headers, cookies or the status into a response."""
        return self._asks("response_param_name")

    @cached_property
    def background(self) -> bool:
        """Whether someone adds background tasks."""
        return self._asks("background_tasks_param_name")

    @cached_property
    def publish(self) -> bool:
        """Whether the scope names the route: someone can look."""
        return self.setting.observed or self.request or self.exits

    @cached_property
    def finish_inside(self) -> bool:
        """Whether the answer is sent where exceptions are still ours: before exits run, or background tasks."""
        return self.straight and (self.exits or self.background)

    @cached_property
    def notes_start(self) -> bool:
        """Whether the handler keeps in mind that the answer has begun, for exceptions after that."""
        return self.finish_inside and self.writes_json and self.setting.failures is not None

    def hop(self, start: int) -> int:
        """Return the end of the calls from `start` on that one thread makes, one after the other; `start` if none.

        They are plain functions, and between them there is nothing that the event loop has to do. Places are those of
        the nodes, and behind them that of the endpoint.
        """
        end = start
        while end < len(self._owners) and self._fits_hop(end) and (end == start or not self._waits(end)):
            end += 1
        # A call that stands alone needs no more than a thread, an endpoint's answer is written there as well.
        return end if end > start + 1 or (end == len(self._owners) and self.writes_json) else start

    def _fits_hop(self, place: int) -> bool:
        if self.setting.watched:  # whoever watches is told of each call by itself
            return False
        if place == len(self.graph.nodes):
            return self.kind is Kind.PLAIN and self.plan.result.stream is None
        node = self.graph.nodes[place]
        # Of what else makes a generator, code of the user's might be called to make it: in the loop, then.
        is_plain = node.kind is Kind.PLAIN or (node.kind is Kind.GENERATOR and is_generator_function(node.call))
        return is_plain and node.dependant.concurrency is None

    def _waits(self, place: int) -> bool:
        """Whether validation waits for the turn of the call at `place`."""
        owner, _ = self._owners[place]
        return bool(self.late(owner) or self.late_body(owner))

    def is_used(self, node: Node, start: int) -> bool:
        """Whether someone takes the value of a node: a call from `start` on, or the careful way that goes on there."""
        inputs = (*(each.inputs for each in self.graph.nodes), self.graph.inputs)[start:]
        taken = any(index == node.index for each in inputs for _, index in each)
        return taken or any(map(self._waits, range(start, len(self._owners))))

    @cached_property
    def writes_json(self) -> bool:
        """Whether the answer is JSON that is written straight, without a response object."""
        result = self.plan.result
        return (
            result.stream is None
            and not result.explicit_class
            and result.response_class is JSONResponse
            and is_body_allowed_for_status_code(result.status_code)
        )

    @cached_property
    def renders_in_thread(self) -> bool:
        """Whether the answer is validated in a hop of its own.

        That of a `def` endpoint is validated off the loop where this calls code of the user's. Usually it is part of
        the endpoint's own hop; one that telemetry watches does nothing but the call.
        """
        field = self.plan.result.field
        is_watched = self.setting.watched and self.kind is not Kind.COROUTINE
        return is_watched and field is not None and calls_python(field.adapter.core_schema)


def _told_place(value: Value) -> tuple[str, str]:
    """Return where an answer says that a value stands: a header has the name there by which it was declared."""
    part = value.places[0][0]
    return part, wire_names(value.slot, path=part == "path")[0][1]


def _key(owner: int | None, slot: Slot) -> str:
    """Return the key of a validated value: the endpoint's own have their names, so that they are passed as they are."""
    return slot.name if owner is None else f"d{owner}.{slot.name}"


def _parameter(owner: int | None, slot: Slot, part: str) -> Value:
    key = _key(owner, slot)
    if slot.model is not None:
        return Value(owner, slot, key, ((part, f"model {key}"),))
    wires = [wire for _, wire in wire_names(slot, path=part == "path")]
    if part == "header":
        wires = [wire.lower() for wire in wires]
    return Value(owner, slot, key, tuple((part, wire) for wire in wires))
