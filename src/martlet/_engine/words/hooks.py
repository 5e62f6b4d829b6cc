"""Names of the windows that the engine must see as they are at this moment, because others patch them.

A window registers a getter when it is imported; until then the default stands. Nothing in the engine imports a window.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

HANDLE: Final = "_martlet_handle"
"""The attribute of `route.app` that holds the function which makes the route's answers.

An app without it is not the one that the route has made: somebody has put another in its place.
"""


def _none(*_: object) -> None:
    return None


def _nothing_around(*_: object) -> AbstractContextManager[object]:
    return nullcontext()


@dataclass(slots=True)
class Hooks:
    """The getters.

    Args:
        ping_interval: seconds of silence after which an event stream sends a comment.
        patched: which of the functions that a request goes through were replaced, and by whom; empty for none.
        patched_handler: from a route to the function that answers its requests through the replaced functions.
        patched_solve: given a WebSocket endpoint's signature, the Solving of a connection, and the app whose overrides
            count, returns an awaitable of the endpoint's arguments if `solve_dependencies` was replaced, else None.
        watching: whether handlers tell telemetry what they do: in the whole process, once one app has a provider.
        operation: given the name of an operation and the function that does it, returns the context manager that puts a
            span around the call, for the request of the current context; called only while `watching`.
        answers_http: the handler that answers an HTTPException in an app that has none of its own for it.
        answers_invalid: likewise, for a request that does not fit.
    """

    ping_interval: Callable[[], float]
    patched: Callable[[], str]
    patched_handler: Callable[[Any], Any]
    patched_solve: Callable[[Any, Any, Any], Awaitable[dict[str, Any]] | None] = _none
    watching: bool = False
    operation: Callable[[str, Callable[..., Any]], AbstractContextManager[object]] = _nothing_around
    answers_http: Any = None
    answers_invalid: Any = None


HOOKS = Hooks(ping_interval=lambda: 15.0, patched=str, patched_handler=lambda route: route)
