"""Refusing a request by the errors of its first validation, where the careful way would only find them again.

That is so for routes without dependencies and without a body: nothing of the user's runs between the validation and
the answer, and the errors come in FastAPI's order. They are told as FastAPI tells them; where the app answers by the
default handler, that answer is sent without asking it.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.types import Message, Receive, Scope, Send

from martlet._engine.run.careful import Failures, Path
from martlet._engine.run.last import LastMessage
from martlet._engine.run.render import untyped_json
from martlet._engine.run.respond import Responder
from martlet._engine.run.send import publish_route
from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.http_errors import RequestValidationError
from martlet._engine.words.types import ErrorDetails

Place = tuple[str, ...]


class Refusal:
    """Answers the requests that do not fit a route.

    Args:
        responder: the route.
        failures: what is done with exceptions.
        places: where a value stands for the validator -> where the answer says it stands.
        observed: whether something outside can look into the scope.
    """

    def __init__(
        self, responder: Responder, failures: Failures, places: Mapping[Place, Place], *, observed: bool
    ) -> None:
        self._responder = responder
        self._failures = failures
        self._places = places
        self._observed = observed

    async def __call__(self, refusal: ValidationError, scope: Scope, receive: Receive, send: Send, path: Path) -> None:  # noqa: ARG002 - ASGI
        """Answer.

        Raises:
            RequestValidationError: the answer is up to a handler of the app's.
        """
        if self._observed:
            failures = self._failures
            publish_route(scope, failures.router, failures.route, failures.endpoint, path)
            failures.prepare(scope)
        errors = [self._told(error) for error in refusal.errors(include_url=False)]
        content = self._content(errors)
        if content is None:
            raise RequestValidationError(errors, body=None, endpoint_ctx=self._responder.context(scope)) from None
        headers = [(b"content-length", b"%d" % len(content)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 422, "headers": headers})
        end: Message = {"type": "http.response.body", "body": content}
        await send(LastMessage(end) if self._observed else end)

    def _told(self, error: Any) -> ErrorDetails:
        """Return an error as FastAPI tells it."""
        place, rest = error["loc"][:2], error["loc"][2:]
        error["loc"] = (*self._places[place], *rest)
        if not rest and error["type"] == "missing":
            error["input"] = None
        return error  # type: ignore[no-any-return]  # pydantic-core's own are such

    def _content(self, errors: list[ErrorDetails]) -> bytes | None:
        """Return what the default handler would answer; None if that is not the app's, or cannot answer at once."""
        by_class, _ = self._failures.rules.handlers
        if by_class.get(RequestValidationError) is not HOOKS.answers_invalid:
            return None
        try:
            return untyped_json({"detail": [{**error, "loc": list(error["loc"])} for error in errors]})
        except (ValueError, TypeError, RecursionError):
            return None  # they quote what JSON cannot carry
