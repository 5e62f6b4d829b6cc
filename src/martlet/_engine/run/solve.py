"""Solving a graph use by use: the careful way, which finds every error in the order in which FastAPI reports it.

A use whose inputs are bad is not called, the ones after it are: so a 401 raised by a later dependency wins over the 422
that the bad inputs will become. Nodes that the compiled handler has called already are not called again.
"""

from dataclasses import dataclass, field
from typing import Any

from pydantic_core import PydanticUndefined
from starlette.background import BackgroundTasks as StarletteBackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from martlet._engine.read.callables import Kind
from martlet._engine.read.dependant import Dependant, oauth_scopes
from martlet._engine.read.graph import Graph, Node, Use
from martlet._engine.run.exits import Exits
from martlet._engine.run.inputs import from_body, parameters
from martlet._engine.run.notes import Notes
from martlet._engine.run.threads import in_thread
from martlet._engine.words.types import ErrorDetails
from martlet.background import BackgroundTasks
from martlet.security.base import SecurityScopes

# What a signature may ask for that the connection itself is.
_CONNECTIONS: tuple[tuple[str, type[Any]], ...] = (
    ("http_connection_param_name", HTTPConnection),
    ("request_param_name", Request),
    ("websocket_param_name", WebSocket),
)


def response_draft() -> Response:
    """Return what a `response: Response` parameter is given: headers and a status to be merged into the answer."""
    draft = Response()
    draft.raw_headers.clear()
    draft.status_code = None  # type: ignore[assignment]  # until the user sets one
    return draft


@dataclass(slots=True)
class Solving:
    """One request on its way through a graph.

    Args:
        connection: the Request or WebSocket.
        exits: where dependencies with a `yield` note their other halves.
        body: what `parse_body` returned, or a form.
        embed: whether each body slot is a key of the body.
        background: the tasks to run after the answer, once someone asked for them.
        response: the draft that users write headers and status into, once someone asked for it.
        known: the values of the nodes that were called.
        errors: what is wrong so far.
        noted: what came of validations that called code of the user's, each to be taken once.
    """

    connection: HTTPConnection
    exits: Exits
    body: Any = PydanticUndefined
    embed: bool = False
    background: StarletteBackgroundTasks | None = None
    response: Response | None = None
    known: dict[int, Any] = field(default_factory=dict)
    errors: list[ErrorDetails] = field(default_factory=list)
    noted: Notes = field(default_factory=dict)

    async def arguments(self, graph: Graph) -> dict[str, Any]:
        """Return what the endpoint is called with; of no use if `errors` is not empty afterwards."""
        for use in graph.uses:
            await self._use(use)
        values = {name: self.known[index] for name, index in graph.inputs if index in self.known}
        return values | await self._own(graph.root, self.errors)

    async def _use(self, use: Use) -> bool:
        """Solve what a use asks for, then call its node unless that was done; return whether the node has a value."""
        node = use.node
        before = len(self.errors)
        for each in use.uses:
            await self._use(each)
        own = await self._own(node.dependant, self.errors)
        if len(self.errors) > before:
            return False
        if node.index not in self.known:
            inputs = {name: self.known[index] for name, index in node.inputs}
            self.known[node.index] = await self._call(node, inputs | own)
        return True

    async def _own(self, dependant: Dependant, errors: list[ErrorDetails]) -> dict[str, Any]:
        """Return the values of a signature's own slots and what is injected into it; add what is wrong to `errors`."""
        values, wrong = parameters(dependant, self.connection, self.noted)
        errors.extend(wrong)
        if dependant.body_params:
            held, wrong = await from_body(dependant.body_params, self.body, embed=self.embed, noted=self.noted)
            values.update(held)
            errors.extend(wrong)
        values.update(self._injected(dependant))
        return values

    def _injected(self, dependant: Dependant) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field_name, kind in _CONNECTIONS:
            name = getattr(dependant, field_name)
            if name is not None and isinstance(self.connection, kind):
                values[name] = self.connection
        if (name := dependant.background_tasks_param_name) is not None:
            if self.background is None:
                self.background = BackgroundTasks()
            values[name] = self.background
        if (name := dependant.response_param_name) is not None:
            if self.response is None:
                self.response = response_draft()
            values[name] = self.response
        if (name := dependant.security_scopes_param_name) is not None:
            values[name] = SecurityScopes(scopes=oauth_scopes(dependant))
        return values

    async def _call(self, node: Node, arguments: dict[str, Any]) -> Any:
        if node.yields:
            return await self.exits.enter_node(node, arguments)
        return await call_node(node, arguments)


async def call_node(node: Node, arguments: dict[str, Any]) -> Any:
    """Call a dependency that has no `yield`, within its limit of concurrency if it has one."""
    if node.dependant.concurrency is not None:
        async with node.dependant.concurrency.get_semaphore():
            return await _call(node, arguments)
    return await _call(node, arguments)


async def _call(node: Node, arguments: dict[str, Any]) -> Any:
    if node.kind is Kind.COROUTINE:
        return await node.call(**arguments)
    return await in_thread(node.call, **arguments)
