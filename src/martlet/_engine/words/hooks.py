"""Names of the windows that the engine must see as they are at this moment, because others patch them.

A window registers a getter when it is imported; until then the default stands. Nothing in the engine imports a window.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Hooks:
    """The getters.

    Args:
        ping_interval: seconds of silence after which an event stream sends a comment.
        patched: whether someone has replaced one of the functions that a request goes through.
        patched_handler: from a route to the function that answers its requests through the replaced functions.
    """

    ping_interval: Callable[[], float]
    patched: Callable[[], bool]
    patched_handler: Callable[[Any], Any]


HOOKS = Hooks(ping_interval=lambda: 15.0, patched=lambda: False, patched_handler=lambda route: route)
