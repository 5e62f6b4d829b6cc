"""From a Request to a Response, the careful way: what a route does where it is not compiled, or where input is bad.

It serves routes whose users want a Request in and a Response out (`get_route_handler`, custom `Request` classes), and
the compiled handler whenever a value does not validate at once: then the errors are collected in FastAPI's order, or
the value turns out to be fine after all (a body with a byte order mark, say).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticUndefined
from starlette.background import BackgroundTasks
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from martlet._engine.read.callables import Kind, kind_of
from martlet._engine.read.graph import Graph
from martlet._engine.read.plan import Plan
from martlet._engine.read.slot import located
from martlet._engine.run import telemetry
from martlet._engine.run.body import NotJSONError, parse_body, unreadable
from martlet._engine.run.context import endpoint_context, source_context
from martlet._engine.run.errors import FORM
from martlet._engine.run.exits import MIDDLEWARE_STACK, Exits
from martlet._engine.run.limits import form_limits
from martlet._engine.run.render import content_of
from martlet._engine.run.solve import Solving
from martlet._engine.run.stream import stream_response
from martlet._engine.run.threads import in_thread
from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.http_errors import (
    EndpointContext,
    RequestValidationError,
    ResponseValidationError,
)
from martlet._engine.words.status import is_body_allowed_for_status_code


@dataclass(frozen=True)
class Responder:
    """Answers requests of one route.

    Args:
        plan: the route.
        graph: its calls, with the overrides in force.
    """

    plan: Plan
    graph: Graph

    @cached_property
    def kind(self) -> Kind:
        """How the endpoint is called."""
        return kind_of(self.plan.endpoint)

    @cached_property
    def source(self) -> EndpointContext:
        """Where the endpoint is; looked up once, since reading source files is slow."""
        return source_context(self.plan.endpoint)

    def context(self, scope: Scope) -> EndpointContext:
        """Return where the endpoint is and how it was asked for."""
        return endpoint_context(self.source, self.plan.path_format, scope)

    async def respond(self, request: Request, solving: Solving) -> Response:
        """Return the answer to a request; the exits of `solving` stay open.

        Raises:
            RequestValidationError: the request does not fit the declaration.
            ResponseValidationError: the endpoint's return value does not.
            HTTPException: the body cannot be read.
        """
        if HOOKS.watching:
            return await telemetry.respond(self, request, solving)
        await self.read(request, solving)
        arguments = await self.solve(request, solving)
        self.check(request, solving)
        return await self.finish(arguments, request.scope, solving)

    async def read(self, request: Request, solving: Solving) -> None:
        """Read the body of the request into `solving`."""
        solving.body = await self._body(request, solving.exits)
        solving.embed = self.plan.body is not None and self.plan.body.embed

    async def solve(self, request: Request, solving: Solving) -> dict[str, Any]:  # noqa: ARG002 - see `_seams.py`
        """Return what the endpoint is called with, and leave in `solving` what was found out on the way."""
        return await solving.arguments(self.graph)

    def check(self, request: Request, solving: Solving) -> None:
        """Refuse a request that does not fit the declaration."""
        if solving.errors:
            body = None if solving.body is PydanticUndefined else solving.body
            raise RequestValidationError(solving.errors, body=body, endpoint_ctx=self.context(request.scope))

    async def finish(self, arguments: dict[str, Any], scope: Scope, solving: Solving) -> Response:
        """Call the endpoint and return the answer."""
        if self.plan.result.stream is not None:
            items = self.plan.endpoint(**arguments)
            return await self.stream(items, scope, solving.background, solving.response, solving.exits)
        value = await self.call(arguments)
        return await self.answer(value, scope, solving.background, solving.response)

    async def call(self, arguments: dict[str, Any]) -> Any:
        """Call the endpoint."""
        if HOOKS.watching:
            return await telemetry.call(self.plan.endpoint, arguments, is_coroutine=self.kind is Kind.COROUTINE)
        if self.kind is Kind.COROUTINE:
            return await self.plan.endpoint(**arguments)
        return await in_thread(self.plan.endpoint, **arguments)

    async def content(self, value: Any, scope: Scope) -> Any:
        """Return what the response class is given for a return value."""
        result = self.plan.result
        if result.field is not None and self.kind is not Kind.COROUTINE:
            # A `def` endpoint may answer with what is slow to validate: that, too, happens off the event loop.
            return await in_thread(content_of, result, value, self.context(scope))
        return content_of(result, value, self.context(scope))

    async def answer(
        self, value: Any, scope: Scope, background: BackgroundTasks | None, draft: Response | None
    ) -> Response:
        """Return the response that an endpoint's return value stands for.

        Args:
            value: the return value.
            scope: the request's, for the text of an error.
            background: the tasks to run afterwards.
            draft: what users wrote into a `response` parameter.
        """
        if isinstance(value, Response):
            if value.background is None:
                value.background = background
            return value
        result = self.plan.result
        if HOOKS.watching:
            with HOOKS.operation("serialization", self.plan.endpoint):
                content = await self.content(value, scope)
        else:
            content = await self.content(value, scope)
        options = self._options(background, draft)
        if result.explicit_class:
            response = result.response_class(content, **options)
        else:
            response = Response(content, media_type=JSONResponse.media_type, **options)
        if not is_body_allowed_for_status_code(response.status_code):
            response.body = b""
        return _merged(response, draft)

    async def stream(
        self, items: Any, scope: Scope, background: BackgroundTasks | None, draft: Response | None, exits: Exits
    ) -> Response:
        """Return the response that sends what a generator endpoint yields; arguments as for `answer`."""
        options = self._options(background, draft)
        context = self.context(scope)
        response = await stream_response(self.plan.result, self.kind, items, context, options, exits.after_answer)
        return _merged(response, draft)

    def refused(self, refusal: ValidationError, value: Any, scope: Scope) -> ResponseValidationError:
        """Return the error for a return value that is not of the declared type."""
        errors = located(refusal, ("response",))
        return ResponseValidationError(errors=errors, body=value, endpoint_ctx=self.context(scope))

    def _options(self, background: BackgroundTasks | None, draft: Response | None) -> dict[str, Any]:
        """Return what every response class takes: background tasks, and a status if one was said."""
        status = (draft.status_code if draft is not None else None) or self.plan.result.status_code
        options: dict[str, Any] = {"background": background}
        return options | {"status_code": status} if status is not None else options

    async def _body(self, request: Request, exits: Exits) -> Any:
        plan = self.plan.body
        if plan is None:
            return PydanticUndefined
        if plan.form:
            return await read_form(request, exits, self.plan.form_limits)
        try:
            return await parse_body(request, strict_content_type=plan.strict_content_type)
        except NotJSONError as refused:
            raise RequestValidationError(
                [refused.error], body=refused.text, endpoint_ctx=self.context(request.scope)
            ) from refused


async def read_form(request: Request, exits: Exits, limits: Mapping[str, int] | None) -> FormData:
    """Return the form of a request; its files are closed once everything else is done, handlers of errors included.

    Raises:
        HTTPException: 400, it is no form, or breaks a limit.
    """
    try:
        form = await request.form(**form_limits(request.scope, limits))
    except HTTPException:
        raise
    except Exception as error:
        raise unreadable(error) from error
    outermost = request.scope.get(MIDDLEWARE_STACK)
    if outermost is not None:
        outermost.push_async_callback(form.close)
        return form

    async def close(kind: Any, error: BaseException | None, trace: Any) -> None:  # noqa: ARG001 - what an exit is given
        if isinstance(error, Exception):
            request.scope[FORM] = form  # `answer_error` closes it
        else:
            await form.close()

    exits.after_answer.push_async_exit(close)
    return form


def _merged(response: Response, draft: Response | None) -> Response:
    """Return the response with the headers and cookies that users wrote into the draft."""
    if draft is not None:
        response.raw_headers.extend(draft.raw_headers)
    return response
